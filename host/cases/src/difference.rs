//! Where an answer is not what its case expects, member by member.

use gatewright_policy::{Ask, Authority, Charge, Denial, Fault, Power, Verdict};
use serde::Serialize;
use serde_json::Value;

use crate::answer::{Answer, Answered, Line};
use crate::expect::{Expect, Text};

/// Places of two JSON values that are listed before the rest is left out.
const PLACES_MAX: usize = 8;

/// One member that is different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which member, with the place in it.
    pub member: String,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub got: String,
}

/// Collects them.
struct Differences {
    /// Texts must be equal, not only occur.
    is_exact: bool,
    found: Vec<Difference>,
}

/// Every member in which the answer differs; nothing when the case passes.
pub fn between(expect: &Expect, answer: &Answer, is_exact: bool) -> Vec<Difference> {
    let mut differences = Differences {
        is_exact,
        found: Vec::new(),
    };
    if differences.kind(expect, &answer.answered) {
        differences.answer(expect, &answer.answered);
    }
    if let Some(rules) = &expect.rules {
        let noted = answer.notes.iter().map(|note| note.rule.clone());
        differences.equal("rules", Some(rules), &noted.collect::<Vec<_>>());
    }
    if let Some(lines) = &expect.log {
        differences.log(lines, &answer.log);
    }
    differences.found
}

/// Where an answer needs more than the policy says that it needs: a gate that
/// grants that much makes it a fault, whatever the case expects.
pub fn beyond(authority: Authority, answer: &Answer) -> Option<Difference> {
    let is_lacking = |power: &Power| !authority.grants(*power);
    let needs: Vec<_> = Vec::from(answer.needs);
    let lacking: Vec<_> = needs.into_iter().filter(is_lacking).collect();
    if lacking.is_empty() {
        return None;
    }
    let names: Vec<_> = lacking.iter().map(|power| format!("`{power}`")).collect();
    let all = lacking.into_iter().fold(authority, Authority::with);
    Some(Difference {
        member: "authority".to_owned(),
        expected: format!(
            "an answer within `{}` of policy.toml",
            authority_line(authority)
        ),
        got: format!(
            "one that needs {} too, which a gate makes the fault `not-granted`; \
             hint: write `{}`, or answer otherwise; it answered {}",
            names.join(" and "),
            authority_line(all),
            answer.answered.to_json()
        ),
    })
}

// === impl Differences ===

impl Differences {
    /// Whether it is the right kind of answer; members of another kind have
    /// nothing to be compared with.
    fn kind(&mut self, expect: &Expect, answered: &Answered) -> bool {
        let (member, name) = answered.kind();
        let expected = match (expect.verdict, expect.finding, &expect.fault) {
            (Some(verdict), _, _) => ("verdict", Some(text_of(&verdict))),
            (_, Some(finding), _) => ("finding", Some(text_of(&finding))),
            (_, _, Some(names)) => {
                let is_listed = names.0.iter().any(|fault| fault.name() == name);
                if member == "fault" && is_listed {
                    return true;
                }
                let names: Vec<_> = names.0.iter().map(|fault| fault.name()).collect();
                ("fault", Some(names.join(" or ")))
            }
            (None, None, None) if expect.settings_error.is_some() => ("settings-error", None),
            (None, None, None) => ("arguments", None),
        };
        if expected.0 == member
            && expected
                .1
                .as_deref()
                .is_none_or(|expected| expected == name)
        {
            return true;
        }
        let detail = match answered {
            Answered::Fault(fault) => fault.to_string(),
            Answered::NotLoaded(message) => message.clone(),
            _ => answered.to_json().to_string(),
        };
        self.found.push(Difference {
            member: expected.0.to_owned(),
            expected: expected.1.unwrap_or_else(|| "one".to_owned()),
            got: match expected.0 == member {
                true => format!("{name}: {detail}"),
                false => format!("{member}: {detail}"),
            },
        });
        false
    }

    fn answer(&mut self, expect: &Expect, answered: &Answered) {
        match answered {
            Answered::NotLoaded(message) => {
                self.text("settings-error", expect.settings_error.as_ref(), message);
            }
            Answered::Fault(fault) => self.fault(expect, fault),
            Answered::Verdict(verdict, obligations) => {
                match verdict {
                    Verdict::Abstain | Verdict::Allow => {}
                    Verdict::Deny(denial) => self.denial(expect, denial),
                    Verdict::Ask(asked) => self.ask(expect, asked),
                }
                let expected = expect.obligations.as_deref().unwrap_or_default();
                self.equal("obligations", Some(expected), obligations.as_slice());
            }
            Answered::Arguments { after, .. } => {
                if let Some(expected) = &expect.arguments {
                    self.json("arguments", expected, after);
                }
            }
            Answered::Pass {
                before,
                after,
                labels,
                charges,
            } => {
                self.json("result", expect.result.as_ref().unwrap_or(before), after);
                self.left(expect, labels, charges);
            }
            Answered::Block {
                message,
                labels,
                charges,
            } => {
                self.text("message", expect.message.as_ref(), message);
                self.left(expect, labels, charges);
            }
        }
    }

