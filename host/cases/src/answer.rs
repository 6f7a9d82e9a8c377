//! What a policy answered to one case.

use gatewright_policy::json::{Document, JsonLimits, apply_edits};
use gatewright_policy::{
    Authority, Charge, Edit, Fault, Finding, Note, Obligation, Opinion, Power, Report, Revision,
    Verdict,
};
use gatewright_sandbox::{Contract, Guest, LoadError, LogLevel, LogLine, World};
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
    Verdict(Verdict, Vec<Obligation>),
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
        /// What it would cost.
        charges: Vec<Charge>,
    },
    /// The result is withheld.
    Block {
        /// What the agent would get instead.
        message: String,
        /// What the session would carry from here.
        labels: Vec<String>,
        /// What it would cost.
        charges: Vec<Charge>,
    },
}

/// What came, what it cost, and what was logged.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What came.
    pub answered: Answered,
    /// Why, as the policy notes it.
    pub notes: Vec<Note>,
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
        let (answered, notes, fuel, log, needs) = match guest.world() {
            World::Policy => {
                let said = guest.judge(&case.request).await;
                let needs = needed(&said.result, |powers, opinion: &Opinion| {
                    powers.lacking_for_opinion(opinion)
                });
                let usable = said.result.and_then(|opinion| match opinion.verdict {
                    // A contract before 0.2 has no bounds for what people are asked.
                    Verdict::Ask(_) if guest.contract() < Contract::V0_2 => Ok(opinion),
                    _ => opinion.check().map(|()| opinion),
                });
                let notes = usable
                    .as_ref()
                    .map(|it| it.notes.clone())
                    .unwrap_or_default();
                let answered = usable.map_or_else(Answered::Fault, |opinion| {
                    Answered::Verdict(opinion.verdict, opinion.obligations)
                });
                (answered, notes, said.fuel, said.log, needs)
            }
            World::Editor => {
                let said = guest.revise(&case.request).await;
                let needs = needed(&said.result, |powers, revision: &Revision| {
                    powers.lacking_for_revision(revision)
                });
                let notes = said.result.as_ref().map(|it| it.notes.clone());
                let notes = notes.unwrap_or_default();
                let answered = said.result.and_then(|revision| {
                    revision.check()?;
                    Answered::edited(&case.request.arguments, &revision.edits)
                });
                let answered = answered.unwrap_or_else(Answered::Fault);
                (answered, notes, said.fuel, said.log, needs)
            }
            World::Reviewer => {
                let response = case.response();
                let said = guest.review(&case.request, &response).await;
                let needs = needed(&said.result, |powers, report: &Report| {
                    powers.lacking_for_report(report)
                });
                let notes = said.result.as_ref().map(|it| it.notes.clone());
                let notes = notes.unwrap_or_default();
                let answered = said.result.and_then(|report| {
                    report.check()?;
                    Answered::found(&response.document, report)
                });
                let answered = answered.unwrap_or_else(Answered::Fault);
                (answered, notes, said.fuel, said.log, needs)
            }
        };
        Self {
            answered,
            notes,
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
            LoadError::Settings(error) => error.to_string(),
            other => other.to_string(),
        };
        Self {
            answered: Answered::NotLoaded(message),
            notes: Vec::new(),
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

    fn found(response: &Document, report: Report) -> Result<Self, Fault> {
        let Report {
            finding,
            labels,
            charges,
            ..
        } = report;
        match finding {
            Finding::Pass { edits } => Ok(Self::Pass {
                before: value(response),
                after: applied(response, &edits)?,
                labels,
                charges,
            }),
            Finding::Block { message } => Ok(Self::Block {
                message,
                labels,
                charges,
            }),
        }
    }

    /// The member of `expect` that stands for this kind of answer, and its value.
    pub(crate) fn kind(&self) -> (&'static str, &'static str) {
        match self {
            Self::NotLoaded(_) => ("settings-error", ""),
            Self::Fault(fault) => ("fault", fault.name()),
            Self::Verdict(verdict, _) => ("verdict", verdict.name()),
            Self::Arguments { .. } => ("arguments", ""),
            Self::Pass { .. } => ("finding", "pass"),
            Self::Block { .. } => ("finding", "block"),
        }
    }

    /// What would have to be done if the call went ahead.
    pub fn obligations(&self) -> &[Obligation] {
        match self {
            Self::Verdict(_, obligations) => obligations,
            _ => &[],
        }
    }

    /// For a program to read, in the words of `expect`.
    pub fn to_json(&self) -> Value {
        match self {
            Self::NotLoaded(message) => json!({ "settings-error": message }),
            Self::Fault(fault) => json!({ "fault": fault.name(), "message": fault.to_string() }),
            Self::Verdict(verdict, obligations) => {
                let mut told = json!(verdict);
                let owes = !obligations.is_empty() || matches!(verdict, Verdict::Allow);
                if let (Some(members), true) = (told.as_object_mut(), owes) {
                    members.insert("obligations".to_owned(), json!(obligations));
                }
                told
            }
            Self::Arguments { after, .. } => json!({ "arguments": after }),
            Self::Pass {
                after,
                labels,
                charges,
                ..
            } => {
                let told = json!({ "finding": "pass", "result": after, "labels": labels });
                with_charges(told, charges)
            }
            Self::Block {
                message,
                labels,
                charges,
            } => {
                let mut told = json!({ "finding": "block", "message": message });
                if let (Some(members), false) = (told.as_object_mut(), labels.is_empty()) {
                    members.insert("labels".to_owned(), json!(labels));
                }
                with_charges(told, charges)
            }
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

fn with_charges(mut told: Value, charges: &[Charge]) -> Value {
    if let (Some(members), false) = (told.as_object_mut(), charges.is_empty()) {
        members.insert("charges".to_owned(), json!(charges));
    }
    told
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
