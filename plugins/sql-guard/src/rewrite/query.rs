//! Clauses of a query that some databases have beside the ones of the parser.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Word};

use super::words::{Text, keyword};
use crate::dialect::Dialect;

impl Text {
    /// `GROUP BY DISTINCT ROLLUP (a), ROLLUP (b)`
    pub(crate) fn group_by_distinct(&mut self, at: usize) {
        let grouped = at
            .checked_sub(2)
            .is_some_and(|at| self.are(at, &["GROUP", "BY"]));
        if grouped {
            self.blank(at);
        }
    }

    /// `GROUP BY GROUPING SETS ((a), ())` of T-SQL, as a call that lists columns.
    pub(crate) fn grouping_sets(&mut self, at: usize) {
        if self.dialect != Dialect::Mssql
            || !self.is(at + 1, "SETS")
            || self.token(at + 2) != Some(&Token::LParen)
        {
            return;
        }
        let Some(end) = self.closing(at + 2) else {
            return;
        };
        for open in at + 3..end {
            let empty = self.token(open) == Some(&Token::LParen)
                && self.token(open + 1) == Some(&Token::RParen);
            if empty {
                self.put(open, vec![Token::Number("1".to_owned(), false)]);
                self.blank(open + 1);
            }
        }
        self.put(at, vec![name("rollup")]);
        self.blank(at + 1);
    }

    /// `FROM ONLY (t)`
    pub(crate) fn only_in_parentheses(&mut self, at: usize) {
        let in_from = match self.before(at) {
            Some(Token::Comma) => true,
            Some(Token::Word(word)) => matches!(
                word.keyword,
                Keyword::FROM | Keyword::JOIN | Keyword::UPDATE | Keyword::TABLE
            ),
            // The enum is the parser's.
            Some(_) | None => false,
        };
        let Some(end) = self
            .closing(at + 1)
            .filter(|_| self.token(at + 1) == Some(&Token::LParen))
        else {
            return;
        };
        let named =
            (at + 2..end).all(|at| matches!(self.token(at), Some(Token::Word(_) | Token::Period)));
        if in_from && named {
            for place in [at, at + 1, end] {
                self.blank(place);
            }
        }
    }

    /// `WITH a AS NOT MATERIALIZED (..)`
    pub(crate) fn materialized(&mut self, at: usize) {
        let not = at.checked_sub(1).filter(|before| self.is(*before, "NOT"));
        let from = not.unwrap_or(at);
        let named = from.checked_sub(1).is_some_and(|at| self.is(at, "AS"));
        if named && self.token(at + 1) == Some(&Token::LParen) {
            (from..=at).for_each(|at| self.blank(at));
        }
    }

    /// `FROM t (NOLOCK)`, an old spelling of `WITH (NOLOCK)`.
    pub(crate) fn old_hint(&mut self, at: usize) {
        let Some(open) = at.checked_sub(1) else {
            return;
        };
        let alone =
            self.token(open) == Some(&Token::LParen) && self.token(at + 1) == Some(&Token::RParen);
        let behind_a_table = match self.before(open) {
            Some(Token::Word(word)) => word.keyword != Keyword::WITH,
            // The enum is the parser's.
            Some(_) | None => false,
        };
        if alone && behind_a_table {
            (open..=at + 1).for_each(|at| self.blank(at));
        }
    }

    /// `JOIN u USING (id) AS x`: the name stands for the joined columns.
    pub(crate) fn joined_columns(&mut self, at: usize) {
        let Some(end) = self
            .closing(at + 1)
            .filter(|_| self.token(at + 1) == Some(&Token::LParen))
        else {
            return;
        };
        let columns = (at + 2..end).all(|place| match (place - at) % 2 {
            0 => matches!(self.token(place), Some(Token::Word(_))),
            _ => self.token(place) == Some(&Token::Comma),
        });
        if columns && self.is(end + 1, "AS") && matches!(self.token(end + 2), Some(Token::Word(_)))
        {
            self.blank(end + 1);
            self.blank(end + 2);
        }
    }

    /// `LIMIT 2 BY a LIMIT 10` of ClickHouse: the first bounds each group.
    pub(crate) fn limit_by(&mut self, at: usize) {
        let number = matches!(self.token(at + 1), Some(Token::Number(..)));
        if !number || !self.is(at + 2, "BY") {
            return;
        }
        let mut end = at + 3;
        while matches!(
            self.token(end),
            Some(Token::Word(word)) if word.keyword != Keyword::LIMIT
        ) || matches!(self.token(end), Some(Token::Comma | Token::Period))
        {
            end += 1;
        }
        if end > at + 3 && self.is(end, "LIMIT") {
            (at..end).for_each(|at| self.blank(at));
        }
    }

