//! Forms that databases read and the parser does not, brought into ones that it
//! reads. Only words that name nothing and call nothing are taken out or
//! replaced: every table, function and condition of the statement is still
//! there to be judged.

mod clause;
mod escaped;
mod explain;
mod function;
mod naming;
mod query;
mod sign;
mod typed_arrays;
mod words;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use crate::dialect::Dialect;
use crate::refused::Refused;
use escaped::with_escaped_names;
use words::{Text, keyword};

/// Words that such a form begins with, sorted.
const FIRST_WORDS: [&str; 61] = [
    "ALL",
    "ANALYZE",
    "ANY",
    "APPROXIMATE",
    "ARRAY",
    "ASOF",
    "ASYMMETRIC",
    "CHARACTER",
    "COLLATE",
    "CYCLE",
    "DISTINCT",
    "DIV",
    "DOCUMENT",
    "EMPTY",
    "ERROR",
    "EXCLUDE",
    "EXPLAIN",
    "EXTRACT",
    "FOLLOWING",
    "FOR",
    "FORMAT",
    "GLOB",
    "GLOBAL",
    "GROUPING",
    "IN",
    "INDEXED",
    "INTERVAL",
    "IS",
    "ISNULL",
    "KEEP",
    "KEY",
    "LIMIT",
    "MATERIALIZED",
    "MOD",
    "NOLOCK",
    "NOT",
    "NOTNULL",
    "ONLY",
    "OPTION",
    "OVERFLOW",
    "PARSE",
    "PARTITION",
    "POSITIONAL",
    "PRECEDING",
    "QUOTES",
    "ROWS",
    "SEARCH",
    "SEMI",
    "SIBLINGS",
    "SOUNDS",
    "SYMMETRIC",
    "TABLE",
    "TABLESAMPLE",
    "TRY_PARSE",
    "USING",
    "WITH",
    "WRAPPER",
    "XMLATTRIBUTES",
    "XMLELEMENT",
    "XMLFOREST",
    "XMLSERIALIZE",
];

/// The word of the list, whatever the case of its letters.
fn first_word(word: &str) -> Option<&'static str> {
    let found = FIRST_WORDS.binary_search_by(|known| {
        let letters = word.bytes().map(|letter| letter.to_ascii_uppercase());
        known.bytes().cmp(letters)
    });
    FIRST_WORDS.get(found.ok()?).copied()
}

/// Brings the statement into a form that the parser reads.
pub(crate) fn readable(
    dialect: Dialect,
    tokens: Vec<TokenWithSpan>,
) -> Result<Vec<TokenWithSpan>, Refused> {
    let tokens = with_escaped_names(dialect, tokens)?;
    let places = tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| !matches!(token.token, Token::Whitespace(_)))
        .map(|(place, _)| place)
        .collect();
    let mut text = Text {
        tokens,
        places,
        instead: Vec::new(),
        dialect,
    };
    for at in 0..text.places.len() {
        text.rewrite(at);
    }
    Ok(text.finished())
}

impl Text {
    fn rewrite(&mut self, at: usize) {
        match self.token(at) {
            Some(Token::ExclamationMark) if self.dialect == Dialect::Mysql => {
                self.put(at, vec![keyword("NOT")]);
            }
            // Another operator on bits, where the parser has none that shifts.
            Some(Token::ShiftLeft | Token::ShiftRight)
                if !self.dialect.grammar().supports_bitwise_shift_operators()
                    && self.dialect != Dialect::Postgres
                    && !self.closes_types(at) =>
            {
                self.put(at, vec![Token::Pipe]);
            }
            Some(Token::LBracket) if self.dialect == Dialect::Generic => self.bracketed_name(at),
            // `(composite).*`
            Some(Token::Period)
                if self.dialect == Dialect::Postgres
                    && self.before(at) == Some(&Token::RParen)
                    && self.token(at + 1) == Some(&Token::Mul) =>
            {
                self.blank(at);
                self.blank(at + 1);
            }
            // `SAFE.SUBSTR(..)`: a name, whatever the word means alone.
            Some(Token::Word(word))
                if word.quote_style.is_none()
                    && word.keyword != Keyword::NoKeyword
                    && self.before(at) == Some(&Token::Period)
                    && self.token(at + 1) == Some(&Token::LParen) =>
            {
                let name = Word {
                    value: word.value.clone(),
                    quote_style: None,
                    keyword: Keyword::NoKeyword,
                };
                self.put(at, vec![Token::Word(name)]);
            }
            Some(Token::Word(word)) if word.quote_style.is_none() => {
                if let Some(first) = first_word(&word.value) {
                    self.word_forms(at, first);
                } else if self.dialect == Dialect::Postgres {
                    self.typed_literal(at);
                }
            }
            // The enum is the parser's.
            Some(_) => self.signs(at),
            None => {}
        }
    }

