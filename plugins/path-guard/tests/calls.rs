//! Calls as people and attackers make them, and what each must get:
//! `calls.jsonl`, one group a line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::collections::BTreeMap;

use gatewright_path_guard::{Settings, judge};
use gatewright_sdk::{Request, Verdict};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    why: String,
    right: Right,
    tool: String,
    settings: Value,
    arguments: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Right {
    Allow,
    NotAllow,
}

#[test]
fn every_call_is_judged_as_a_whole() {
    let mut known: BTreeMap<String, Settings> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for line in include_str!("calls.jsonl").lines() {
        let group: Group = serde_json::from_str(line).unwrap();
        let text = group.settings.to_string();
        let settings = known
            .entry(text)
            .or_insert_with(|| serde_json::from_value(group.settings.clone()).unwrap());
        for arguments in group.arguments {
            let request = Request::tool(&group.tool).with_arguments(arguments.clone());
            let verdict = judge(settings, &request).verdict;
            let allowed = matches!(verdict, Verdict::Allow);
            asked += 1;
            if allowed != matches!(group.right, Right::Allow) {
                let said = match verdict {
                    Verdict::Deny(denial) => denial.message,
                    other => format!("{other:?}"),
                };
                wrong.push(format!(
                    "{} {arguments}: right {:?}, said {said} ({})",
                    group.tool, group.right, group.why
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {asked} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
