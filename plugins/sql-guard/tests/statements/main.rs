//! What the guard refuses and what it lets through, statement by statement.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod conditions;
mod kinds;
mod limits;
mod tables;

use gatewright_sql_guard::{Passed, Refused, Settings, check};

fn settings(json: &str) -> Settings {
    serde_json::from_str(json).unwrap()
}

fn reader(dialect: &str) -> Settings {
    settings(&format!(r#"{{"dialect": "{dialect}"}}"#))
}

fn writer(dialect: &str) -> Settings {
    settings(&format!(
        r#"{{"dialect": "{dialect}", "read-only": false}}"#
    ))
}

fn shop() -> Settings {
    settings(
        r#"{"dialect": "postgres", "read-only": false,
            "tables": {"read": ["orders", "customers", "report.*"], "write": ["orders"], "denied": ["secret*"]}}"#,
    )
}

/// A refusal without its free text.
fn name(refused: &Refused) -> String {
    let text = format!("{refused:?}");
    text.split('(').next().unwrap().to_owned()
}

#[track_caller]
fn refused(settings: &Settings, cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(sql, expected)| match check(settings, sql) {
            Err(refused) if name(&refused) == *expected => None,
            other => Some(format!("{sql}: {other:?}, not {expected}")),
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[track_caller]
fn fine(settings: &Settings, cases: &[&str]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|sql| check(settings, sql) != Ok(Passed::Fine))
        .map(|sql| format!("{sql}: {:?}", check(settings, sql)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