    /// The words around a fault are the host's: a part is enough.
    fn fault(&mut self, expect: &Expect, fault: &Fault) {
        let message = fault.to_string();
        if let Some(Text(expected)) = &expect.message
            && !message.contains(expected.as_str())
        {
            self.push("message", format!("contains {expected:?}"), message);
        }
    }

    fn denial(&mut self, expect: &Expect, denial: &Denial) {
        self.equal("refusal", expect.refusal.as_ref(), &denial.refusal);
        self.text("message", expect.message.as_ref(), &denial.message);
        self.equal("scopes", expect.scopes.as_ref(), &denial.scopes);
    }

    /// What a reviewer leaves behind: nothing but what is said.
    fn left(&mut self, expect: &Expect, labels: &[String], charges: &[Charge]) {
        let expected = expect.labels.as_deref().unwrap_or_default();
        self.equal("labels", Some(expected), labels);
        let expected = expect.charges.as_deref().unwrap_or_default();
        self.equal("charges", Some(expected), charges);
    }

    fn ask(&mut self, expect: &Expect, asked: &Ask) {
        self.text("title", expect.title.as_ref(), &asked.title);
        self.text("reason", expect.reason.as_ref(), &asked.reason);
        self.equal("roles", expect.roles.as_ref(), &asked.roles);
        self.equal("quorum", expect.quorum.as_ref(), &asked.quorum);
        self.equal("show", expect.show.as_ref(), &asked.show);
        self.equal("exclude", expect.exclude.as_ref(), &asked.exclude);
        self.equal(
            "exclude-requester",
            expect.exclude_requester.as_ref(),
            &asked.exclude_requester,
        );
        self.equal(
            "decide-within-seconds",
            expect.decide_within_seconds.as_ref(),
            &asked.decide_within_seconds,
        );
        self.equal(
            "use-within-seconds",
            expect.use_within_seconds.as_ref(),
            &asked.use_within_seconds,
        );
    }

    /// Each expected line is part of a logged one, in this order.
    fn log(&mut self, expected: &[String], logged: &[Line]) {
        let written: Vec<_> = logged.iter().map(Line::written).collect();
        let mut rest = written.iter();
        for line in expected {
            if !rest.any(|written| written.contains(line.as_str())) {
                let expected = format!("a line that contains {line:?}");
                self.push("log", expected, text_of(&written));
                return;
            }
        }
    }

    fn equal<T: PartialEq + Serialize + ?Sized>(
        &mut self,
        member: &str,
        expected: Option<&T>,
        got: &T,
    ) {
        if let Some(expected) = expected.filter(|expected| *expected != got) {
            self.push(member, text_of(expected), text_of(got));
        }
    }

    fn text(&mut self, member: &str, expected: Option<&Text>, got: &str) {
        let Some(Text(expected)) = expected else {
            return;
        };
        match self.is_exact {
            true if expected != got => {
                self.push(member, format!("{expected:?}"), format!("{got:?}"));
            }
            false if !got.contains(expected.as_str()) => {
                self.push(member, format!("contains {expected:?}"), format!("{got:?}"));
            }
            true | false => {}
        }
    }

    fn json(&mut self, member: &str, expected: &Value, got: &Value) {
        let mut places = Vec::new();
        places_that_differ(member, Some(expected), Some(got), &mut places);
        self.found.extend(places);
    }

    fn push(&mut self, member: &str, expected: String, got: String) {
        self.found.push(Difference {
            member: member.to_owned(),
            expected,
            got,
        });
    }
}

/// Goes down as long as both are objects, or arrays of one length.
fn places_that_differ(
    place: &str,
    expected: Option<&Value>,
    got: Option<&Value>,
    found: &mut Vec<Difference>,
) {
    if expected == got || found.len() >= PLACES_MAX {
        return;
    }
    match (expected, got) {
        (Some(Value::Object(expected)), Some(Value::Object(got))) => {
            let added = got.keys().filter(|name| !expected.contains_key(*name));
            for name in expected.keys().chain(added) {
                let place = format!("{place}/{name}");
                places_that_differ(&place, expected.get(name), got.get(name), found);
            }
        }
        (Some(Value::Array(expected)), Some(Value::Array(got))) if expected.len() == got.len() => {
            for (index, (expected, got)) in expected.iter().zip(got).enumerate() {
                let place = format!("{place}/{index}");
                places_that_differ(&place, Some(expected), Some(got), found);
            }
        }
        _ => {
            let shown = |value: Option<&Value>| value.map_or("nothing".to_owned(), text_of);
            found.push(Difference {
                member: place.to_owned(),
                expected: shown(expected),
                got: shown(got),
            });
        }
    }
}

/// As `policy.toml` says it.
fn authority_line(authority: Authority) -> String {
    let powers = Vec::<Power>::from(authority).into_iter();
    let quoted: Vec<_> = powers.map(|power| format!("\"{power}\"")).collect();
    format!("authority = [{}]", quoted.join(", "))
}

/// A value as JSON; an enum without quotes.
fn text_of<T: Serialize + ?Sized>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(value) => value.to_string(),
        Err(error) => format!("({error})"),
    }
}
