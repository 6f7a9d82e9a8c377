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
    fn no_text_makes_the_guard_panic(sql in "\\PC{0,120}") {
        for dialect in ["sqlite", "postgres", "mysql", "generic"] {
            let _ = check(&settings(&format!(r#"{{"dialect": "{dialect}", "read-only": false}}"#)), &sql);
        }
    }
}
