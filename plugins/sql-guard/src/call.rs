//! One call: which rules speak about it, which SQL it carries.

use gatewright_sdk::{Request, Value};

use crate::answer::{Answer, judged};
use crate::members;
use crate::refused::Refused;
use crate::rule::Rule;
use crate::settings::{Settings, UnknownArguments};

/// Judges the call. Where a rule of the operator applies, the rules for known
/// tools do not.
pub fn answer(settings: &Settings, request: &Request) -> Answer {
    if request.method() != "tools/call" {
        return Answer::NotMine;
    }
    // The gate is asked once for each.
    let called = (request.server(), request.name());
    let chosen = speaking(&settings.rules, &called);
    let rules = if chosen.is_empty() {
        speaking(&settings.known_rules, &called)
    } else {
        chosen
    };
    let Some(first) = rules.first() else {
        return Answer::NotMine;
    };
    let mut so_far = Answer::NotMine;
    let mut told_of: Told<'_> = Vec::new();
    let there = request.keys("");
    for rule in &rules {
        let told = named(settings, rule, request, &there, &mut told_of);
        if told == Answer::NotMine && settings.unknown_arguments != UnknownArguments::Judge {
            return none_given(rule);
        }
        so_far = so_far.with(told);
    }
    so_far = so_far.with(others(settings, &rules, request, there));
    match so_far {
        Answer::NotMine => none_given(first),
        answer => answer,
    }
}

fn none_given(rule: &Rule) -> Answer {
    Answer::Refused(format!(
        "no SQL given; hint: send it in `{}`",
        rule.sql.join("` or `")
    ))
}

fn speaking<'a>(rules: &'a [Rule], (server, name): &(String, String)) -> Vec<&'a Rule> {
    rules
        .iter()
        .filter(|rule| rule.applies(server, name))
        .collect()
}

/// What was said of arguments so far: several rules may name the same one.
type Told<'a> = Vec<(&'a str, Answer)>;

/// The arguments that the rule names.
fn named<'a>(
    settings: &Settings,
    rule: &'a Rule,
    request: &Request,
    there: &[String],
    so_far: &mut Told<'a>,
) -> Answer {
    let mut answer = Answer::NotMine;
    for pointer in &rule.sql {
        if !may_stand(pointer, there) {
            continue;
        }
        if let Some((_, told)) = so_far.iter().find(|(known, _)| known == pointer) {
            answer = answer.with(told.clone());
            continue;
        }
        let told = match request.get(pointer) {
            None => continue,
            Some(Value::Text(sql)) => judged(settings, pointer, &sql),
            Some(
                Value::Null
                | Value::Boolean(_)
                | Value::Integer(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_),
            ) => Answer::Refused(format!("`{pointer}`: {}", Refused::NotText)),
        };
        so_far.push((pointer, told.clone()));
        answer = answer.with(told);
    }
    answer
}

/// Whether the pointer may lead to something: a rule names more arguments than a call has,
/// and the gate need not be asked for each.
fn may_stand(pointer: &str, there: &[String]) -> bool {
    let first = pointer.split('/').nth(1).unwrap_or_default();
    // An escape, and arguments that are no object.
    first.contains('~') || there.is_empty() || there.iter().any(|name| name == first)
}

/// The arguments that no rule names, by the names of all.
fn others(
    settings: &Settings,
    rules: &[&Rule],
    request: &Request,
    mut unnamed: Vec<String>,
) -> Answer {
    if settings.unknown_arguments == UnknownArguments::Pass {
        return Answer::NotMine;
    }
    let is_named = |pointer: &str| {
        rules.iter().any(|rule| {
            rule.sql
                .iter()
                .chain(&rule.except)
                .any(|known| known == pointer)
        })
    };
    unnamed.retain(|name| !is_named(&members::child("", name)));
    if unnamed.is_empty() {
        return Answer::NotMine;
    }
    if settings.unknown_arguments == UnknownArguments::Refuse {
        // A member that holds a named one is looked into below.
        let holds_named = |name: &str| {
            let inside = format!("{}/", members::child("", name));
            rules.iter().any(|rule| {
                rule.sql
                    .iter()
                    .chain(&rule.except)
                    .any(|known| known.starts_with(&inside))
            })
        };
        return match unnamed.iter().find(|name| !holds_named(name)) {
            Some(name) => Answer::Refused(format!(
                "the argument `{}` is not known; hint: leave it out",
                members::child("", name)
            )),
            None => Answer::NotMine,
        };
    }
    unnamed
        .iter()
        .map(|name| members::child("", name))
        .filter_map(|pointer| Some((request.json(&pointer)?, pointer)))
        .map(|(json, pointer)| members::judge(settings, &pointer, &json, &is_named))
        .fold(Answer::NotMine, Answer::with)
}
