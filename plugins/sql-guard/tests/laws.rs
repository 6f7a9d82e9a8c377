//! Properties that hold for every statement.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use gatewright_sql_guard::{Settings, check};
use proptest::prelude::*;

fn settings(json: &str) -> Settings {
    serde_json::from_str(json).unwrap()
}

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

/// A query over the given tables, nested at random.
fn query() -> impl Strategy<Value = String> {
    let table = prop_oneof![Just("open_a"), Just("open_b"), Just("forbidden"), Just("x")];
    let leaf = table.prop_map(|table| format!("SELECT a FROM {table}"));
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("{l} UNION {r}")),
            inner
                .clone()
                .prop_map(|q| format!("SELECT a FROM ({q}) AS s")),
            inner
                .clone()
                .prop_map(|q| format!("SELECT a FROM open_a WHERE a IN ({q})")),
            inner
                .clone()
                .prop_map(|q| format!("SELECT (({q})) FROM open_b")),
            inner
                .clone()
                .prop_map(|q| format!("SELECT a FROM open_a ORDER BY ({q})")),
            (inner.clone(), inner.clone())
                .prop_map(|(l, r)| format!("SELECT a FROM open_a JOIN ({l}) AS j ON a = ({r})")),
            (inner.clone(), inner)
                .prop_map(|(c, q)| format!("SELECT a FROM (WITH x AS ({c}) {q}) AS w")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_forbidden_table_is_found_at_any_depth(sql in query()) {
        let settings = settings(r#"{"dialect": "postgres", "tables": {"read": ["open_*"]}}"#);
        if sql.contains("forbidden") {
            prop_assert!(check(&settings, &sql).is_err(), "{}", sql);
        }
    }

    #[test]
    fn a_writing_statement_never_passes_as_reading(
        verb in prop_oneof![Just("DELETE FROM t"), Just("UPDATE t SET a = 1"), Just("INSERT INTO t VALUES (1)")],
        before in "[ \t\n]{0,3}(/\\*[a-z ]{0,5}\\*/)?[ ]{0,2}",
        shape in 0usize..4,
    ) {
        let sql = match shape {
            0 => format!("{before}{verb}"),
            1 => format!("{before}WITH x AS ({verb} RETURNING *) SELECT * FROM x"),
            2 => format!("{before}EXPLAIN ANALYZE {verb}"),
            _ => format!("{before}WITH y AS (SELECT 1) {verb}"),
        };
        prop_assert!(check(&settings(r#"{"dialect": "postgres"}"#), &sql).is_err(), "{}", sql);
    }

    #[test]
    fn a_function_that_no_list_names_is_never_called_while_reading(
        name in "zz[a-z]{3,12}",
        shape in 0usize..6,
    ) {
        let sql = match shape {
            0 => format!("SELECT {name}(1)"),
            1 => format!("SELECT a FROM t WHERE {name}(a) = 1"),
            2 => format!("SELECT a FROM t ORDER BY {name}(a)"),
            3 => format!("SELECT count(*) FROM (SELECT {name}(1) AS b) AS s"),
            4 => format!("SELECT * FROM {name}(1) AS s"),
            _ => format!("SELECT \"{name}\"(1)"),
        };
        for dialect in DIALECTS {
            let settings = settings(&format!(r#"{{"dialect": "{dialect}"}}"#));
            prop_assert!(check(&settings, &sql).is_err(), "{}: {}", dialect, sql);
        }
    }

    #[test]
    fn words_of_sql_in_any_order_do_not_make_the_guard_panic(
        words in prop::collection::vec(prop_oneof![
            Just("SELECT"), Just("TABLE"), Just("ROWS"), Just("FROM"), Just("("), Just(")"), Just("["), Just("]"),
            Just("CYCLE"), Just("SEARCH"), Just("SET"), Just("USING"), Just(","), Just("t"), Just("IS"), Just("NOT"),
            Just("EXCLUDE"), Just("MOD"), Just("!"), Just("1"), Just("'a'"), Just("OPTION"), Just("SHOW"), Just("PRAGMA"),
            Just("U&"), Just("\"\\0041\""), Just("BETWEEN"), Just("SYMMETRIC"), Just("WHERE"), Just("OR"), Just("DELETE"),
        ], 0..14),
    ) {
        let sql = words.join(" ");
        for dialect in DIALECTS {
            let settings = settings(&format!(r#"{{"dialect": "{dialect}", "read-only": false}}"#));
            let _ = check(&settings, &sql);
        }
    }

    #[test]
    fn no_text_makes_the_guard_panic(sql in "\\PC{0,120}") {
        for dialect in DIALECTS {
            let _ = check(&settings(&format!(r#"{{"dialect": "{dialect}", "read-only": false}}"#)), &sql);
        }
    }
}
