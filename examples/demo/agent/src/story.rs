//! What the agent does, and what should come of it.

use serde_json::{Value, json};

use crate::agent::Reply;
use crate::ledger::Verdict;

/// One step of the story.
pub(crate) enum Step {
    /// The agent calls a tool.
    Call(Call),
    /// A person approves the held call.
    Approve,
    /// The operator edits the settings of a policy while the gate runs.
    CloseReports,
}

/// One tool call.
pub(crate) struct Call {
    pub(crate) tool: &'static str,
    pub(crate) arguments: Value,
    pub(crate) credential: Credential,
    pub(crate) wanted: Wanted,
}

/// What the agent shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    Valid,
    Expired,
}

/// What the gate should decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// It goes on, and the tool answers.
    Allowed,
    /// It goes on, and the answer loses a secret on its way back.
    Redacted,
    /// It is refused with this reason, by this policy or by the gate itself.
    Denied(&'static str, Option<&'static str>),
    /// It waits for a person.
    Held(&'static str),
    /// It went ahead once, and does not again: what came of it is given again.
    Repeated,
}

pub(crate) const SECRET_PREFIX: &str = "ghp_";

pub(crate) fn steps() -> Vec<Step> {
    use Credential::{Expired, Valid};
    let call = |tool, arguments, credential, wanted| {
        Step::Call(Call {
            tool,
            arguments,
            credential,
            wanted,
        })
    };
    let read = |path| json!({ "path": path });
    let sql = |sql| json!({ "sql": sql });
    let plan = || json!({ "path": "notes/plan.md", "text": "Hire." });
    vec![
        call(
            "read_file",
            read("notes/welcome.md"),
            Valid,
            Wanted::Allowed,
        ),
        call(
            "read_file",
            read("notes/../../../etc/passwd"),
            Valid,
            Wanted::Denied("invalid_arguments", Some("path-guard")),
        ),
        call(
            "query",
            sql("SELECT name FROM customers"),
            Valid,
            Wanted::Allowed,
        ),
        call(
            "query",
            sql("DELETE FROM customers"),
            Valid,
            Wanted::Denied("invalid_arguments", Some("sql-guard")),
        ),
        call(
            "delete_file",
            read("notes/welcome.md"),
            Valid,
            Wanted::Denied("insufficient_scope", None),
        ),
        call(
            "read_file",
            read("notes/welcome.md"),
            Expired,
            Wanted::Denied("credential_expired", None),
        ),
        call(
            "read_file",
            read("notes/deploy.md"),
            Valid,
            Wanted::Redacted,
        ),
        call("write_file", plan(), Valid, Wanted::Held("tool-gate")),
        Step::Approve,
        call("write_file", plan(), Valid, Wanted::Allowed),
        call("write_file", plan(), Valid, Wanted::Repeated),
        call("read_file", read("reports/q3.md"), Valid, Wanted::Allowed),
        Step::CloseReports,
        call(
            "read_file",
            read("reports/q3.md"),
            Valid,
            Wanted::Denied("invalid_arguments", Some("path-guard")),
        ),
    ]
}

impl Wanted {
    pub(crate) fn is_met_by(self, verdict: &Verdict, reply: &Reply) -> bool {
        let by = |binding| {
            verdict
                .deciders
                .iter()
                .any(|decider| decider.binding == binding)
        };
        match self {
            Self::Allowed => verdict.decision == "allow" && reply.answer.is_some(),
            Self::Redacted => {
                let answer = reply.answer.as_deref().unwrap_or(SECRET_PREFIX);
                verdict.decision == "allow" && verdict.changed && !answer.contains(SECRET_PREFIX)
            }
            Self::Denied(reason, binding) => {
                verdict.decision == "deny"
                    && verdict.reason == reason
                    && reply.answer.is_none()
                    && binding.is_none_or(by)
            }
            Self::Repeated => {
                verdict.decision == "deny"
                    && verdict.reason == "approval_used"
                    && reply.answer.is_some()
            }
            Self::Held(binding) => {
                verdict.decision == "hold" && reply.answer.is_none() && by(binding)
            }
        }
    }

    /// Whether the tools should see the call.
    pub(crate) const fn goes_ahead(self) -> bool {
        match self {
            Self::Allowed | Self::Redacted => true,
            Self::Denied(..) | Self::Held(_) | Self::Repeated => false,
        }
    }
}
