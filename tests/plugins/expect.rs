//! What a case expects, and how it compares to what came.

use gatewright_policy::Fault;
use gatewright_policy::json::{Document, JsonLimits, apply_edits};
use gatewright_policy::verdict::{Edit, Finding, Obligation, Refusal, Verdict};
use serde::Deserialize;
use serde_json::Value;

/// The `expect` of a case. Exactly one of the first five is there.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Expect {
    verdict: Option<String>,
    finding: Option<String>,
    arguments: Option<Value>,
    fault: Option<String>,
    settings_error: Option<String>,
    refusal: Option<Refusal>,
    message: Option<String>,
    scopes: Option<Vec<String>>,
    obligations: Vec<Obligation>,
    title: Option<String>,
    reason: Option<String>,
    roles: Option<Vec<String>>,
    quorum: Option<u8>,
    ttl_seconds: Option<u32>,
    result: Option<Value>,
    labels: Vec<String>,
}

/// What came.
#[derive(Debug)]
pub(crate) enum Answered {
    NotLoaded(String),
    Fault(Fault),
    Verdict(Verdict),
    /// The arguments after the edits.
    Arguments(Value),
    /// The result before and after the edits.
    Pass {
        before: Value,
        after: Value,
        labels: Vec<String>,
    },
    Block(String),
}

impl Expect {
    /// Says what is different.
    pub(crate) fn check(&self, answered: &Answered) -> Result<(), String> {
        let mut differences = Differences(Vec::new());
        let kind = match answered {
            Answered::NotLoaded(error) => {
                differences.part("settings-error", self.settings_error.as_ref(), error);
                ("settings-error", self.settings_error.is_some())
            }
            Answered::Fault(fault) => {
                let fault = fault.name().to_owned();
                differences.equal("fault", self.fault.as_ref(), &fault);
                ("fault", self.fault.is_some())
            }
            Answered::Verdict(verdict) => {
                self.check_verdict(verdict, &mut differences);
                ("verdict", self.verdict.is_some())
            }
            Answered::Arguments(arguments) => {
                differences.equal("arguments", self.arguments.as_ref(), arguments);
                ("arguments", self.arguments.is_some())
            }
            Answered::Pass {
                before,
                after,
                labels,
            } => {
                differences.equal("finding", self.finding.as_ref(), &"pass".to_owned());
                differences.equal(
                    "result",
                    Some(self.result.as_ref().unwrap_or(before)),
                    after,
                );
                differences.equal("labels", Some(&self.labels), labels);
                ("finding", self.finding.is_some())
            }
            Answered::Block(message) => {
                differences.equal("finding", self.finding.as_ref(), &"block".to_owned());
                differences.part("message", self.message.as_ref(), message);
                ("finding", self.finding.is_some())
            }
        };
        match (kind, differences.0.as_slice()) {
            ((_, true), []) => Ok(()),
            ((_, true), differences) => Err(format!(
                "{}; it answered {answered:?}",
                differences.join("; ")
            )),
            ((kind, false), _) => Err(format!("no `{kind}` expected; it answered {answered:?}")),
        }
    }

    fn check_verdict(&self, verdict: &Verdict, differences: &mut Differences) {
        let name = match verdict {
            Verdict::Abstain => "abstain",
            Verdict::Allow { obligations } => {
                differences.equal("obligations", Some(&self.obligations), obligations);
                "allow"
            }
            Verdict::Deny(denial) => {
                differences.equal("refusal", self.refusal.as_ref(), &denial.refusal);
                differences.part("message", self.message.as_ref(), &denial.message);
                differences.equal("scopes", self.scopes.as_ref(), &denial.scopes);
                "deny"
            }
            Verdict::Ask(asked) => {
                differences.part("title", self.title.as_ref(), &asked.title);
                differences.part("reason", self.reason.as_ref(), &asked.reason);
                differences.equal("roles", self.roles.as_ref(), &asked.roles);
                differences.equal("quorum", self.quorum.as_ref(), &asked.quorum);
                differences.equal("ttl-seconds", self.ttl_seconds.as_ref(), &asked.ttl_seconds);
                "ask"
            }
        };
        differences.equal("verdict", self.verdict.as_ref(), &name.to_owned());
    }
}

struct Differences(Vec<String>);

impl Differences {
    fn equal<T: PartialEq + std::fmt::Debug>(
        &mut self,
        member: &str,
        expected: Option<&T>,
        found: &T,
    ) {
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            self.0.push(format!("`{member}` should be {expected:?}"));
        }
    }

    fn part(&mut self, member: &str, expected: Option<&String>, found: &str) {
        if let Some(expected) = expected.filter(|expected| !found.contains(expected.as_str())) {
            self.0
                .push(format!("`{member}` should contain {expected:?}"));
        }
    }
}

impl Answered {
    pub(crate) fn judge(result: Result<Verdict, Fault>) -> Self {
        result.map_or_else(Self::Fault, Self::Verdict)
    }

    pub(crate) fn editor(result: Result<Vec<Edit>, Fault>, arguments: &Document) -> Self {
        match result {
            Ok(edits) => Self::Arguments(edited(arguments, &edits)),
            Err(fault) => Self::Fault(fault),
        }
    }

    pub(crate) fn reviewer(result: Result<Finding, Fault>, response: &Document) -> Self {
        match result {
            Ok(Finding::Pass { edits, labels }) => Self::Pass {
                before: value(response),
                after: edited(response, &edits),
                labels,
            },
            Ok(Finding::Block { message }) => Self::Block(message),
            Err(fault) => Self::Fault(fault),
        }
    }
}

fn edited(document: &Document, edits: &[Edit]) -> Value {
    value(&apply_edits(document, edits, &JsonLimits::default()).unwrap())
}

fn value(document: &Document) -> Value {
    serde_json::from_str(document.text()).unwrap()
}
