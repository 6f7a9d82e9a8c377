//! Rows, people, lists of functions, sizes, and settings without a meaning.

use gatewright_sql_guard::{Passed, Settings, check};

use super::{fine, reader, refused, settings, writer};

#[test]
fn rows_can_be_limited() {
    let limited = settings(r#"{"dialect": "postgres", "rows-max": 100}"#);
    refused(
        &limited,
        &[
            ("SELECT * FROM t", "NoLimit"),
            ("SELECT * FROM t LIMIT 101", "NoLimit"),
            ("SELECT * FROM t LIMIT ALL", "NoLimit"),
            ("SELECT * FROM t LIMIT 50 + 100", "NoLimit"),
            ("SELECT * FROM (SELECT * FROM t LIMIT 5) AS s", "NoLimit"),
            ("SELECT * FROM t OFFSET 5", "NoLimit"),
            ("SELECT * FROM t FETCH FIRST 10 ROWS WITH TIES", "NoLimit"),
        ],
    );
    fine(
        &limited,
        &[
            "SELECT * FROM t LIMIT 100",
            "SELECT * FROM t LIMIT 5 OFFSET 10",
            "SELECT * FROM t FETCH FIRST 10 ROWS ONLY",
        ],
    );
    let sqlite = settings(r#"{"dialect": "sqlite", "rows-max": 100}"#);
    refused(&sqlite, &[("SELECT * FROM t LIMIT -1", "NoLimit")]);
}

#[test]
fn a_person_is_asked_where_the_settings_say_so() {
    let asking = settings(
        r#"{"dialect": "sqlite", "read-only": false, "ask": ["delete"], "without-where": "ask"}"#,
    );
    assert!(matches!(
        check(&asking, "DELETE FROM t WHERE id = 1"),
        Ok(Passed::Ask(_))
    ));
    assert!(matches!(
        check(&asking, "UPDATE t SET a = 1"),
        Ok(Passed::Ask(_))
    ));
    refused(&asking, &[("DELETE FROM t; DELETE FROM t", "Stacked")]);
    fine(&asking, &["UPDATE t SET a = 1 WHERE id = 1"]);
}

#[test]
fn only_listed_functions_are_called_where_there_is_a_list() {
    let listed = settings(
        r#"{"dialect": "postgres", "functions-allowed": ["count", "lower", "pg_read_file"]}"#,
    );
    refused(
        &listed,
        &[
            ("SELECT upper(a) FROM t", "Function"),
            ("SELECT pg_read_file('x')", "Function"),
        ],
    );
    fine(
        &listed,
        &["SELECT count(*), lower(a) FROM t GROUP BY lower(a)"],
    );
}

/// The frames of an unoptimized build are many times those of a component, whose stack is
/// half a megabyte.
const STACK_BYTES: usize = 32 << 20;

#[test]
fn size_and_depth_have_bounds() {
    std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(judge_long_and_deep_ones)
        .unwrap()
        .join()
        .unwrap();
}

fn judge_long_and_deep_ones() {
    let reader = reader("sqlite");
    let long = format!("SELECT '{}'", "a".repeat(40_000));
    let chain = format!("SELECT 1{}", " + 1".repeat(1_000));
    let conditions = format!("SELECT 1 FROM t WHERE a{}", " AND a".repeat(1_000));
    let parentheses = format!("SELECT {}1{}", "(".repeat(1_000), ")".repeat(1_000));
    let subqueries = format!("SELECT {}1{}", "(SELECT ".repeat(200), ")".repeat(200));
    let unions = format!("SELECT 1{}", " UNION SELECT 1".repeat(500));
    let not = format!("SELECT {} 1", "NOT ".repeat(1_000));
    refused(
        &reader,
        &[
            (&long, "TooLong"),
            (&chain, "TooNested"),
            (&conditions, "TooNested"),
            (&parentheses, "TooNested"),
            (&subqueries, "TooNested"),
            (&unions, "TooNested"),
            (&not, "TooNested"),
        ],
    );
    // Columns as they stand cost hardly more than their text.
    let columns = format!("DELETE FROM t WHERE a IN ({}c)", "b, ".repeat(1_500));
    fine(&writer("postgres"), &[&columns]);
    let columns = format!("DELETE FROM t WHERE a IN ({}c)", "lower(b), ".repeat(700));
    let casts = format!("DELETE FROM t WHERE a{} = 'x'", "::text".repeat(250));
    // Each is looked at more than once, and so those within it.
    let nested = |before: &str, times: usize| {
        let (open, close) = (before.repeat(times), ")".repeat(times));
        format!("DELETE FROM t WHERE {open}a = 1{close}")
    };
    let listed = nested("a IN (SELECT a FROM t WHERE ", 12);
    let equal = nested("a = (SELECT a FROM t WHERE ", 12);
    let any = nested("a = ANY (SELECT a FROM t WHERE ", 12);
    let named = nested(
        "a IN (WITH x AS (SELECT a FROM t) SELECT a FROM x WHERE ",
        12,
    );
    refused(
        &writer("postgres"),
        &[
            (&columns, "TooNested"),
            (&casts, "TooNested"),
            (&equal, "TooNested"),
            (&named, "TooNested"),
        ],
    );
    fine(
        &writer("postgres"),
        // What is told of one is known to those around it.
        &[&nested("a IN (SELECT a FROM t WHERE ", 6), &listed, &any],
    );
    let ids = format!("DELETE FROM t WHERE id IN ({}1)", "1, ".repeat(1_500));
    let either = format!("DELETE FROM t WHERE a = 1{}", " OR a = 2".repeat(100));
    fine(&writer("postgres"), &[&ids, &either]);
    let list = format!("SELECT * FROM t WHERE id IN ({}1)", "1, ".repeat(2_000));
    let sums = format!("SELECT 1{}", " + 1".repeat(250));
    fine(&reader, &[&list, &sums]);
}

#[test]
fn settings_that_mean_nothing_are_refused() {
    for (json, word) in [
        (r#"{}"#, "dialect"),
        (r#"{"dialect": "access"}"#, "access"),
        (
            r#"{"dialect": "sqlite", "statements": ["delete"]}"#,
            "read-only",
        ),
        (r#"{"dialect": "sqlite", "ask": ["delete"]}"#, "statements"),
        (r#"{"dialect": "sqlite", "table": []}"#, "table"),
        (
            r#"{"dialect": "sqlite", "tools": [{"tool": "x", "sql": []}]}"#,
            "sql",
        ),
        (
            r#"{"dialect": "sqlite", "tools": [{"tool": "x", "sql": ["query"]}]}"#,
            "Pointer",
        ),
        (
            r#"{"dialect": "sqlite", "database-servers": false}"#,
            "no tool",
        ),
    ] {
        let error = serde_json::from_str::<Settings>(json)
            .unwrap_err()
            .to_string();
        assert!(error.contains(word), "{json}: {error}");
    }
}
