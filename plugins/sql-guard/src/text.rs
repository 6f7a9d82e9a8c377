//! What is refused before the grammar is asked: text that two databases cut
//! into different words, and nesting that no honest statement has.

use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, Whitespace};

use crate::dialect::Dialect;
use crate::hints;
use crate::refused::Refused;
use crate::settings::Settings;

/// Words between two commas or parentheses, summed over all open parentheses.
/// A statement's tree is never deeper than this, so its walk has a bound.
const WORDS_OPEN_MAX: usize = 600;

/// The words of a statement.
pub(crate) fn tokens(settings: &Settings, sql: &str) -> Result<Vec<TokenWithSpan>, Refused> {
    if sql.len() > settings.sql_bytes_max {
        return Err(Refused::TooLong);
    }
    if sql
        .chars()
        .any(|letter| letter.is_control() && !matches!(letter, '\t' | '\n' | '\r'))
    {
        return Err(Refused::Control);
    }
    let comments = sql.contains("/*");
    if comments && (sql.contains("/*!") || sql.contains("/*M!") || sql.contains("/*m!")) {
        return Err(Refused::ExecutableComment);
    }
    let tokens = Tokenizer::new(settings.dialect.grammar(), sql)
        .tokenize_with_location()
        .map_err(|error| {
            Refused::Unreadable(format!(
                "{} at line {}, column {}",
                error.message, error.location.line, error.location.column
            ))
        })?;
    for token in &tokens {
        unambiguous(&token.token, settings.dialect)?;
    }
    nesting(&tokens)?;
    Ok(tokens)
}

fn unambiguous(token: &Token, dialect: Dialect) -> Result<(), Refused> {
    // Some databases read nothing behind it on its line.
    if dialect == Dialect::Generic && has_hash(token) {
        return Err(Refused::Ambiguous("`#`"));
    }
    match token {
        // Some databases nest comments and some do not; `+` makes a hint.
        Token::Whitespace(Whitespace::MultiLineComment(comment))
            if comment.contains("/*") || comment.starts_with('!') =>
        {
            return Err(Refused::ExecutableComment);
        }
        Token::Whitespace(Whitespace::MultiLineComment(comment)) => {
            if let Some(hint) = comment.strip_prefix('+') {
                hints::harmless(hint)?;
            }
        }
        Token::Whitespace(Whitespace::SingleLineComment { comment, prefix }) => {
            if let Some(hint) = comment.strip_prefix('+') {
                hints::harmless(hint)?;
            }
            let spaced = comment.is_empty() || comment.starts_with([' ', '\t', '\n', '\r']);
            if prefix == "--" && !spaced && matches!(dialect, Dialect::Generic | Dialect::Mysql) {
                return Err(Refused::Ambiguous("`--` without a space after it"));
            }
            // The tokenizer takes `#` for a comment there, the database does not.
            if prefix == "#" && dialect == Dialect::Snowflake {
                return Err(Refused::Ambiguous("`#`"));
            }
            // A bare carriage return ends a line for some readers only.
            if comment.trim_end_matches(['\r', '\n']).contains('\r') {
                return Err(Refused::Ambiguous("a carriage return in a comment"));
            }
        }
        Token::SingleQuotedString(text)
        | Token::DoubleQuotedString(text)
        | Token::NationalStringLiteral(text)
            if dialect == Dialect::Generic && text.contains('\\') =>
        {
            return Err(Refused::Ambiguous("a backslash in a string"));
        }
        Token::TripleSingleQuotedString(_)
        | Token::TripleDoubleQuotedString(_)
        | Token::QuoteDelimitedStringLiteral(_)
        | Token::NationalQuoteDelimitedStringLiteral(_)
            if dialect == Dialect::Generic =>
        {
            return Err(Refused::Ambiguous("this way to quote a string"));
        }
        Token::Word(word) => match word.quote_style {
            None if !word.value.chars().all(is_plain) => {
                return Err(Refused::Ambiguous("this name without quotes"));
            }
            Some(_) if dialect == Dialect::Generic && word.value.contains('\\') => {
                return Err(Refused::Ambiguous("a backslash in a quoted name"));
            }
            None | Some(_) => {}
        },
        Token::Char(letter) => {
            return Err(Refused::Unreadable(format!(
                "the character U+{:04X} is no SQL",
                u32::from(*letter)
            )));
        }
        Token::DollarQuotedString(_) if !dialect.has_dollar_strings() => {
            return Err(Refused::Ambiguous("a string in dollars"));
        }
        Token::StringConcat if dialect == Dialect::Mysql => {
            return Err(Refused::Ambiguous(
                "`||`, which is OR for some; write OR or CONCAT",
            ));
        }
        // The other tokens have one reading. The enum is the parser's.
        _ => {}
    }
    Ok(())
}

/// Whether the word has a `#` that stands in no quotes.
fn has_hash(token: &Token) -> bool {
    match token {
        Token::Sharp
        | Token::DoubleSharp
        | Token::HashArrow
        | Token::HashLongArrow
        | Token::HashMinus
        | Token::QuestionMarkSharp => true,
        Token::Word(word) => word.quote_style.is_none() && word.value.contains('#'),
        Token::Placeholder(text) | Token::CustomBinaryOperator(text) => text.contains('#'),
        // The enum is the parser's.
        _ => false,
    }
}

/// Whether every reader takes the letter for a part of a name and for itself:
/// no blanks, no hidden signs, no full-width or mathematical twins of ASCII.
fn is_plain(letter: char) -> bool {
    const TWINS: [std::ops::RangeInclusive<char>; 4] = [
        '\u{2070}'..='\u{209f}',
        '\u{2100}'..='\u{218f}',
        '\u{ff00}'..='\u{ffef}',
        '\u{1d400}'..='\u{1f2ff}',
    ];
    /// Vowel signs and marks of scripts that need them, which are no letters.
    const MARKS: [std::ops::RangeInclusive<char>; 6] = [
        '\u{300}'..='\u{36f}',
        '\u{591}'..='\u{5c7}',
        '\u{64b}'..='\u{65f}',
        '\u{900}'..='\u{109f}',
        '\u{1780}'..='\u{17d3}',
        '\u{3099}'..='\u{309a}',
    ];
    let among = |ranges: &[std::ops::RangeInclusive<char>]| {
        ranges.iter().any(|range| range.contains(&letter))
    };
    letter.is_ascii() || ((letter.is_alphanumeric() || among(&MARKS)) && !among(&TWINS))
}

fn nesting(tokens: &[TokenWithSpan]) -> Result<(), Refused> {
    let mut open: Vec<usize> = Vec::new();
    let mut outer = 0;
    let mut here = 0;
    for token in tokens {
        match &token.token {
            Token::Whitespace(_) => continue,
            Token::LParen | Token::LBracket | Token::LBrace => {
                open.push(here);
                outer += here + 1;
                here = 0;
            }
            Token::RParen | Token::RBracket | Token::RBrace => {
                here = open.pop().unwrap_or_default() + 1;
                outer = outer.saturating_sub(here);
            }
            Token::Comma => here = 0,
            // The enum is the parser's.
            _ => here += 1,
        }
        if outer + here > WORDS_OPEN_MAX {
            return Err(Refused::TooNested);
        }
    }
    Ok(())
}
