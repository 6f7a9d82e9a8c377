//! Words between `EXPLAIN` and what it explains.

use sqlparser::tokenizer::Token;

use super::words::{Text, keyword};
use crate::dialect::Dialect;

impl Text {
    /// `EXPLAIN EXTENDED SELECT ..`, `EXPLAIN USING JSON SELECT ..`, and the
    /// `ANALYZE SELECT ..` of MariaDB. What is explained stays to be judged.
    pub(crate) fn explained(&mut self, first: &str) {
        if first == "ANALYZE" {
            let form = if self.is(1, "FORMAT") && self.token(2) == Some(&Token::Eq) {
                4
            } else {
                1
            };
            if self.dialect == Dialect::Mysql && self.begins_a_query(form) {
                self.put(0, vec![keyword("EXPLAIN"), keyword("ANALYZE")]);
                (1..form).for_each(|at| self.blank(at));
            }
            return;
        }
        if self.dialect == Dialect::Postgres && self.is(1, "ANALYSE") {
            self.put(1, vec![keyword("ANALYZE")]);
            return;
        }
        let words = if self.dialect == Dialect::Mysql
            && self.is(1, "FORMAT")
            && self.token(2) == Some(&Token::Eq)
        {
            3
        } else if self.is(1, "USING") {
            let form = ["TEXT", "JSON", "TABULAR"];
            if form.iter().any(|form| self.is(2, form)) {
                2
            } else {
                0
            }
        } else if self.dialect == Dialect::Clickhouse && self.token(2) == Some(&Token::Eq) {
            3
        } else {
            usize::from(self.is_form_of_a_plan())
        };
        if words > 0 && self.begins_a_query(words + 1) {
            (1..=words).for_each(|at| self.blank(at));
        }
    }

    fn is_form_of_a_plan(&self) -> bool {
        let forms: &[&str] = match self.dialect {
            Dialect::Mysql => &["EXTENDED", "PARTITIONS"],
            Dialect::Clickhouse => &["AST", "SYNTAX", "PLAN", "PIPELINE", "ESTIMATE"],
            Dialect::Generic => &[
                "EXTENDED",
                "PARTITIONS",
                "FORMATTED",
                "CODEGEN",
                "COST",
                "LOGICAL",
                "SYNTAX",
                "PIPELINE",
                "ESTIMATE",
            ],
            Dialect::Sqlite
            | Dialect::Postgres
            | Dialect::Duckdb
            | Dialect::Mssql
            | Dialect::Oracle
            | Dialect::Snowflake
            | Dialect::Bigquery => &[],
        };
        forms.iter().any(|form| self.is(1, form))
    }

    fn begins_a_query(&self, at: usize) -> bool {
        self.is(at, "SELECT") || self.is(at, "WITH")
    }
}
