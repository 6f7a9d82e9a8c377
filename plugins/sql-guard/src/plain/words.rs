//! The tokens of a text that every database cuts alike; none where one may not.

use super::known::Known;
use super::part::{self, end_of, is};
use crate::dialect::Dialect;

/// A token, and how it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) sort: Sort,
    /// Of a name in quotes, what stands between them.
    pub(super) text: &'a str,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Word(Known),
    /// A name in quotes, with the sign that begins it.
    Quoted(u8),
    Text,
    Number,
    /// `$1`
    Placeholder,
    Open,
    Close,
    Comma,
    Dot,
    Star,
    /// A sign that makes a value of two.
    Operator,
    /// `=`, which some read as `AS` behind a name.
    Equal,
    /// Another sign that compares two values.
    Comparison,
    /// `+` or `-`, which may stand before a value too.
    PlusMinus,
    /// `::`
    Cast,
    Semicolon,
}

/// Words between two commas or parentheses, summed over all that are open: as the
/// parser's words are bounded.
const WORDS_OPEN_MAX: usize = 600;

pub(super) fn tokens(dialect: Dialect, sql: &str) -> Option<Vec<Token<'_>>> {
    let bytes = sql.as_bytes();
    let mut all = Vec::with_capacity(bytes.len() / 3 + 8);
    let mut nesting = Nesting::default();
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let next = bytes.get(at + 1).copied().unwrap_or_default();
        let (sort, end) = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            b'(' | b')' | b',' | b'.' | b';' => {
                let (sort, text) = mark(byte);
                all.push(Token { sort, text });
                nesting.count(sort)?;
                at += 1;
                continue;
            }
            b'-' if next == b'-' => {
                at = comment_end(bytes, at + 2)?;
                continue;
            }
            b'/' if next == b'*' => {
                at = long_comment_end(bytes, at + 2)?;
                continue;
            }
            b'$' if dialect == Dialect::Postgres => {
                (Sort::Placeholder, placeholder_end(bytes, at + 1)?)
            }
            b'a'..=b'z' | b'A'..=b'Z' => {
                let end = word_end(bytes, at);
                let is_alone = !matches!(
                    bytes.get(end),
                    Some(b'$' | b'#' | b'@' | b'\'' | b'"' | b'`' | 0x80..)
                );
                is_alone.then_some(())?;
                (Sort::Word(Known::of(bytes.get(at..end)?)?), end)
            }
            b'0'..=b'9' => {
                let end = number_end(bytes, at)?;
                all.push(Token {
                    sort: Sort::Number,
                    text: sql.get(at..end)?,
                });
                nesting.count(Sort::Number)?;
                at = match is_listed(&all) {
                    true => numbers_end(bytes, end),
                    false => end,
                };
                continue;
            }
            b'\'' => (Sort::Text, text_end(bytes, at + 1)?),
            b'"' | b'`' | b'[' => {
                let end = quoted_end(dialect, bytes, at, byte)?;
                // Quotes take the meaning from few words: `FROM "pragma_x"`, `s."NEXTVAL"`.
                Known::of(bytes.get(at + 1..end - 1)?)?;
                all.push(Token {
                    sort: Sort::Quoted(byte),
                    text: sql.get(at + 1..end - 1)?,
                });
                nesting.count(Sort::Quoted(byte))?;
                at = end;
                continue;
            }
            _ => sign(dialect, bytes, at, byte, next)?,
        };
        all.push(Token {
            sort,
            text: sql.get(at..end)?,
        });
        nesting.count(sort)?;
        at = end;
    }
    Some(all)
}

/// A mark that stands for itself.
const fn mark(byte: u8) -> (Sort, &'static str) {
    match byte {
        b'(' => (Sort::Open, "("),
        b')' => (Sort::Close, ")"),
        b',' => (Sort::Comma, ","),
        b'.' => (Sort::Dot, "."),
        _ => (Sort::Semicolon, ";"),
    }
}

/// A sign, and where it ends. One that touches another sign may be a third one.
fn sign(dialect: Dialect, bytes: &[u8], at: usize, byte: u8, next: u8) -> Option<(Sort, usize)> {
    let (sort, end) = match (byte, next) {
        (b'*', _) => (Sort::Star, at + 1),
        // What stands there in JSON.
        (b'-', b'>')
            if matches!(
                dialect,
                Dialect::Postgres | Dialect::Mysql | Dialect::Sqlite
            ) =>
        {
            let is_text = bytes.get(at + 2) == Some(&b'>');
            (Sort::Operator, at + 2 + usize::from(is_text))
        }
        (b'+' | b'-', _) => (Sort::PlusMinus, at + 1),
        (b'<', b'=' | b'>') | (b'>' | b'!', b'=') => (Sort::Comparison, at + 2),
        (b'|', b'|') if dialect != Dialect::Mysql => (Sort::Operator, at + 2),
        (b':', b':')
            if matches!(
                dialect,
                Dialect::Postgres | Dialect::Duckdb | Dialect::Snowflake
            ) =>
        {
            (Sort::Cast, at + 2)
        }
        (b'/' | b'%', _) => (Sort::Operator, at + 1),
        (b'=', _) => (Sort::Equal, at + 1),
        (b'<' | b'>', _) => (Sort::Comparison, at + 1),
        _ => return None,
    };
    let touches = matches!(
        bytes.get(end),
        Some(
            b'<' | b'>'
                | b'='
                | b'!'
                | b'|'
                | b'&'
                | b'%'
                | b'*'
                | b'/'
                | b'+'
                | b'-'
                | b':'
                | b'?'
                | b'.'
                | b'@'
                | b'#'
                | b'^'
                | b'~'
                | b'\\'
        )
    );
    (!touches).then_some((sort, end))
}

