//! Signs that a database reads as one and the parser cuts into several, and
//! placeholders of client libraries.

use sqlparser::tokenizer::Token;

use super::words::Text;
use crate::dialect::Dialect;

impl Text {
    /// Whether the words stand together without a blank.
    fn touch(&self, at: usize, count: usize) -> bool {
        let Some(first) = self.places.get(at) else {
            return false;
        };
        (1..count).all(|step| self.places.get(at + step) == Some(&(first + step)))
    }

    /// `a <#> b` and `a <+> b` of pgvector.
    pub(crate) fn distance(&mut self, at: usize) {
        let sign = match self.token(at + 1) {
            Some(Token::Sharp) => "<#>",
            Some(Token::Plus) => "<+>",
            // The enum is the parser's.
            Some(_) | None => return,
        };
        if self.token(at + 2) == Some(&Token::Gt) && self.touch(at, 3) {
            self.put(at, vec![Token::CustomBinaryOperator(sign.to_owned())]);
            self.blank(at + 1);
            self.blank(at + 2);
        }
    }

    /// `a ** b` of DuckDB: a power.
    pub(crate) fn power(&mut self, at: usize) {
        if self.token(at + 1) == Some(&Token::Mul)
            && self.touch(at, 2)
            && self.ends_a_value(at.checked_sub(1))
            && self.begins_a_value(at + 2)
        {
            self.put(at, vec![Token::Caret]);
            self.blank(at + 1);
        }
    }

    /// `a DIV b` of MySQL and Spark.
    pub(crate) fn division(&mut self, at: usize) {
        if self.ends_a_value(at.checked_sub(1)) && self.begins_a_value(at + 1) {
            self.put(at, vec![Token::Div]);
        }
    }

    /// `a GLOB b` and `a ^@ b` of DuckDB.
    pub(crate) fn operator(&mut self, at: usize, sign: &str) {
        if self.ends_a_value(at.checked_sub(1)) && self.begins_a_value(at + 1) {
            self.put(at, vec![Token::CustomBinaryOperator(sign.to_owned())]);
        }
    }

    /// `a = %s`, `a = %(name)s` and `a = ?`, where no operator can stand.
    pub(crate) fn placeholder(&mut self, at: usize) {
        let place = match self.before(at) {
            Some(
                Token::Eq
                | Token::Neq
                | Token::Lt
                | Token::Gt
                | Token::LtEq
                | Token::GtEq
                | Token::LParen
                | Token::Comma,
            ) => true,
            Some(Token::Word(word)) if word.quote_style.is_none() => [
                "AND", "BETWEEN", "LIKE", "ILIKE", "LIMIT", "OFFSET", "SELECT",
            ]
            .iter()
            .any(|known| word.value.eq_ignore_ascii_case(known)),
            // The enum is the parser's.
            Some(_) | None => false,
        };
        if !place {
            return;
        }
        let words = if self.token(at) == Some(&Token::Question) {
            1
        } else if self.is(at + 1, "s") && self.touch(at, 2) {
            2
        } else if self.token(at + 1) == Some(&Token::LParen)
            && matches!(self.token(at + 2), Some(Token::Word(_)))
            && self.token(at + 3) == Some(&Token::RParen)
            && self.is(at + 4, "s")
            && self.touch(at, 5)
        {
            5
        } else {
            return;
        };
        self.put(at, vec![Token::Placeholder("$1".to_owned())]);
        (at + 1..at + words).for_each(|at| self.blank(at));
    }

    /// `tuple.1` of ClickHouse.
    pub(crate) fn element(&mut self, at: usize) {
        let follows = matches!(
            self.before(at),
            Some(Token::Word(_) | Token::RParen | Token::RBracket)
        );
        let Some(Token::Number(digits, long)) = self.token(at) else {
            return;
        };
        let Some(digits) = digits.strip_prefix('.').map(str::to_owned) else {
            return;
        };
        let long = *long;
        if follows
            && at
                .checked_sub(1)
                .is_some_and(|before| self.touch(before, 2))
        {
            self.put(
                at,
                vec![
                    Token::LBracket,
                    Token::Number(digits, long),
                    Token::RBracket,
                ],
            );
        }
    }

    /// `inet '10.0.0.1'`: the type before a literal says nothing of what is read.
    pub(crate) fn typed_literal(&mut self, at: usize) {
        /// Types of PostgreSQL and its extensions that the parser does not know
        /// there.
        const TYPES: [&str; 34] = [
            "BOX",
            "CIDR",
            "CIRCLE",
            "CITEXT",
            "DATEMULTIRANGE",
            "DATERANGE",
            "GEOGRAPHY",
            "GEOMETRY",
            "HALFVEC",
            "HSTORE",
            "INET",
            "INT4MULTIRANGE",
            "INT4RANGE",
            "INT8MULTIRANGE",
            "INT8RANGE",
            "JSONPATH",
            "LINE",
            "LSEG",
            "LTREE",
            "MACADDR",
            "MACADDR8",
            "MONEY",
            "NUMRANGE",
            "PATH",
            "PG_LSN",
            "POINT",
            "POLYGON",
            "REGCLASS",
            "REGPROC",
            "TSQUERY",
            "TSRANGE",
            "TSTZRANGE",
            "TSVECTOR",
            "VECTOR",
        ];

        let literal = matches!(self.token(at + 1), Some(Token::SingleQuotedString(_)));
        let known = literal && TYPES.iter().any(|name| self.is(at, name));
        if known && !self.ends_a_value(at.checked_sub(1)) {
            self.blank(at);
        }
    }

    /// The signs of the dialect.
    pub(crate) fn signs(&mut self, at: usize) {
        match (self.token(at), self.dialect) {
            (Some(Token::Lt), Dialect::Postgres | Dialect::Generic) => self.distance(at),
            (Some(Token::Mul), Dialect::Duckdb) => self.power(at),
            (Some(Token::CaretAt), Dialect::Duckdb) => self.operator(at, "^@"),
            (Some(Token::Mod | Token::Question), Dialect::Postgres) => self.placeholder(at),
            (Some(Token::Mod), Dialect::Mysql | Dialect::Sqlite) => self.placeholder(at),
            (Some(Token::Number(..)), Dialect::Clickhouse | Dialect::Generic) => self.element(at),
            // The enum is the parser's.
            (_, _) => {}
        }
    }
}
