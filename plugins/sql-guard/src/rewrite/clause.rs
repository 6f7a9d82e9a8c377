//! Clauses of a query that change nothing of what it reads.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::Token;

use super::words::{Text, keyword};
use crate::dialect::Dialect;

impl Text {
    /// `TABLE t` as a query.
    pub(crate) fn table_query(&mut self, at: usize) {
        let begins = match self.before(at) {
            None | Some(Token::LParen) => true,
            Some(Token::Word(word)) => matches!(
                word.keyword,
                Keyword::UNION
                    | Keyword::ALL
                    | Keyword::EXCEPT
                    | Keyword::INTERSECT
                    | Keyword::EXPLAIN
                    | Keyword::ANALYZE
            ),
            // The enum is the parser's.
            Some(_) => false,
        };
        let named = matches!(self.token(at + 1), Some(Token::Word(_)));
        if begins && named {
            self.put(at, vec![keyword("SELECT"), Token::Mul, keyword("FROM")]);
        }
    }

    /// `ROWS BETWEEN .. AND CURRENT ROW EXCLUDE TIES`
    pub(crate) fn frame_exclusion(&mut self, at: usize) {
        let in_frame = at.checked_sub(1).is_some_and(|at| {
            ["ROW", "PRECEDING", "FOLLOWING"]
                .iter()
                .any(|word| self.is(at, word))
        });
        let words = if self.are(at + 1, &["CURRENT", "ROW"]) || self.are(at + 1, &["NO", "OTHERS"])
        {
            3
        } else if self.is(at + 1, "GROUP") || self.is(at + 1, "TIES") {
            2
        } else {
            0
        };
        if in_frame {
            (at..at + words).for_each(|at| self.blank(at));
        }
    }

    /// `RANGE BETWEEN '1 day'::interval PRECEDING AND ..`
    pub(crate) fn frame_bound(&mut self, at: usize) {
        let Some(literal) = at.checked_sub(3) else {
            return;
        };
        let is_cast = self.token(literal + 1) == Some(&Token::DoubleColon)
            && self.is(literal + 2, "INTERVAL");
        if let (true, Some(text @ Token::SingleQuotedString(_))) = (is_cast, self.token(literal)) {
            let text = text.clone();
            self.put(literal, vec![keyword("INTERVAL"), text]);
            self.blank(literal + 1);
            self.blank(literal + 2);
        }
    }

    /// `SELECT 1 FORMAT JSON` of ClickHouse: how the answer is written.
    pub(crate) fn output_format(&mut self, at: usize) {
        let ends = matches!(
            self.token(at + 2),
            None | Some(Token::SemiColon | Token::EOF)
        );
        let named =
            matches!(self.token(at + 1), Some(Token::Word(word)) if word.quote_style.is_none());
        if ends && named && self.ends_a_value(at.checked_sub(1)) {
            self.blank(at);
            self.blank(at + 1);
        }
    }

    /// `SEARCH DEPTH FIRST BY a, b SET c` and `CYCLE a SET b USING c` behind the
    /// query of a `WITH` name.
    pub(crate) fn recursion(&mut self, at: usize) {
        let names = |from: usize| {
            let mut place = from;
            while matches!(self.token(place), Some(Token::Word(_)))
                && self.token(place + 1) == Some(&Token::Comma)
            {
                place += 2;
            }
            matches!(self.token(place), Some(Token::Word(_))).then_some(place + 1)
        };
        let literal = |at: usize| match self.token(at) {
            Some(Token::SingleQuotedString(_) | Token::Number(..)) => true,
            Some(Token::Word(word)) => {
                matches!(word.keyword, Keyword::TRUE | Keyword::FALSE)
            }
            // The enum is the parser's.
            Some(_) | None => false,
        };
        let end = if self.is(at, "SEARCH") {
            let by = self.is(at + 1, "BREADTH") || self.is(at + 1, "DEPTH");
            (by && self.are(at + 2, &["FIRST", "BY"]))
                .then(|| names(at + 4))
                .flatten()
                .filter(|end| self.is(*end, "SET"))
                .map(|end| end + 2)
        } else {
            names(at + 1).filter(|end| self.is(*end, "SET")).map(|end| {
                let mut end = end + 2;
                if self.is(end, "TO")
                    && literal(end + 1)
                    && self.is(end + 2, "DEFAULT")
                    && literal(end + 3)
                {
                    end += 4;
                }
                if self.is(end, "USING") { end + 2 } else { end }
            })
        };
        if let Some(end) = end {
            (at..end).for_each(|at| self.blank(at));
            // Both may stand there, one behind the other.
            if self.is(at, "SEARCH") && self.is(end, "CYCLE") {
                self.recursion(end);
            }
        }
    }