    /// `WITH 5 AS x SELECT x` of ClickHouse: a value with a name. It becomes a
    /// query with a name that nobody can write, so that it hides no table.
    pub(crate) fn named_values(&mut self, at: usize) {
        let begins = match self.before(at) {
            None | Some(Token::LParen) => true,
            Some(Token::Word(word)) => ["EXPLAIN", "PLAN", "PIPELINE", "SYNTAX", "ESTIMATE"]
                .iter()
                .any(|known| word.value.eq_ignore_ascii_case(known)),
            // The enum is the parser's.
            Some(_) => false,
        };
        let mut here = at + 1;
        if !begins || self.is(here, "RECURSIVE") {
            return;
        }
        loop {
            let named_query = matches!(self.token(here), Some(Token::Word(_)))
                && self.is(here + 1, "AS")
                && self.token(here + 2) == Some(&Token::LParen);
            let end = if named_query {
                self.closing(here + 2)
            } else {
                self.named_value(here)
            };
            match end {
                Some(end) if self.token(end + 1) == Some(&Token::Comma) => here = end + 2,
                Some(_) | None => return,
            }
        }
    }

    fn named_value(&mut self, from: usize) -> Option<usize> {
        let mut depth = 0usize;
        let mut here = from;
        let end = loop {
            match self.token(here)? {
                Token::LParen | Token::LBracket => depth += 1,
                Token::RParen | Token::RBracket => depth = depth.checked_sub(1)?,
                Token::SemiColon | Token::EOF => return None,
                Token::Comma if depth == 0 => return None,
                // The enum is the parser's.
                _ if depth == 0 && self.is(here, "AS") => break here,
                _ => {}
            }
            here += 1;
        };
        let first = self.token(from)?.clone();
        let named = matches!(self.token(end + 1), Some(Token::Word(_)))
            && !self.is(end + 1, "MATERIALIZED")
            && !self.is(end + 1, "NOT");
        if end == from || !named {
            return None;
        }
        self.put(
            from,
            vec![
                Token::Word(Word {
                    value: format!("\u{1}{from}"),
                    quote_style: Some('"'),
                    keyword: Keyword::NoKeyword,
                }),
                keyword("AS"),
                Token::LParen,
                keyword("SELECT"),
                first,
            ],
        );
        self.put(end, vec![Token::RParen]);
        self.blank(end + 1);
        Some(end + 1)
    }

    /// `PARSE(a AS int USING 'en-US')` of T-SQL.
    pub(crate) fn parse_as(&mut self, at: usize, first: &str) {
        let Some(end) = self
            .closing(at + 1)
            .filter(|_| self.token(at + 1) == Some(&Token::LParen))
        else {
            return;
        };
        let cast = if first == "PARSE" { "CAST" } else { "TRY_CAST" };
        self.put(at, vec![keyword(cast)]);
        let culture = end.checked_sub(2).filter(|at| self.is(*at, "USING"));
        let literal = end
            .checked_sub(1)
            .and_then(|at| self.token(at))
            .is_some_and(|token| matches!(token, Token::SingleQuotedString(_)));
        if let (Some(culture), true) = (culture, literal) {
            self.blank(culture);
            self.blank(culture + 1);
        }
    }

    /// `a IS DOCUMENT`
    pub(crate) fn is_document(&mut self, at: usize) {
        let is = at.checked_sub(1).is_some_and(|at| self.is(at, "IS"));
        let is_not = at
            .checked_sub(2)
            .is_some_and(|at| self.are(at, &["IS", "NOT"]));
        if is {
            self.put(at, vec![keyword("NOT"), keyword("NULL")]);
        } else if is_not {
            self.put(at, vec![keyword("NULL")]);
        }
    }

    /// `TABLESAMPLE 10%` of DuckDB.
    pub(crate) fn sample(&mut self, at: usize) {
        let number = matches!(self.token(at + 1), Some(Token::Number(..)));
        if number && self.token(at + 2) == Some(&Token::Mod) {
            (at..at + 3).for_each(|at| self.blank(at));
        }
    }
}

fn name(text: &str) -> Token {
    Token::Word(Word {
        value: text.to_owned(),
        quote_style: None,
        keyword: Keyword::NoKeyword,
    })
}
