//! What holds for policies and for what they say, natively.

#![allow(clippy::unwrap_used, reason = "test code")]

mod annotations;
mod forms;
mod named;
mod owed;
mod verdicts;
mod words;

use gatewright_cedar::{Settings, judge};
use gatewright_sdk::{Opinion, Request, Verdict};
use serde_json::{Value, json};

fn settings(settings: Value) -> Settings {
    serde_json::from_value(settings).unwrap()
}

fn refused(settings: Value) -> String {
    serde_json::from_value::<Settings>(settings)
        .unwrap_err()
        .to_string()
}

/// How far an opinion lets a call go.
fn reach(opinion: &Opinion) -> u8 {
    match opinion.verdict {
        Verdict::Deny(_) => 0,
        Verdict::Abstain => 1,
        Verdict::Ask(_) => 2,
        Verdict::Allow => 3,
    }
}

fn opinion(policies: &str, request: &Request) -> Opinion {
    judge(&settings(json!({ "policies": policies })), request)
}

fn notes(opinion: &Opinion) -> Vec<(&str, &str)> {
    let notes = opinion.notes.iter();
    notes
        .map(|note| (note.rule.as_str(), note.text.as_str()))
        .collect()
}

fn refused_policy(policy: &str) -> String {
    refused(json!({ "policies": format!("{policy} (principal, action, resource);") }))
}