    /// `ROWS FROM (f(1), g(2))`
    pub(crate) fn rows_from(&mut self, at: usize) {
        let in_from = match self.before(at) {
            Some(Token::Comma | Token::LParen) => true,
            Some(Token::Word(word)) => matches!(
                word.keyword,
                Keyword::FROM | Keyword::JOIN | Keyword::LATERAL
            ),
            // The enum is the parser's.
            Some(_) | None => false,
        };
        if !in_from || self.token(at + 2) != Some(&Token::LParen) {
            return;
        }
        if let Some(end) = self.closing(at + 2) {
            for place in [at, at + 1, at + 2, end] {
                self.blank(place);
            }
        }
    }

    /// `FOR SYSTEM_TIME ALL`, `FOR VERSION AS OF 5`: which rows of the history.
    pub(crate) fn time_travel(&mut self, at: usize) {
        let words = if self.are(at + 1, &["SYSTEM_TIME", "ALL"]) {
            3
        } else if self.is(at + 1, "SYSTEM_TIME")
            && ((self.is(at + 2, "BETWEEN") && self.is(at + 4, "AND"))
                || (self.is(at + 2, "FROM") && self.is(at + 4, "TO")))
            && self.is_literal(at + 3)
            && self.is_literal(at + 5)
        {
            6
        } else if self.dialect == Dialect::Mysql
            && self.are(at + 1, &["SYSTEM_TIME", "AS", "OF"])
            && self.is_literal(at + 4)
        {
            5
        } else {
            let version = ["VERSION", "SYSTEM_VERSION", "TIMESTAMP"]
                .iter()
                .any(|word| self.is(at + 1, word));
            if version && self.are(at + 2, &["AS", "OF"]) && self.is_literal(at + 4) {
                5
            } else {
                0
            }
        };
        let behind_a_table = matches!(self.before(at), Some(Token::Word(_)));
        if behind_a_table {
            (at..at + words).for_each(|at| self.blank(at));
        }
    }

    fn is_literal(&self, at: usize) -> bool {
        matches!(
            self.token(at),
            Some(Token::Number(..) | Token::SingleQuotedString(_))
        )
    }

    /// `FROM t PARTITION (p)` of Oracle.
    pub(crate) fn partition_of(&mut self, at: usize) {
        let behind_a_table = matches!(self.before(at), Some(Token::Word(_)));
        let named = self.token(at + 1) == Some(&Token::LParen)
            && matches!(self.token(at + 2), Some(Token::Word(_)))
            && self.token(at + 3) == Some(&Token::RParen);
        if behind_a_table && named {
            (at..at + 4).for_each(|at| self.blank(at));
        }
    }

    /// `USING SAMPLE 10%` of DuckDB, and `JOIN t USING id` of ClickHouse.
    pub(crate) fn using(&mut self, at: usize) {
        let samples =
            matches!(self.dialect, Dialect::Duckdb | Dialect::Generic) && self.is(at + 1, "SAMPLE");
        // `USING SAMPLE reservoir(50 ROWS)`
        let by_method = samples
            && matches!(self.token(at + 2), Some(Token::Word(_)))
            && self.token(at + 3) == Some(&Token::LParen)
            && matches!(self.token(at + 4), Some(Token::Number(..)))
            && (self.is(at + 5, "ROWS")
                || self.is(at + 5, "PERCENT")
                || self.token(at + 5) == Some(&Token::Mod))
            && self.token(at + 6) == Some(&Token::RParen);
        let sample = samples && matches!(self.token(at + 2), Some(Token::Number(..)));
        if by_method {
            (at..at + 7).for_each(|at| self.blank(at));
        } else if sample {
            let unit = self.token(at + 3) == Some(&Token::Mod)
                || self.is(at + 3, "PERCENT")
                || self.is(at + 3, "ROWS");
            (at..at + 3 + usize::from(unit)).for_each(|at| self.blank(at));
        } else if self.dialect == Dialect::Mysql
            && self.token(at + 2) == Some(&Token::RParen)
            && matches!(self.before(at), Some(Token::Number(..)))
        {
            // `CHAR(65 USING utf8mb4)`: how its bytes are read.
            self.blank(at);
            self.blank(at + 1);
        } else if self.dialect == Dialect::Postgres && self.is_joined(at) {
            self.joined_columns(at);
        } else if (self.dialect == Dialect::Clickhouse
            || (self.dialect == Dialect::Generic && self.is_joined(at)))
            && self.token(at + 2) != Some(&Token::Comma)
            && let Some(column @ Token::Word(_)) = self.token(at + 1)
        {
            let columns = vec![Token::LParen, column.clone(), Token::RParen];
            self.put(at + 1, columns);
        }
    }

