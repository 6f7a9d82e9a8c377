//! One call: which arguments are URLs, which texts hold some.

use gatewright_sdk::Request;
use serde_json::Value;

use crate::Refused;
use crate::check::{check, check_host};
use crate::form::check_form;
use crate::member::Member;
use crate::scan::{Whole, is_slash, whole};
use crate::settings::{Rule, Settings};
use crate::text::{Texts, ends_in_control};

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

/// Judges the call.
pub fn answer(settings: &Settings, request: &Request) -> Answer {
    if !matches!(request.method().as_str(), "tools/call" | "prompts/get") {
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
    let (server, name) = (request.server(), request.name());
    let applies = |rule: &&Rule| rule.applies(&server, &name);
    let rules: Vec<&Rule> = settings.rules.iter().filter(applies).collect();
    for rule in &rules {
        if let Err(message) = listed(settings, rule, arguments) {
            return Answer::Refused(message);
        }
    }
    if settings.scan {
        let mut search = Search {
            rules: &rules,
            settings,
            texts: Texts::new(settings),
        };
        let judged = search.value(arguments, Member::Unnamed, false, &mut String::new());
        if let Err((pointer, refused)) = judged {
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
            let judged = text.and_then(|text| {
                if is_url {
                    let mut texts = Texts::new(settings);
                    texts.passed(check(settings, text)?);
                    // A tool that takes several takes one text apart.
                    texts.judge(text, false)
                } else {
                    check_host(settings, text).map(|_| ())
                }
            });
            judged.map_err(|refused| at(pointer, &refused))?;
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
    rules: &'a [&'a Rule],
    settings: &'a Settings,
    texts: Texts<'a>,
}

impl Search<'_> {
    /// Judges everything below the pointer. `kept` is text that a rule calls
    /// prose, whatever the members in it are called.
    fn value(
        &mut self,
        value: &Value,
        member: Member,
        kept: bool,
        pointer: &mut String,
    ) -> Result<(), (String, Refused)> {
        let named = |pointers: fn(&Rule) -> &[String]| {
            self.rules
                .iter()
                .any(|rule| pointers(rule).iter().any(|named| named == pointer))
        };
        if named(|rule| &rule.except) {
            return Ok(());
        }
        // Judged already, and more strictly.
        if named(|rule| &rule.urls) || named(|rule| &rule.hosts) {
            return Ok(());
        }
        let kept = kept || named(|rule| &rule.prose);
        let member = if kept { Member::Prose } else { member };
        match value {
            Value::Null | Value::Bool(_) => Ok(()),
            Value::Number(number) => self
                .number(number, member)
                .map_err(|refused| (pointer.clone(), refused)),
            Value::String(text) => self
                .text(text, member)
                .map_err(|refused| (pointer.clone(), refused)),
            Value::Array(elements) => elements.iter().enumerate().try_for_each(|(at, element)| {
                self.step(&at.to_string(), element, member, kept, pointer)
            }),
            Value::Object(members) => members.iter().try_for_each(|(name, value)| {
                self.text(name, if kept { Member::Prose } else { Member::Key })
                    .map_err(|refused| (pointer.clone(), refused))?;
                let member = self.settings.members.of(name);
                self.step(
                    &name.replace('~', "~0").replace('/', "~1"),
                    value,
                    member,
                    kept,
                    pointer,
                )
            }),
        }
    }

    fn step(
        &mut self,
        name: &str,
        value: &Value,
        member: Member,
        kept: bool,
        pointer: &mut String,
    ) -> Result<(), (String, Refused)> {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(name);
        let judged = self.value(value, member, kept, pointer);
        pointer.truncate(length);
        judged
    }

    fn text(&mut self, text: &str, member: Member) -> Result<(), Refused> {
        let prose = member == Member::Prose;
        match whole(text) {
            Whole::No => {}
            Whole::Start(_) if prose => {}
            Whole::Start(url) => self.texts.passed(check(self.settings, url)?),
            Whole::Cut if prose => ends_in_control(text)?,
            Whole::Cut => return Err(Refused::Whitespace),
            Whole::Url(url) if prose => self.whole_prose(url)?,
            Whole::Url(url) => self.texts.passed(check(self.settings, url)?),
        }
        self.texts.judge(text, prose)?;
        check_form(self.settings, member, text)
    }

    /// A text that is one URL and nothing else, where prose is expected.
    fn whole_prose(&self, url: &str) -> Result<(), Refused> {
        if url.starts_with(is_slash) {
            return check_form(self.settings, Member::Url, url.trim_start_matches(is_slash));
        }
        // No quote was opened, so none ends it: some read over it.
        let authority = crate::scan::authority_of_whole(url);
        let quoted = authority
            .find(['"', '`'])
            .and_then(|at| authority.get(at + 1..))
            .is_some_and(|behind| behind.starts_with(['.', '@']));
        if quoted { Err(Refused::NoHost) } else { Ok(()) }
    }

    /// `2130706433` is a host to C libraries.
    fn number(&self, number: &serde_json::Number, member: Member) -> Result<(), Refused> {
        match member {
            Member::Host | Member::Url => match number.as_u64().and_then(|n| u32::try_from(n).ok())
            {
                Some(number) if number >= 1 << 24 => {
                    check_form(self.settings, member, &number.to_string())
                }
                Some(_) | None => Ok(()),
            },
            Member::Unnamed | Member::Key | Member::Place | Member::Command | Member::Prose => {
                Ok(())
            }
        }
    }
}
