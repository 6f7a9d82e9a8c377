//! What is refused before the grammar is asked: text that two databases cut
//! into different words, and nesting that no honest statement has.

use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, Whitespace};

use crate::Refused;
use crate::settings::{Dialect, Settings};

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
    if sql.contains("/*!") || sql.contains("/*M!") || sql.contains("/*m!") {
        return Err(Refused::ExecutableComment);
    }
    let grammar = settings.dialect.grammar();
    let tokens = Tokenizer::new(grammar.as_ref(), sql)
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
    match token {
        // Some databases nest comments and some do not; `+` makes a hint.
        Token::Whitespace(Whitespace::MultiLineComment(comment))
            if comment.contains("/*") || comment.starts_with(['+', '!']) =>
        {
            return Err(Refused::ExecutableComment);
        }
        Token::Whitespace(Whitespace::SingleLineComment { comment, prefix }) => {
            let spaced = comment.is_empty() || comment.starts_with([' ', '\t', '\n', '\r']);
            if prefix == "--" && !spaced && matches!(dialect, Dialect::Generic | Dialect::Mysql) {
                return Err(Refused::Ambiguous("`--` without a space after it"));
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
        Token::Word(word) => match word.quote_style {
            None if !word.value.is_ascii() => {
                return Err(Refused::Ambiguous(
                    "a name with letters beyond ASCII and without quotes",
                ));
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
        Token::DollarQuotedString(_) if dialect != Dialect::Postgres => {
            return Err(Refused::Ambiguous("a string in dollars"));
        }
        Token::Sharp if dialect == Dialect::Generic => return Err(Refused::Ambiguous("`#`")),
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
