//! What holds for modules and for what they say, natively.

#![allow(clippy::unwrap_used, reason = "test code")]

mod answers;
mod as_opa;
mod builtins;
mod bundles;
mod decisions;
mod heads;
mod loading;
mod modules;
mod names;
mod newer;
mod owed;
mod patterns;
mod schemas;

use gatewright_rego::{Settings, judge};
use gatewright_sdk::{Opinion, Request, Verdict};
use serde_json::{Value, json};

fn settings(settings: Value) -> Settings {
    serde_json::from_value(settings).unwrap()
}

fn judged(rules: &str, request: &Request) -> Result<Opinion, String> {
    let module = format!("package gatewright\n\n{rules}\n");
    judge(&settings(json!({ "module": module })), request)
}

/// No usable answer: a fault.
const FAULT: u8 = 9;

/// How far an opinion lets a call go.
fn reach(opinion: &Result<Opinion, String>) -> u8 {
    let Ok(opinion) = opinion else { return FAULT };
    match opinion.verdict {
        Verdict::Deny(_) => 0,
        Verdict::Abstain => 1,
        Verdict::Ask(_) => 2,
        Verdict::Allow => 3,
    }
}

fn notes(opinion: &Opinion) -> Vec<(&str, &str)> {
    let notes = opinion.notes.iter();
    notes
        .map(|note| (note.rule.as_str(), note.text.as_str()))
        .collect()
}

fn refused(module: &str) -> String {
    let settings = serde_json::from_value::<Settings>(json!({ "module": module }));
    settings.map(|_| ()).unwrap_err().to_string()
}
