//! What a policy answered to one case.

use gatewright_policy::json::{Document, JsonLimits, apply_edits};
use gatewright_policy::verdict::{Edit, Finding, Verdict};
use gatewright_policy::{Authority, Fault, Obligation, Power};
use gatewright_sandbox::{Guest, LoadError, LogLevel, LogLine, World};
use serde::Serialize;
use serde_json::{Value, json};

use crate::case::Case;

/// What came.
#[derive(Clone, Debug)]
pub enum Answered {
    /// The settings were refused, or `configure` gave no answer.
    NotLoaded(String),
    /// No usable answer.
    Fault(Fault),
    /// Of a judge.
    Verdict(Verdict),
    /// The arguments before and after the edits.
    Arguments {
        /// As the agent wrote them.
        before: Value,
        /// As the tool would get them.
        after: Value,
    },
    /// The result before and after the edits.
    Pass {
        /// As the tool answered.
        before: Value,
        /// As the agent would get it.
        after: Value,
        /// What the session would carry from here.
        labels: Vec<String>,
    },
    /// The result is withheld, with this message.
    Block(String),
}

/// What came, what it cost, and what was logged.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What came.
    pub answered: Answered,
    /// None when there was nobody to ask.
    pub fuel: Option<u64>,
    /// What was logged.
    pub log: Vec<Line>,
    /// The powers without which a gate makes it a fault.
    pub needs: Authority,
}

/// A line that the policy logged.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// `debug`, `info` or `warn`.
    pub level: &'static str,
    /// As the policy wrote it.
    pub text: String,
}

// === impl Answer ===

impl Answer {
    /// Asks a guest once, in a fresh instance.
    pub async fn of(guest: &Result<Guest, LoadError>, case: &Case) -> Self {
        let guest = match guest {
            Ok(guest) => guest,
            Err(error) => return Self::not_loaded(error),
        };
        let (answered, fuel, log, needs) = match guest.world() {
            World::Policy => {
                let said = guest.judge(&case.request).await;
                let needs = needed(&said.result, |powers, verdict| {
                    powers.lacking_for_verdict(verdict)
                });
                (
                    said.result.map_or_else(Answered::Fault, Answered::Verdict),
                    said.fuel,
                    said.log,
                    needs,
                )
            }
            World::Editor => {
                let said = guest.revise(&case.request).await;
                let needs = needed(&said.result, |powers, edits| {
                    powers.lacking_for_edits(edits)
                });
                let answered = said
                    .result
                    .and_then(|edits| Answered::edited(&case.request.arguments, &edits));
                (
                    answered.unwrap_or_else(Answered::Fault),
                    said.fuel,
                    said.log,
                    needs,
                )
            }
            World::Reviewer => {
                let nothing = Document::empty_object();
                let response = case.response.as_ref().unwrap_or(&nothing);
                let is_error = case.response_is_error();
                let said = guest.review(&case.request, response, is_error).await;
                let needs = needed(&said.result, |powers, finding| {
                    powers.lacking_for_finding(finding)
                });
                let answered = said
                    .result
                    .and_then(|finding| Answered::found(response, finding));
                (
                    answered.unwrap_or_else(Answered::Fault),
                    said.fuel,
                    said.log,
                    needs,
                )
            }
        };
        Self {
            answered,
            fuel: Some(fuel),
            log: log.iter().map(Line::of).collect(),
            needs,
        }
    }

    fn not_loaded(error: &LoadError) -> Self {
        let log = match error {
            LoadError::Configure { log, .. } => log.iter().map(Line::of).collect(),
            _ => Vec::new(),
        };
        let message = match error {
            // The policy's own words.
            LoadError::Settings(message) => message.clone(),
            other => other.to_string(),
        };
        Self {
            answered: Answered::NotLoaded(message),
            fuel: None,
            log,
            needs: Authority::NONE,
        }
    }
}

// === impl Answered ===

impl Answered {
    fn edited(arguments: &Document, edits: &[Edit]) -> Result<Self, Fault> {
        Ok(Self::Arguments {
            before: value(arguments),
            after: applied(arguments, edits)?,
        })
    }

    fn found(response: &Document, finding: Finding) -> Result<Self, Fault> {
        match finding {
            Finding::Pass { edits, labels } => Ok(Self::Pass {
                before: value(response),
                after: applied(response, &edits)?,
                labels,
            }),
            Finding::Block { message } => Ok(Self::Block(message)),
        }
    }

    /// The member of `expect` that stands for this kind of answer, and its value.
    pub(crate) fn kind(&self) -> (&'static str, &'static str) {
        match self {
            Self::NotLoaded(_) => ("settings-error", ""),
            Self::Fault(fault) => ("fault", fault.name()),
            Self::Verdict(verdict) => ("verdict", verdict_name(verdict)),
            Self::Arguments { .. } => ("arguments", ""),
            Self::Pass { .. } => ("finding", "pass"),
            Self::Block(_) => ("finding", "block"),
        }
    }

    /// The obligations of an allowance.
    pub fn obligations(&self) -> &[Obligation] {
        match self {
            Self::Verdict(Verdict::Allow { obligations }) => obligations,
            _ => &[],
        }
    }

    /// For a program to read, in the words of `expect`.
    pub fn to_json(&self) -> Value {
        match self {
            Self::NotLoaded(message) => json!({ "settings-error": message }),
            Self::Fault(fault) => json!({ "fault": fault.name(), "message": fault.to_string() }),
            Self::Verdict(verdict) => json!(verdict),
            Self::Arguments { after, .. } => json!({ "arguments": after }),
            Self::Pass { after, labels, .. } => {
                json!({ "finding": "pass", "result": after, "labels": labels })
            }
            Self::Block(message) => json!({ "finding": "block", "message": message }),
        }
    }
}

/// Every power that an answer needs, by the rule that tells the first one.
fn needed<T>(
    answer: &Result<T, Fault>,
    lacking: impl Fn(Authority, &T) -> Option<Power>,
) -> Authority {
    let mut needs = Authority::NONE;
    if let Ok(answer) = answer {
        while let Some(power) = lacking(needs, answer) {
            needs = needs.with(power);
        }
    }
    needs
}

/// As it stands in a case.
pub const fn verdict_name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Abstain => "abstain",
        Verdict::Allow { .. } => "allow",
        Verdict::Deny(_) => "deny",
        Verdict::Ask(_) => "ask",
    }
}

fn applied(document: &Document, edits: &[Edit]) -> Result<Value, Fault> {
    apply_edits(document, edits, &JsonLimits::default())
        .map(|edited| value(&edited))
        .map_err(|error| Fault::BadOutput(error.to_string()))
}

/// A document as a value. It was parsed before, more strictly: what this parser
/// cannot hold (a number beyond any float) is shown as its text.
fn value(document: &Document) -> Value {
    serde_json::from_str(document.text())
        .unwrap_or_else(|_| Value::String(document.text().to_owned()))
}

// === impl Line ===

impl Line {
    fn of(line: &LogLine) -> Self {
        Self {
            level: match line.level {
                LogLevel::Debug => "debug",
                LogLevel::Info => "info",
                LogLevel::Warn => "warn",
            },
            text: line.text.clone(),
        }
    }

    /// As a case writes it: `warn: text`.
    pub fn written(&self) -> String {
        format!("{}: {}", self.level, self.text)
    }
}
