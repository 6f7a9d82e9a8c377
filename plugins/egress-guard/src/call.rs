//! One call: which arguments are URLs, which texts hold some.

use gatewright_sdk::Request;
use serde_json::Value;

use crate::scan::{Found, urls};
use crate::settings::{Rule, Settings};
use crate::{Refused, check, check_host};

/// What the guard has to say about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No rule is about this call, and nothing was found in it.
    NotMine,
    /// Every URL leads where it may.
    Fine,
    /// Refused; the text is for the agent.
    Refused(String),
}

/// Most URLs in one call: more is no honest call.
const URLS_MAX: usize = 2000;

/// Judges the call.
pub fn answer(settings: &Settings, request: &Request) -> Answer {
    let action = &request.action;
    if !matches!(action.method.as_str(), "tools/call" | "prompts/get") {
        return Answer::NotMine;
    }
    let json = request.json("").unwrap_or_else(|| "{}".to_owned());
    let arguments: Value = match serde_json::from_str(&json) {
        Ok(arguments) => arguments,
        Err(_) => {
            return Answer::Refused(
                "the arguments cannot be read; hint: send plain JSON, less deeply nested"
                    .to_owned(),
            );
        }
    };
    let arguments = &arguments;
    let applies = |rule: &&Rule| rule.applies(&action.server, &action.name);
    let rules: Vec<&Rule> = settings.rules.iter().filter(applies).collect();
    for rule in &rules {
        if let Err(message) = listed(settings, rule, arguments) {
            return Answer::Refused(message);
        }
    }
    if settings.scan {
        let ignored: Vec<&str> = rules
            .iter()
            .flat_map(|rule| &rule.ignore)
            .map(String::as_str)
            .collect();
        let mut search = Search {
            settings,
            ignored,
            seen: 0,
        };
        if let Err((pointer, refused)) = search.value(arguments, &mut String::new()) {
            return Answer::Refused(at(&pointer, &refused));
        }
    }
    if rules
        .iter()
        .any(|rule| !rule.urls.is_empty() || !rule.hosts.is_empty())
    {
        Answer::Fine
    } else {
        Answer::NotMine
    }
}

fn at(pointer: &str, refused: &Refused) -> String {
    let shown: String = pointer
        .chars()
        .filter(|c| !c.is_control())
        .take(60)
        .collect();
    format!("`{shown}`: {refused}")
}

/// Judges the arguments that a rule names. One of them must be there: a tool
/// that is asked to fetch nothing may fetch something of its own choice.
fn listed(settings: &Settings, rule: &Rule, arguments: &Value) -> Result<(), String> {
    let mut judged = 0;
    let named = rule
        .urls
        .iter()
        .map(|pointer| (pointer, true))
        .chain(rule.hosts.iter().map(|pointer| (pointer, false)));
    for (pointer, is_url) in named {
        let Some(value) = arguments.pointer(pointer) else {
            continue;
        };
        let values = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            judged += 1;
            let text = value.as_str().ok_or(Refused::NotText);
            let target = text.and_then(|text| {
                if is_url {
                    check(settings, text)
                } else {
                    check_host(settings, text)
                }
            });
            target.map_err(|refused| at(pointer, &refused))?;
        }
    }
    let expected = !rule.urls.is_empty() || !rule.hosts.is_empty();
    if expected && judged == 0 {
        let pointers: Vec<&str> = rule
            .urls
            .iter()
            .chain(&rule.hosts)
            .map(String::as_str)
            .collect();
        return Err(format!(
            "no URL given; hint: send it in `{}`",
            pointers.join("` or `")
        ));
    }
    Ok(())
}

/// A walk through all arguments.
struct Search<'a> {
    settings: &'a Settings,
    ignored: Vec<&'a str>,
    seen: usize,
}

impl Search<'_> {
    fn value(&mut self, value: &Value, pointer: &mut String) -> Result<(), (String, Refused)> {
        if self.ignored.contains(&pointer.as_str()) {
            return Ok(());
        }
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
            Value::String(text) => self.text(text, pointer),
            Value::Array(elements) => elements
                .iter()
                .enumerate()
                .try_for_each(|(at, element)| self.step(&at.to_string(), element, pointer)),
            Value::Object(members) => members.iter().try_for_each(|(name, member)| {
                self.text(name, pointer)?;
                self.step(&name.replace('~', "~0").replace('/', "~1"), member, pointer)
            }),
        }
    }

    fn step(
        &mut self,
        name: &str,
        value: &Value,
        pointer: &mut String,
    ) -> Result<(), (String, Refused)> {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(name);
        let judged = self.value(value, pointer);
        pointer.truncate(length);
        judged
    }

    fn text(&mut self, text: &str, pointer: &str) -> Result<(), (String, Refused)> {
        for found in urls(text) {
            self.seen += 1;
            let judged = match found {
                Found::Cut => Err(Refused::Whitespace),
                Found::Url(_) if self.seen > URLS_MAX => Err(Refused::TooLong),
                Found::Url(url) => check(self.settings, url).map(|_| ()),
            };
            judged.map_err(|refused| (pointer.to_owned(), refused))?;
        }
        Ok(())
    }
}
