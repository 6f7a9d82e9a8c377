//! Types within angle brackets. They are taken out, so that what stands in them must be
//! a type in any database: in `array < f(1) > [b]`, SQLite calls `f`.

use sqlparser::tokenizer::Token;

use super::words::Text;

/// Longer types nobody writes out.
const TOKENS_MAX: usize = 64;

/// Types that hold others.
const HOLDERS: [&str; 4] = ["ARRAY", "STRUCT", "MAP", "RANGE"];

/// Types that may have a size.
const SIZED: [&str; 8] = [
    "BIGDECIMAL",
    "BIGNUMERIC",
    "BYTES",
    "CHAR",
    "DECIMAL",
    "NUMERIC",
    "STRING",
    "VARCHAR",
];

/// The others.
const PLAIN: [&str; 24] = [
    "BIGINT",
    "BINARY",
    "BOOL",
    "BOOLEAN",
    "BYTE",
    "BYTEINT",
    "DATE",
    "DATETIME",
    "DOUBLE",
    "FLOAT",
    "FLOAT64",
    "GEOGRAPHY",
    "INT",
    "INT64",
    "INTEGER",
    "INTERVAL",
    "JSON",
    "LONG",
    "REAL",
    "SHORT",
    "SMALLINT",
    "TIME",
    "TIMESTAMP",
    "TINYINT",
];

impl Text {
    /// `ARRAY<STRUCT<a INT64>>[..]`: the type says nothing of what is read.
    pub(crate) fn typed_array(&mut self, at: usize) {
        let end = self.end_of_types(at + 1);
        if let Some(end) = end.filter(|end| self.token(end + 1) == Some(&Token::LBracket)) {
            (at + 1..=end).for_each(|at| self.blank(at));
        }
    }

    /// Whether two signs close what stands in types: `CAST(a AS ARRAY<STRUCT<b INT64>>)`.
    pub(crate) fn closes_types(&self, at: usize) -> bool {
        let begins = |place: &usize| {
            self.token(*place + 1) == Some(&Token::Lt) && self.is_one_of(*place, &HOLDERS)
        };
        self.token(at) == Some(&Token::ShiftRight)
            && (0..at)
                .rev()
                .take(TOKENS_MAX)
                .filter(begins)
                .any(|place| self.end_of_types(place + 1) == Some(at))
    }

    /// The last sign of `<STRUCT<a INT64>>`.
    fn end_of_types(&self, begin: usize) -> Option<usize> {
        let mut open = 0usize;
        let mut place = begin;
        while place < begin + TOKENS_MAX {
            match self.token(place)? {
                Token::Lt => open += 1,
                Token::Gt => open = open.checked_sub(1)?,
                Token::ShiftRight => open = open.checked_sub(2)?,
                Token::Comma => {}
                Token::Word(_) => place = self.end_of_type(place)?,
                // The enum is the parser's.
                _ => return None,
            }
            if open == 0 {
                return Some(place);
            }
            place += 1;
        }
        None
    }

    /// The last sign of `INT64`, `a INT64`, `NUMERIC(10, 2)`, and of `a ARRAY` in
    /// `a ARRAY<..>`.
    fn end_of_type(&self, at: usize) -> Option<usize> {
        let is_field = matches!(self.token(at + 1), Some(Token::Word(_)));
        let name = at + usize::from(is_field);
        let has_size = self.token(name + 1) == Some(&Token::LParen);
        let holds = self.token(name + 1) == Some(&Token::Lt);
        match (holds, has_size) {
            (true, _) => self.is_one_of(name, &HOLDERS).then_some(name),
            (false, true) => {
                let end = self.end_of_size(name + 2)?;
                self.is_one_of(name, &SIZED).then_some(end)
            }
            (false, false) => {
                let is_type = self.is_one_of(name, &PLAIN) || self.is_one_of(name, &SIZED);
                is_type.then_some(name)
            }
        }
    }

    /// The parenthesis behind `10, 2`.
    fn end_of_size(&self, begin: usize) -> Option<usize> {
        let is_number =
            |at: &usize| matches!(self.token(*at), Some(Token::Number(..) | Token::Comma));
        let end = begin + (begin..).take(TOKENS_MAX).take_while(is_number).count();
        (end > begin && self.token(end) == Some(&Token::RParen)).then_some(end)
    }

    fn is_one_of(&self, at: usize, names: &[&str]) -> bool {
        names.iter().any(|name| self.is(at, name))
    }
}
