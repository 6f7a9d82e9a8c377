//! One decision as a row of a list.

use gatewright_policy::record::{Completed, Decided, shortened};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{DecisionKind, Reason, Timestamp};

/// What a list says of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) sequence: u64,
    pub(crate) at: Timestamp,
    pub(crate) id: String,
    pub(crate) decision: DecisionKind,
    /// What the call is about.
    pub(crate) what: String,
    pub(crate) agent: Option<String>,
    pub(crate) principal: Option<String>,
    pub(crate) reason: Option<Reason>,
    pub(crate) ended: Option<(PastOutcome, Option<Reason>)>,
}

impl Row {
    pub(crate) fn of(sequence: u64, at: Timestamp, decided: &Decided) -> Self {
        let caller = decided.caller.as_ref();
        Self {
            sequence,
            at,
            id: decided.id.clone(),
            decision: decided.decision,
            what: tool_of(decided),
            agent: caller.map(|caller| caller.agent.clone()),
            principal: caller.and_then(|caller| caller.principal.clone()),
            reason: decided.reason,
            ended: None,
        }
    }

    pub(crate) fn ends(&mut self, completed: &Completed) {
        self.ended = Some((completed.outcome, completed.reason));
    }

    /// In one word, for a person, and how it looks.
    pub(crate) fn word(&self) -> (&'static str, &'static str) {
        match (self.decision, self.ended) {
            (DecisionKind::Deny, _) => ("Denied", "bad"),
            (DecisionKind::Hold, _) => ("Held", "wait"),
            (DecisionKind::Allow, Some((outcome, _))) => ended(outcome),
            (DecisionKind::Allow, None) => ("Allowed", "good"),
        }
    }

    /// The same of a call that went ahead, once it has ended.
    pub(crate) fn ended_word(completed: &Completed) -> (&'static str, &'static str) {
        ended(completed.outcome)
    }

    /// Who asks, and for whom.
    pub(crate) fn by(&self) -> String {
        match (&self.agent, &self.principal) {
            (Some(agent), Some(principal)) => format!("{agent} for {principal}"),
            (Some(agent), None) => agent.clone(),
            (None, _) => "nobody known".to_owned(),
        }
    }

    /// Why it did not go ahead, or did not end well.
    pub(crate) fn why(&self) -> Option<Reason> {
        self.reason.or(self.ended.and_then(|(_, reason)| reason))
    }
}

const fn ended(outcome: PastOutcome) -> (&'static str, &'static str) {
    match outcome {
        PastOutcome::Allowed | PastOutcome::Held | PastOutcome::Pending => ("Allowed", "good"),
        PastOutcome::Failed => ("Failed", "bad"),
        PastOutcome::Denied => ("Withheld", "bad"),
    }
}

/// What a decision is about, as policies and credentials name it.
pub(crate) fn tool_of(decided: &Decided) -> String {
    let text = match (decided.method.as_str(), decided.name.as_str()) {
        ("", _) => decided.server.clone(),
        ("tools/call", name) => format!("{}:{name}", decided.server),
        (method, "") => format!("{} {method}", decided.server),
        (method, name) => format!("{}:{name} {method}", decided.server),
    };
    shortened(&text)
}