    fn word_forms(&mut self, at: usize, first: &str) {
        let before = at.checked_sub(1);
        match first {
            "TABLE" => self.table_query(at),
            "ASYMMETRIC" if before.is_some_and(|at| self.is(at, "BETWEEN")) => self.blank(at),
            // Without it, the bounds would be the wrong way round for some: that
            // matters where a condition chooses what is written.
            "SYMMETRIC"
                if before.is_some_and(|at| self.is(at, "BETWEEN"))
                    && !self.chooses_what_is_written() =>
            {
                self.blank(at);
            }
            "EXCLUDE" => self.frame_exclusion(at),
            "SEARCH" | "CYCLE" if self.before(at) == Some(&Token::RParen) => self.recursion(at),
            "ROWS" if self.are(at, &["ROWS", "FROM"]) => self.rows_from(at),
            "MOD"
                if self.dialect == Dialect::Mysql
                    && self.ends_a_value(before)
                    && self.begins_a_value(at + 1) =>
            {
                self.put(at, vec![Token::Mod]);
            }
            "ISNULL" | "NOTNULL"
                if self.token(at + 1) != Some(&Token::LParen) && self.ends_a_value(before) =>
            {
                let mut words = vec![keyword("IS")];
                words.extend((first == "NOTNULL").then(|| keyword("NOT")));
                words.push(keyword("NULL"));
                self.put(at, words);
            }
            "IS" if self.dialect == Dialect::Sqlite => self.is_equal(at),
            "INDEXED" if self.is(at + 1, "BY") && self.dialect == Dialect::Sqlite => {
                if matches!(self.token(at + 2), Some(Token::Word(_))) {
                    (at..at + 3).for_each(|at| self.blank(at));
                }
            }
            "NOT" if self.is(at + 1, "INDEXED") && self.dialect == Dialect::Sqlite => {
                self.blank(at);
                self.blank(at + 1);
            }
            "ASOF" | "POSITIONAL" | "GLOBAL" => self.kind_of_join(at),
            "ANY" | "ALL" | "SEMI" if self.dialect == Dialect::Clickhouse => {
                self.kind_of_join(at);
            }
            "ANY" if self.dialect == Dialect::Generic => self.kind_of_join(at),
            "OPTION" => self.query_options(at),
            // How texts compare: `x::text COLLATE "C"`.
            "COLLATE"
                if at
                    .checked_sub(2)
                    .and_then(|at| self.token(at))
                    .is_some_and(|token| *token == Token::DoubleColon)
                    && matches!(self.token(at + 1), Some(Token::Word(_))) =>
            {
                self.blank(at);
                self.blank(at + 1);
            }
            "SOUNDS" if self.is(at + 1, "LIKE") && self.ends_a_value(before) => {
                self.put(at, vec![Token::Eq]);
                self.blank(at + 1);
            }
            "XMLELEMENT" if self.token(at + 1) == Some(&Token::LParen) => {
                let named =
                    self.is(at + 2, "NAME") && matches!(self.token(at + 3), Some(Token::Word(_)));
                if named {
                    self.blank(at + 2);
                }
            }
            "EXPLAIN" | "ANALYZE" if at == 0 => self.explained(first),
            "FOR" => self.time_travel(at),
            "IN" if self.dialect == Dialect::Sqlite => self.in_table(at),
            "KEEP" => self.kept_first(at),
            "OVERFLOW" => self.overflow(at),
            "SIBLINGS"
                if before.is_some_and(|at| self.is(at, "ORDER")) && self.is(at + 1, "BY") =>
            {
                self.blank(at);
            }
            "PARTITION" if self.dialect == Dialect::Oracle => self.partition_of(at),
            "USING" => self.using(at),
            "DISTINCT" => self.group_by_distinct(at),
            "GROUPING" => self.grouping_sets(at),
            "ONLY" => self.only_in_parentheses(at),
            "MATERIALIZED" => self.materialized(at),
            "NOLOCK" => self.old_hint(at),
            // `APPROXIMATE COUNT(DISTINCT a)` of Redshift.
            // Else it may be a table: `FROM approximate count`.
            "APPROXIMATE"
                if self.dialect == Dialect::Generic
                    && self.is(at + 1, "COUNT")
                    && self.token(at + 2) == Some(&Token::LParen)
                    && self.is(at + 3, "DISTINCT") =>
            {
                self.blank(at);
            }
            "DIV" if self.dialect == Dialect::Generic => self.division(at),
            // `JSON_OBJECT(KEY 'a' VALUE 1)`
            "KEY"
                if matches!(self.before(at), Some(Token::LParen | Token::Comma))
                    && matches!(self.token(at + 1), Some(Token::SingleQuotedString(_)))
                    && self.is(at + 2, "VALUE") =>
            {
                self.blank(at);
            }
            "GLOB" if self.dialect == Dialect::Duckdb => self.operator(at, "GLOB"),
            "LIMIT" if self.dialect == Dialect::Clickhouse => self.limit_by(at),
            "FORMAT" if self.dialect == Dialect::Clickhouse => self.output_format(at),
            "PRECEDING" | "FOLLOWING" => self.frame_bound(at),
            "WITH" if matches!(self.dialect, Dialect::Clickhouse | Dialect::Generic) => {
                self.named_values(at);
            }
            "ARRAY" if matches!(self.dialect, Dialect::Bigquery | Dialect::Generic) => {
                self.typed_array(at);
            }
            "PARSE" | "TRY_PARSE" if self.dialect == Dialect::Mssql => self.parse_as(at, first),
            "DOCUMENT" if self.dialect == Dialect::Postgres => self.is_document(at),
            "INTERVAL" if self.dialect == Dialect::Mysql => self.two_units_behind(at),
            "TABLESAMPLE" => self.sample(at),
            "CHARACTER" if self.dialect == Dialect::Mysql => self.character_set(at),
            "WRAPPER" | "QUOTES" => self.json_form(at),
            "EMPTY" | "ERROR" => self.json_otherwise(at),
            "XMLSERIALIZE" => self.serialized(at),
            "EXTRACT" if self.dialect == Dialect::Mysql => self.two_units(at),
            "XMLATTRIBUTES" | "XMLFOREST" => self.named_arguments(at + 1),
            _ => {}
        }
    }

    fn chooses_what_is_written(&self) -> bool {
        (0..self.places.len()).any(|at| {
            ["DELETE", "UPDATE", "MERGE"]
                .iter()
                .any(|word| self.is(at, word))
        })
    }

    /// SQLite compares any two values with `IS`.
    fn is_equal(&mut self, at: usize) {
        let not = usize::from(self.is(at + 1, "NOT"));
        let known = ["NULL", "TRUE", "FALSE", "DISTINCT"]
            .iter()
            .any(|word| self.is(at + 1 + not, word));
        if !known && self.begins_a_value(at + 1 + not) {
            if not == 1 {
                self.put(at, vec![Token::Neq]);
                self.blank(at + 1);
            } else {
                self.put(at, vec![Token::Spaceship]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_words_are_sorted_and_found_in_any_case() {
        assert!(FIRST_WORDS.is_sorted());
        assert_eq!(first_word("tablesample"), Some("TABLESAMPLE"));
        assert_eq!(first_word("tables"), None);
    }
}
