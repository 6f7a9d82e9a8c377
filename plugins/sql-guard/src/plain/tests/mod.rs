//! Plain queries, and the grammar that each of them must pass too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::passes;
use crate::check::{Passed, parsed_check};
use crate::settings::Settings;

const DIALECTS: [&str; 10] = [
    "sqlite",
    "postgres",
    "mysql",
    "duckdb",
    "clickhouse",
    "mssql",
    "oracle",
    "snowflake",
    "bigquery",
    "generic",
];

/// Names that may pass, names that may not, words that mean something somewhere.
const WORDS: [&str; 108] = [
    "a",
    "b",
    "t",
    "orders",
    "forbidden",
    "pg_authid",
    "x.y",
    "t.a",
    "public.orders",
    "status",
    "date",
    "count",
    "sum",
    "lower",
    "pg_sleep",
    "getenv",
    "load_file",
    "zzz",
    "nextval",
    "only",
    "SELECT",
    "SELECT",
    "FROM",
    "FROM",
    "WHERE",
    "GROUP BY",
    "HAVING",
    "ORDER BY",
    "LIMIT",
    "OFFSET",
    "UNION",
    "UNION ALL",
    "EXCEPT",
    "INTERSECT",
    "DISTINCT",
    "ALL",
    "AS",
    "ON",
    "USING",
    "JOIN",
    "LEFT JOIN",
    "CROSS JOIN",
    "INNER JOIN",
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS",
    "NULL",
    "TRUE",
    "BETWEEN",
    "LIKE",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "EXISTS",
    "WITH",
    "DESC",
    "NULLS LAST",
    "OVER",
    "PARTITION BY",
    "ROWS",
    "UNBOUNDED PRECEDING",
    "CURRENT ROW",
    "FILTER",
    "INTERVAL",
    "TIMESTAMP",
    "EXTRACT",
    "LATERAL",
    "INTO",
    "FOR UPDATE",
    "LOCK",
    "TOP",
    "DELETE",
    "SHUTDOWN",
    "(",
    "(",
    "(",
    ")",
    ")",
    ")",
    ",",
    ",",
    ".",
    "*",
    "+",
    "-",
    "=",
    "<",
    "'x'",
    "1",
    "\"q\"",
    "::int",
    "$1",
    "->",
    "->>",
    "[q r]",
    "`q`",
    "/* a */",
    "-- a\n",
    "CURRENT_DATE",
    "TOP 5",
    "DISTINCT ON",
    "INTERVAL '1' day",
    "INTERVAL 1 day",
];

fn settings(json: &str) -> Settings {
    serde_json::from_str(json).unwrap()
}

/// What is plain passes by the grammar too.
#[track_caller]
fn holds(settings: &Settings, sql: &str) {
    if passes(settings, sql) {
        assert_eq!(parsed_check(settings, sql), Ok(Passed::Fine), "{sql}");
    }
}

fn depth(sql: &str) -> usize {
    let mut depth: usize = 0;
    let depths = sql.bytes().map(|byte| {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth
    });
    depths.max().unwrap_or_default()
}

fn each_dialect(settings_for: impl Fn(&str) -> String, mut test: impl FnMut(&str, &Settings)) {
    for dialect in DIALECTS {
        test(dialect, &settings(&settings_for(dialect)));
    }
}

fn narrow(dialect: &str) -> String {
    format!(
        r#"{{"dialect": "{dialect}", "tables": {{"read": ["t", "x.*", "orders", "public.orders"]}}}}"#
    )
}

