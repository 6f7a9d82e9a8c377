//! The corpus: statements and calls, each with the answer that is right.
//!
//! A file of `corpus/` has sections: `[answer settings]`, where the answer is
//! `allow`, `deny`, `ask` or `not-allow`. Each line below is one statement, or
//! the arguments of one call where it begins with `{`. `#` begins a remark.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::fs;
use std::path::Path;

use gatewright_sdk::{Request, Verdict};
use gatewright_sql_guard::{Settings, judge};
use serde_json::{Value, json};

/// Fewer lines than this: a file was lost.
const LINES_MIN: usize = 11_000;

fn answer(settings: &Settings, line: &str) -> (&'static str, String) {
    let arguments: Value = if line.starts_with('{') {
        serde_json::from_str(line).unwrap()
    } else {
        json!({ "sql": line })
    };
    let request = Request::tool("execute_sql").with_arguments(arguments);
    match judge(settings, &request).verdict {
        Verdict::Allow => ("allow", String::new()),
        Verdict::Deny(denial) => ("deny", format!("{denial:?}")),
        Verdict::Ask(_) => ("ask", String::new()),
        Verdict::Abstain => ("abstain", String::new()),
    }
}

#[test]
fn every_line_of_the_corpus_is_answered_rightly() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let mut wrong = Vec::new();
    let mut lines = 0;
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let mut section: Option<(String, Settings)> = None;
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with("# ") {
                continue;
            }
            let heading = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            if let Some((expected, settings)) = heading.and_then(|heading| heading.split_once(' '))
            {
                section = Some((expected.to_owned(), serde_json::from_str(settings).unwrap()));
                continue;
            }
            let (expected, settings) = section.as_ref().expect("a section before the first line");
            let line = match line.starts_with('{') {
                true => line.to_owned(),
                false => line.replace("\\n", "\n"),
            };
            let (given, message) = answer(settings, &line);
            let right = match expected.as_str() {
                "not-allow" => given != "allow",
                exactly => given == exactly,
            };
            lines += 1;
            if !right {
                wrong.push(format!("{name}:{}: {given}: {line} {message}", number + 1));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {lines} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(lines >= LINES_MIN, "only {lines} lines");
}