    /// `JOIN t USING`, `JOIN t x USING`, `JOIN a.t USING`
    fn is_joined(&self, at: usize) -> bool {
        (2..=4).any(|back| at.checked_sub(back).is_some_and(|at| self.is(at, "JOIN")))
    }

    /// `a IN t`, which SQLite reads as `a IN (SELECT * FROM t)`.
    pub(crate) fn in_table(&mut self, at: usize) {
        let name = |at: usize| matches!(self.token(at), Some(Token::Word(_)));
        let last = if name(at + 1) && self.token(at + 2) == Some(&Token::Period) && name(at + 3) {
            at + 3
        } else {
            at + 1
        };
        let called = self.token(last + 1) == Some(&Token::LParen);
        let Some(table) = self.token(last).filter(|_| name(last) && !called) else {
            return;
        };
        let closed = vec![table.clone(), Token::RParen];
        self.put(last, closed);
        self.put(
            at,
            vec![
                keyword("IN"),
                Token::LParen,
                keyword("SELECT"),
                Token::Mul,
                keyword("FROM"),
            ],
        );
    }

    /// Words between two tables that say how they are joined.
    pub(crate) fn kind_of_join(&mut self, at: usize) {
        let joins = ["JOIN", "LEFT", "RIGHT", "INNER", "FULL", "CROSS"]
            .iter()
            .any(|word| self.is(at + 1, word))
            || (self.is(at, "GLOBAL") && (self.is(at + 1, "IN") || self.is(at + 1, "NOT")));
        let follows = matches!(
            self.before(at),
            Some(Token::Word(_) | Token::RParen | Token::Number(..) | Token::SingleQuotedString(_))
        );
        // Snowflake joins so, and the parser reads it.
        let matched = (at..self.places.len()).any(|at| self.is(at, "MATCH_CONDITION"));
        if joins && follows && !matched {
            self.blank(at);
            if self.is(at, "POSITIONAL") {
                self.put(at + 1, vec![Token::Comma]);
            }
        }
    }

    /// `OPTION (MAXDOP 1)` at the end of a statement of T-SQL.
    pub(crate) fn query_options(&mut self, at: usize) {
        /// Options that shape how a query is planned.
        const HARMLESS: [&str; 22] = [
            "RECOMPILE",
            "MAXDOP",
            "HASH",
            "LOOP",
            "MERGE",
            "JOIN",
            "GROUP",
            "ORDER",
            "CONCAT",
            "UNION",
            "FAST",
            "FORCE",
            "KEEP",
            "KEEPFIXED",
            "PLAN",
            "MAXRECURSION",
            "OPTIMIZE",
            "FOR",
            "UNKNOWN",
            "ROBUST",
            "EXPAND",
            "VIEWS",
        ];
        if !matches!(self.dialect, Dialect::Mssql | Dialect::Generic)
            || self.token(at + 1) != Some(&Token::LParen)
        {
            return;
        }
        let Some(end) = self.closing(at + 1) else {
            return;
        };
        let last = (end + 1..self.places.len())
            .all(|at| matches!(self.token(at), Some(Token::SemiColon | Token::EOF)));
        let harmless = (at + 2..end).all(|at| match self.token(at) {
            Some(Token::Word(word)) => HARMLESS
                .iter()
                .any(|option| word.value.eq_ignore_ascii_case(option)),
            Some(Token::Number(..) | Token::Comma) => true,
            // The enum is the parser's.
            Some(_) | None => false,
        });
        if last && harmless {
            (at..=end).for_each(|at| self.blank(at));
        }
    }
}