#[test]
fn what_analysts_write_is_plain() {
    for sql in [
        "SELECT 1",
        "SELECT * FROM orders",
        "SELECT o.id, c.name FROM orders o JOIN customers AS c ON c.id = o.customer_id WHERE o.total > 10.5;",
        "SELECT count(*), count(DISTINCT a) FROM t GROUP BY b HAVING sum(a) > 1 ORDER BY 2 DESC LIMIT 10 OFFSET 5",
        "WITH recent AS (SELECT * FROM orders WHERE status IN ('a', 'b')) SELECT r.* FROM recent r LEFT JOIN x.y USING (id)",
        "SELECT CASE WHEN a BETWEEN 1 AND 2 + 3 THEN 'x' ELSE 'y''z' END AS kind FROM t -- a remark\nWHERE NOT a IS NULL",
        "SELECT row_number() OVER (PARTITION BY a ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM t",
        "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM x.z AS z WHERE z.id = t.id) UNION ALL SELECT b FROM t",
        "/* a remark */ SELECT a FROM t WHERE d > CURRENT_DATE",
        "SELECT CAST(a AS numeric(10, 2)), lower(date) FROM (SELECT a, date FROM t) AS s",
    ] {
        each_dialect(
            |dialect| format!(r#"{{"dialect": "{dialect}"}}"#),
            |dialect, settings| {
                assert!(passes(settings, sql), "{dialect}: {sql}");
                holds(settings, sql);
            },
        );
    }
}

#[test]
fn whatever_may_mean_something_else_is_not_plain() {
    for sql in [
        "SELECT * FROM ONLY pg_authid",
        "SELECT * FROM LATERAL t",
        "SELECT 1 SHUTDOWN",
        "SELECT 1 AS SHUTDOWN",
        "SELECT a INTO b FROM t",
        "SELECT a FROM t FOR UPDATE",
        "SELECT 1; SELECT 2",
        "SELECT 'a\\' FROM t",
        "SELECT x'41'",
        "SELECT 1--1",
        "SELECT 1 /*! a */",
        "SELECT 1 /*+ a */",
        "SELECT 1 /* a /* b */ */",
        "SELECT '/*!' /* a */",
        "SELECT 1 /* a",
        "SELECT current_user",
        "SELECT s.nextval FROM t",
        "SELECT pg_sleep(1)",
        "SELECT a FROM f(1)",
        "SELECT a FROM pg_authid",
        "WITH x AS (SELECT 1), y AS (SELECT * FROM pg_authid) SELECT 1 FROM x",
        "SELECT a FROM t WHERE b ^ 1",
        "SELECT a FROM t WHERE b = $a",
        "SELECT a FROM \"pragma_data_version\"",
        "SELECT s.\"NEXTVAL\" FROM t",
        "SELECT s.`nextval` FROM t",
        "SELECT s.[nextval] FROM t",
        "SELECT \"DBMS_RANDOM\".\"RANDOM\" FROM t",
        "SELECT a FROM t WHERE",
        "SELECT a FROM (((((((((SELECT 1)))))))))",
        "",
    ] {
        each_dialect(
            |dialect| format!(r#"{{"dialect": "{dialect}"}}"#),
            |dialect, settings| assert!(!passes(settings, sql), "{dialect}: {sql}"),
        );
    }
}

#[test]
fn settings_hold_for_plain_queries() {
    for (settings_json, sql) in [
        (
            r#"{"dialect": "postgres", "statements": ["show"]}"#,
            "SELECT 1",
        ),
        (r#"{"dialect": "postgres", "ask": ["select"]}"#, "SELECT 1"),
        (r#"{"dialect": "postgres", "rows-max": 5}"#, "SELECT 1"),
        (
            r#"{"dialect": "postgres", "rows-max": 5}"#,
            "SELECT 1 LIMIT 6",
        ),
        (
            r#"{"dialect": "postgres", "rows-max": 5}"#,
            "SELECT 1 FROM (SELECT 1 LIMIT 5) AS s",
        ),
        (
            r#"{"dialect": "postgres", "functions-denied": ["low*"]}"#,
            "SELECT lower(a) FROM t",
        ),
        (
            r#"{"dialect": "postgres", "functions-allowed": ["upper"]}"#,
            "SELECT lower(a) FROM t",
        ),
        (
            r#"{"dialect": "postgres", "tables": {"read": ["t"]}}"#,
            "SELECT 1 FROM t, u",
        ),
        (
            r#"{"dialect": "postgres", "tables": {"denied": ["u"]}}"#,
            "SELECT 1 FROM t, public.u",
        ),
        (r#"{"dialect": "postgres", "sql-bytes-max": 7}"#, "SELECT 1"),
    ] {
        assert!(
            !passes(&settings(settings_json), sql),
            "{settings_json}: {sql}"
        );
    }
    for (settings_json, sql) in [
        (
            r#"{"dialect": "postgres", "rows-max": 5}"#,
            "SELECT 1 LIMIT 5",
        ),
        (
            r#"{"dialect": "postgres", "functions-except": ["own"]}"#,
            "SELECT own(a) FROM t",
        ),
        (
            r#"{"dialect": "postgres", "functions-allowed": ["lower"]}"#,
            "SELECT lower(a) FROM t",
        ),
    ] {
        let settings = settings(settings_json);
        assert!(passes(&settings, sql), "{settings_json}: {sql}");
        holds(&settings, sql);
    }
}

/// Every statement of the corpus, with the settings of its section and with narrow ones.
#[test]
fn the_grammar_agrees_on_the_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let (mut plain, mut all) = (0, 0);
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let mut section = None;
        for line in text.lines() {
            let heading = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            if let Some((_, json)) = heading.and_then(|heading| heading.split_once(' ')) {
                section = Some(settings(json));
                continue;
            }
            let (Some(own), false) = (&section, line.starts_with('{')) else {
                continue;
            };
            let line = line.replace("\\n", "\n");
            holds(own, &line);
            all += 1;
            plain += usize::from(passes(own, &line));
        }
    }
    assert!(plain > 200, "{plain} of {all} are plain");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_grammar_agrees_on_words_in_any_order(
        words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..14),
        dialect in prop::sample::select(&DIALECTS[..]),
    ) {
        let sql = format!("SELECT {}", words.join(" "));
        holds(&settings(&narrow(dialect)), &sql);
        let sql = format!("SELECT a FROM t {}", words.join(" "));
        holds(&settings(&narrow(dialect)), &sql);
        let sql = format!("SELECT a{} FROM t", words.concat());
        holds(&settings(&narrow(dialect)), &sql);
    }

    #[test]
    fn the_grammar_agrees_on_queries(sql in query(), dialect in prop::sample::select(&DIALECTS[..])) {
        holds(&settings(&narrow(dialect)), &sql);
        prop_assert!(
            passes(&settings(&format!(r#"{{"dialect": "{dialect}", "tables": {{"denied": []}}}}"#)), &sql)
                || ["zzz", "pg_sleep"].iter().any(|name| sql.contains(name))
                || depth(&sql) > 8,
            "{}: {}", dialect, sql
        );
    }

    #[test]
    fn the_grammar_agrees_where_one_letter_changed(
        sql in query(), at in any::<prop::sample::Index>(), letter in "[ -~]",
        dialect in prop::sample::select(&DIALECTS[..]),
    ) {
        let mut sql = sql;
        let at = at.index(sql.len());
        sql.replace_range(at..=at, &letter);
        holds(&settings(&narrow(dialect)), &sql);
    }
}

/// An expression in which every kind of name occurs.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("t.b".to_owned()),
        Just("date".to_owned()),
        Just("NULL".to_owned()),
        Just("DATE '2026-01-01'".to_owned()),
        Just("count(*)".to_owned()),
        "[0-9]{1,3}",
        "[0-9]\\.[0-9]",
        "'[a-z ]{0,4}'",
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let one = || inner.clone();
        prop_oneof![
            (one(), one()).prop_map(|(a, b)| format!("{a} < {b}")),
            (one(), one()).prop_map(|(a, b)| format!("({a} + {b})")),
            (one(), one()).prop_map(|(a, b)| format!("{a} AND NOT {b}")),
            (one(), one(), one()).prop_map(|(a, b, c)| format!("({a} BETWEEN ({b}) AND ({c}))")),
            (one(), one(), one())
                .prop_map(|(a, b, c)| format!("CASE WHEN {a} THEN {b} ELSE {c} END")),
            (one(), one()).prop_map(|(a, b)| format!("({a}) IN ({b}, 1)")),
            one().prop_map(|a| format!("({a}) IS NOT NULL")),
            one().prop_map(|a| format!("CAST({a} AS varchar(10))")),
            (
                prop::sample::select(&["lower", "coalesce", "sum", "zzz", "pg_sleep"][..]),
                one()
            )
                .prop_map(|(name, a)| format!("{name}({a})")),
            one().prop_map(|a| format!("sum(a) OVER (PARTITION BY {a} ORDER BY b DESC)")),
            one().prop_map(|a| format!("EXISTS (SELECT 1 FROM t WHERE {a})")),
        ]
    })
}

/// A plain query over tables that may be read and others.
fn query() -> impl Strategy<Value = String> {
    let table = || prop::sample::select(&["t", "orders", "forbidden", "x.y", "with_name"][..]);
    let clause = prop_oneof![
        Just(String::new()),
        value().prop_map(|value| format!(" WHERE {value}")),
        value().prop_map(|value| format!(" WHERE a = 1 GROUP BY {value} ORDER BY 1 DESC LIMIT 3")),
    ];
    let join = prop_oneof![
        Just(String::new()),
        table().prop_map(|table| format!(", {table} AS j")),
        (table(), value()).prop_map(|(table, value)| format!(" LEFT JOIN {table} j ON {value}")),
        table().prop_map(|table| format!(" JOIN (SELECT * FROM {table}) AS j USING (a)")),
    ];
    let with = prop_oneof![
        Just(String::new()),
        table().prop_map(|table| format!("WITH with_name AS (SELECT a FROM {table}) ")),
    ];
    (with, value(), table(), join, clause).prop_map(|(with, value, table, join, clause)| {
        format!("{with}SELECT {value} AS v, t.* FROM {table}{join}{clause}")
    })
}
