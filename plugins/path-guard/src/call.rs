//! One call: which rules speak about it, which paths they name, and what else
//! it carries.

use gatewright_sdk::Request;
use serde_json::Value;

use crate::check::{PATHS_MAX, check};
use crate::rule::{Rule, WithoutPath, reach};
use crate::settings::Settings;
use crate::{Refused, account, message};

/// What the guard has to say about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No rule is about this call.
    NotMine,
    /// Every path lies where it may.
    Fine,
    /// Refused; the text is for the agent.
    Refused(String),
}

/// Judges the call. Where a rule of the operator applies, the rules for known
/// tools do not.
pub fn answer(settings: &Settings, request: &Request) -> Answer {
    // The gate is asked once for each.
    let called = (request.method(), request.server(), request.name());
    let chosen = speaking(&settings.rules, &called);
    let rules = if chosen.is_empty() {
        speaking(settings.known_rules.get(&called.2), &called)
    } else {
        chosen
    };
    if rules.is_empty() {
        return Answer::NotMine;
    }
    let named = rules
        .iter()
        .try_for_each(|rule| paths_of(settings, rule, request));
    match named.and_then(|()| account::others(settings, &rules, request)) {
        Ok(()) => Answer::Fine,
        Err(message) => Answer::Refused(message),
    }
}

fn speaking<'a>(
    rules: impl IntoIterator<Item = &'a Rule>,
    (method, server, name): &(String, String, String),
) -> Vec<&'a Rule> {
    rules
        .into_iter()
        .filter(|rule| rule.applies(method, server, name))
        .collect()
}

fn paths_of(settings: &Settings, rule: &Rule, request: &Request) -> Result<(), String> {
    let mut judged = 0;
    for fetched in &rule.fetched {
        let Some(json) = request.json(&fetched.head) else {
            continue;
        };
        let operation = fetched.operation;
        let refused = |refused| message::refusal(settings, refused, operation, &fetched.pointer);
        let value: Value = serde_json::from_str(&json).map_err(|_| refused(Refused::NotText))?;
        // A list is wanted: a tool that gets one text may take it apart.
        let splits = rule.is_known && fetched.pointer == "/paths" && value.is_string();
        let is_several =
            |path: &str| is_list_as_text(path) || (splits && path.contains([',', ';']));
        let mut found = Vec::new();
        reach(&value, &fetched.steps, &mut found);
        judged += found.len();
        if judged > PATHS_MAX {
            return Err(message::too_many());
        }
        for value in found {
            let path = value.as_str().filter(|path| !is_several(path));
            path.ok_or(Refused::NotText)
                .and_then(|path| check(settings, operation, path))
                .map_err(refused)?;
        }
    }
    if judged == 0 && rule.without_path == WithoutPath::Deny {
        return Err(message::no_path(rule.paths.keys()));
    }
    Ok(())
}

/// `["/a", "/b"]` as one text: some tools take it for the list.
fn is_list_as_text(text: &str) -> bool {
    let inside = text.trim().strip_prefix('[').map(str::trim_start);
    inside.is_some_and(|inside| inside.starts_with(['"', '\'']))
}
