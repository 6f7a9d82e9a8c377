//! Holds a component to the corpus, but for what its language is known not to do.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::workshop::Workshop;

/// `tests/corpus/exceptions.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    #[serde(rename = "exception")]
    exceptions: Vec<Exception>,
}

/// Cases that one language answers otherwise.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    language: String,
    /// By name.
    cases: Vec<String>,
    reason: String,
}

#[derive(Deserialize)]
struct Report {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    outcome: String,
    #[serde(default)]
    differences: Value,
    #[serde(default)]
    log: Value,
}

/// Every case passes but the exceptions, and no exception does: a language that
/// learns something must not keep its excuse.
pub(crate) fn hold(workshop: &Workshop<'_>, component: &Path) {
    let excused = excused(workshop);
    let output = workshop.ask_the_corpus(component);
    let report: Report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!(
            "`gatewright test` made no report:\n{}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    let names: BTreeSet<_> = report.cases.iter().map(|case| case.name.as_str()).collect();
    let mut problems: Vec<String> = excused
        .iter()
        .filter(|name| !names.contains(name.as_str()))
        .map(|name| format!("the corpus has no case `{name}`; mend `exceptions.toml`"))
        .collect();
    for case in &report.cases {
        match (case.outcome == "passed", excused.contains(&case.name)) {
            (true, true) => problems.push(format!(
                "`{}` passes; take it out of `exceptions.toml`",
                case.name
            )),
            (false, false) => problems.push(format!(
                "`{}` fails: {} log {}",
                case.name, case.differences, case.log
            )),
            (true, false) | (false, true) => {}
        }
    }
    assert!(
        problems.is_empty(),
        "{} of {} cases in {}:\n{}",
        problems.len(),
        report.cases.len(),
        workshop.language.name,
        problems.join("\n")
    );
}

/// The cases that the language need not pass.
fn excused(workshop: &Workshop<'_>) -> BTreeSet<String> {
    let text = fs::read_to_string(workshop.corpus().join("exceptions.toml")).unwrap();
    let file: Exceptions = toml::from_str(&text).unwrap();
    let mut excused = BTreeSet::new();
    for exception in file.exceptions {
        assert!(!exception.reason.is_empty(), "an exception has a reason");
        if exception.language == workshop.language.name {
            excused.extend(exception.cases);
        }
    }
    excused
}
