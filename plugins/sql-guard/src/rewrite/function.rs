//! Words within the parentheses of a function, and behind them, that name and
//! call nothing.

use sqlparser::tokenizer::Token;

use super::words::{Text, keyword};

/// Units of MySQL that are made of two.
const UNITS: [&str; 11] = [
    "DAY_HOUR",
    "DAY_MICROSECOND",
    "DAY_MINUTE",
    "DAY_SECOND",
    "HOUR_MICROSECOND",
    "HOUR_MINUTE",
    "HOUR_SECOND",
    "MINUTE_MICROSECOND",
    "MINUTE_SECOND",
    "SECOND_MICROSECOND",
    "YEAR_MONTH",
];

impl Text {
    /// `max(a) KEEP (DENSE_RANK FIRST ORDER BY b)` of Oracle.
    pub(crate) fn kept_first(&mut self, at: usize) {
        let first = self.is(at + 3, "FIRST") || self.is(at + 3, "LAST");
        let kept = self.before(at) == Some(&Token::RParen)
            && self.token(at + 1) == Some(&Token::LParen)
            && self.is(at + 2, "DENSE_RANK")
            && first
            && self.is(at + 4, "ORDER");
        if kept {
            self.put(at, vec![keyword("WITHIN"), keyword("GROUP")]);
            self.blank(at + 2);
            self.blank(at + 3);
        }
    }

    /// `LISTAGG(a, ',' ON OVERFLOW TRUNCATE)`
    pub(crate) fn overflow(&mut self, at: usize) {
        let Some(on) = at.checked_sub(1).filter(|on| self.is(*on, "ON")) else {
            return;
        };
        if self.is(at + 1, "TRUNCATE") && self.token(at + 2) == Some(&Token::RParen) {
            (on..=at + 1).for_each(|at| self.blank(at));
        }
    }

    /// `CAST(a AS CHAR CHARACTER SET utf8mb4)`
    pub(crate) fn character_set(&mut self, at: usize) {
        let typed = at.checked_sub(1).is_some_and(|at| self.is(at, "CHAR"))
            || self.before(at) == Some(&Token::RParen);
        let named = self.is(at + 1, "SET")
            && matches!(self.token(at + 2), Some(Token::Word(_)))
            && self.token(at + 3) == Some(&Token::RParen);
        if typed && named {
            (at..at + 3).for_each(|at| self.blank(at));
        }
    }

    /// `WITH CONDITIONAL ARRAY WRAPPER` and `OMIT QUOTES` in `JSON_QUERY`.
    pub(crate) fn json_form(&mut self, at: usize) {
        let mut from = at;
        let mut back = |words: &[&str]| {
            let before = from.checked_sub(1);
            let fits = before.is_some_and(|at| words.iter().any(|word| self.is(at, word)));
            if let (true, Some(before)) = (fits, before) {
                from = before;
            }
            fits
        };
        let whole = if self.is(at, "QUOTES") {
            back(&["OMIT", "KEEP"])
        } else {
            back(&["ARRAY"]);
            back(&["CONDITIONAL", "UNCONDITIONAL"]);
            back(&["WITH", "WITHOUT"])
        };
        // `WITH wrapper AS (..)` is a name.
        let ends = self.token(at + 1) == Some(&Token::RParen)
            || ["OMIT", "KEEP", "NULL", "ERROR", "EMPTY"]
                .iter()
                .any(|word| self.is(at + 1, word));
        if whole && ends {
            (from..=at).for_each(|at| self.blank(at));
        }
    }

    /// `NULL ON EMPTY`, `ERROR ON ERROR`: what a function of JSON gives instead.
    pub(crate) fn json_otherwise(&mut self, at: usize) {
        let on = at.checked_sub(1).is_some_and(|at| self.is(at, "ON"));
        let literal = at.checked_sub(2).filter(|at| {
            matches!(
                self.token(*at),
                Some(Token::Number(..) | Token::SingleQuotedString(_))
            )
        });
        let default = literal
            .and_then(|at| at.checked_sub(1))
            .filter(|at| self.is(*at, "DEFAULT"));
        let instead = default.or_else(|| {
            at.checked_sub(2).filter(|at| {
                ["NULL", "ERROR", "EMPTY", "TRUE", "FALSE", "UNKNOWN"]
                    .iter()
                    .any(|word| self.is(*at, word))
            })
        });
        let within = self.token(at + 1) == Some(&Token::RParen)
            || (self.token(at + 2).is_some() && self.is(at + 2, "ON"));
        // The columns of `JSON_TABLE` have such words that the parser reads.
        let in_columns = (0..at).any(|at| self.is(at, "COLUMNS"));
        if let (true, Some(instead), true, false) = (on, instead, within, in_columns) {
            (instead..=at).for_each(|at| self.blank(at));
        }
    }

    /// `xmlserialize(CONTENT a AS text)`
    pub(crate) fn serialized(&mut self, at: usize) {
        let form = self.is(at + 2, "CONTENT") || self.is(at + 2, "DOCUMENT");
        if self.token(at + 1) == Some(&Token::LParen) && form {
            self.blank(at + 2);
            self.named_arguments(at + 1);
        }
    }

    /// `INTERVAL '1:30' MINUTE_SECOND`
    pub(crate) fn two_units_behind(&mut self, at: usize) {
        let unit = [at + 2, at + 3]
            .into_iter()
            .find(|at| UNITS.iter().any(|unit| self.is(*at, unit)));
        if let Some(unit) = unit {
            self.put(unit, vec![keyword("MINUTE")]);
        }
    }

    /// `EXTRACT(YEAR_MONTH FROM a)`: a unit made of two.
    pub(crate) fn two_units(&mut self, at: usize) {
        let two = UNITS.iter().any(|unit| self.is(at + 2, unit));
        if two && self.token(at + 1) == Some(&Token::LParen) && self.is(at + 3, "FROM") {
            self.put(at + 2, vec![keyword("MONTH")]);
        }
    }
}