fn word_end(bytes: &[u8], at: usize) -> usize {
    end_of(part::WORD, bytes, at)
}

fn digits_end(bytes: &[u8], at: usize) -> usize {
    end_of(part::DIGIT, bytes, at)
}

/// `12`, `1.5`, `1.5e-3`.
fn number_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = digits_end(bytes, at);
    if bytes.get(end) == Some(&b'.') {
        let from = end + 1;
        end = digits_end(bytes, from);
        (end > from).then_some(())?;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let from = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        end = digits_end(bytes, from);
        (end > from).then_some(())?;
    }
    let is_joined = bytes.get(end).is_some_and(|byte| is(part::JOINED, *byte));
    (!is_joined).then_some(end)
}

/// Whether two numbers in a row were read, with a comma between them.
fn is_listed(tokens: &[Token<'_>]) -> bool {
    matches!(
        tokens,
        [.., one, between, other]
            if matches!(one.sort, Sort::Number)
                && matches!(between.sort, Sort::Comma)
                && matches!(other.sort, Sort::Number)
    )
}

/// Behind further numbers of a list, each with the comma before it: how many stand between
/// the first two and the last one says nothing.
fn numbers_end(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at) == Some(&b',') {
        let mut begin = at + 1;
        while matches!(bytes.get(begin), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            begin += 1;
        }
        let end = digits_end(bytes, begin);
        if end == begin || bytes.get(end) != Some(&b',') {
            break;
        }
        at = end;
    }
    at
}

/// Behind the text that begins here. A backslash escapes for some.
fn text_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = end_of(part::TEXT, bytes, at);
        match bytes.get(at)? {
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' => return Some(at + 1),
            b'\\' | 0x7f => return None,
            b'/' if bytes.get(at + 1) == Some(&b'*') => return None,
            // Control characters beyond ASCII.
            0xc2 if matches!(bytes.get(at + 1), Some(0x80..=0x9f)) => return None,
            b'\t' | b'\n' | b'\r' | b' '.. => at += 1,
            _ => return None,
        }
    }
}

/// Behind a name in quotes, of letters, digits and blanks.
fn quoted_end(dialect: Dialect, bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let is_name = match dialect {
        Dialect::Postgres
        | Dialect::Duckdb
        | Dialect::Oracle
        | Dialect::Snowflake
        | Dialect::Sqlite => quote == b'"',
        Dialect::Mssql => quote != b'`',
        Dialect::Mysql | Dialect::Clickhouse | Dialect::Bigquery => quote == b'`',
        Dialect::Generic => false,
    };
    let begins = bytes
        .get(at + 1)
        .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    (is_name && begins).then_some(())?;
    let mut end = at + 1;
    while bytes
        .get(end)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b' '))
    {
        end += 1;
    }
    let quote = if quote == b'[' { b']' } else { quote };
    let closes = bytes.get(end) == Some(&quote) && bytes.get(end + 1) != Some(&quote);
    closes.then_some(end + 1)
}

/// The end of the line of a comment. Without a blank before it, it is none for some.
fn comment_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n')).then_some(())?;
    loop {
        match bytes.get(at) {
            None => return Some(at),
            Some(b'\n') => return Some(at + 1),
            Some(b'/') if bytes.get(at + 1) == Some(&b'*') => return None,
            Some(b'\t' | b' '..=b'~') => at += 1,
            Some(_) => return None,
        }
    }
}

/// Behind a comment in stars: no hint, nothing that is executed, no other one in it.
fn long_comment_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'*')).then_some(())?;
    loop {
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'*', Some(b'/')) => return Some(at + 2),
            (b'/', Some(b'*')) => return None,
            (b'\t' | b'\n' | b' '..=b'~', _) => at += 1,
            (_, _) => return None,
        }
    }
}

/// Behind the digits of `$1`, which no letter follows.
fn placeholder_end(bytes: &[u8], at: usize) -> Option<usize> {
    let end = digits_end(bytes, at);
    let is_alone = end > at && word_end(bytes, end) == end;
    (is_alone && !matches!(bytes.get(end), Some(b'$' | 0x80..))).then_some(end)
}

#[derive(Default)]
struct Nesting {
    open: Vec<usize>,
    outer: usize,
    here: usize,
}

impl Nesting {
    #[inline]
    fn count(&mut self, sort: Sort) -> Option<()> {
        match sort {
            Sort::Open => {
                self.open.push(self.here);
                self.outer += self.here + 1;
                self.here = 0;
            }
            Sort::Close => {
                self.here = self.open.pop()? + 1;
                self.outer = self.outer.saturating_sub(self.here);
            }
            Sort::Comma => {
                self.here = 0;
                return Some(());
            }
            Sort::Word(_)
            | Sort::Quoted(_)
            | Sort::Text
            | Sort::Number
            | Sort::Placeholder
            | Sort::Dot
            | Sort::Star
            | Sort::Operator
            | Sort::Equal
            | Sort::Comparison
            | Sort::PlusMinus
            | Sort::Cast
            | Sort::Semicolon => self.here += 1,
        }
        (self.outer + self.here <= WORDS_OPEN_MAX).then_some(())
    }
}
