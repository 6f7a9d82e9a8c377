//! Calls as people and attackers make them, and what each must get:
//! `calls.jsonl`, one group of settings a line.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use gatewright_sdk::{Request, Verdict};
use gatewright_tool_gate::{Settings, judge};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    why: String,
    right: Right,
    settings: Value,
    /// The name of a tool and its arguments.
    calls: Vec<(String, Value)>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Right {
    Allow,
    Deny,
    NotAllow,
}

#[test]
fn no_pattern_fits_a_text_that_a_tool_takes_apart() {
    let mut wrong = Vec::new();
    let mut asked = 0;
    for line in include_str!("calls.jsonl").lines() {
        let group: Group = serde_json::from_str(line).unwrap();
        let settings: Settings = serde_json::from_value(group.settings).unwrap();
        for (tool, arguments) in group.calls {
            let request = Request::tool(&tool).with_arguments(arguments.clone());
            let verdict = judge(&settings, &request).verdict;
            asked += 1;
            let is_right = match group.right {
                Right::Allow => matches!(verdict, Verdict::Allow),
                Right::Deny => matches!(verdict, Verdict::Deny(_)),
                Right::NotAllow => !matches!(verdict, Verdict::Allow),
            };
            if !is_right {
                let why = &group.why;
                let right = &group.right;
                wrong.push(format!(
                    "{tool} {arguments}: right {right:?}, said {verdict:?} ({why})"
                ));
            }
        }
    }
    let count = wrong.len();
    assert!(
        wrong.is_empty(),
        "{count} of {asked} wrong:\n{}",
        wrong.join("\n")
    );
}
