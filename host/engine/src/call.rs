//! A call on its way to a decision.

use std::borrow::Cow;
use std::sync::Arc;

use gatewright_policy::json::{Document, Pointer};
use gatewright_policy::record::{RecordKeys, RecordedOpinion};
use gatewright_policy::{
    Ask, Decision, DecisionKind, Denied, Flip, Grant, Hints, Reason, Request, Timestamp,
};
use gatewright_sandbox::World;

use crate::approvals::Found;
use crate::binding::Binding;
use crate::session::SessionError;
use crate::snapshot::Snapshot;
use crate::tools::Stand;

/// What an agent asked, with who it is established.
#[derive(Clone, Debug)]
pub struct Call {
    /// Id of the decision to come: unique, made by the caller.
    pub id: String,
    /// Who asks.
    pub grant: Grant,
    /// How much must be decided.
    pub kind: Kind,
    /// The MCP method.
    pub method: String,
    /// The tool server.
    pub server: Arc<str>,
    /// The tool, prompt or resource; empty where the method names nothing.
    pub name: String,
    /// The whole message.
    pub message: Document,
    /// Where in the message its arguments stand.
    pub arguments_at: Pointer<'static>,
    /// When it arrived.
    pub at: Timestamp,
}

/// How much must be decided about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The scopes must cover the name, and a policy must allow the call.
    Judged,
    /// The scopes must cover something of the server; what comes back is
    /// filtered with [`crate::Engine::visible`].
    Listing,
    /// The scopes must cover something of the server: handshakes, pings and
    /// notifications, which name nothing.
    Protocol,
}

/// A call that was refused before it became a question.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Id of the decision.
    pub id: String,
    /// Who asked, if that could be established.
    pub grant: Option<Grant>,
    /// The MCP method, if it could be read.
    pub method: Heard,
    /// The tool server, if it could be read.
    pub server: String,
    /// The tool, prompt or resource, if it could be read.
    pub name: String,
    /// Why. What it says is for the agent only.
    pub denied: Denied,
    /// What the record says about it.
    pub record: Heard,
}

/// A text, and whether a record may have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The gate's own words, or a word that it knows.
    Known(Cow<'static, str>),
    /// It is, or may quote, what somebody sent: the record gets a keyed digest.
    Foreign(String),
}

/// A call and what was decided on it; not recorded yet.
#[derive(Debug)]
pub struct Judgement {
    pub(crate) id: String,
    pub(crate) grant: Grant,
    pub(crate) kind: Kind,
    /// Its session has a place, so that the call is remembered whatever is
    /// decided on it.
    pub(crate) tracked: bool,
    /// Why it is not known what its session carries, if it is not: nothing goes ahead.
    pub(crate) unknown: Option<SessionError>,
    /// Whether the tool is as it is pinned.
    pub(crate) stand: Stand,
    /// What the gate itself asks people about it.
    pub(crate) asked: Option<Ask>,
    pub(crate) snapshot: Arc<Snapshot>,
    /// The question, with its final arguments.
    pub(crate) request: Arc<Request>,
    /// The message as it goes out.
    pub(crate) message: Document,
    pub(crate) arguments_at: Pointer<'static>,
    /// Whether editors changed the message.
    pub(crate) changed: bool,
    /// The message as it came, where they did.
    pub(crate) received: Option<Document>,
    /// What policies made of it, before budgets and people; none where they were not asked.
    pub(crate) judged: Option<(DecisionKind, Option<Reason>)>,
    pub(crate) opinions: Vec<RecordedOpinion>,
    pub(crate) flip: Option<Flip>,
    pub(crate) log: Vec<PolicyLog>,
    /// The same call waits for people already, or they decided on it.
    pub(crate) approval: Option<Box<Found>>,
    pub(crate) decision: Decision,
}

/// A line that a policy logged.
#[derive(Clone, Debug)]
pub struct PolicyLog {
    /// The binding.
    pub binding: Arc<str>,
    /// `debug`, `info` or `warn`.
    pub level: &'static str,
    /// What it said.
    pub message: String,
}

impl Judgement {
    /// What was decided.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// What each policy said, editors first.
    pub fn opinions(&self) -> &[RecordedOpinion] {
        &self.opinions
    }

    /// What candidates would decide otherwise, if they would.
    pub const fn flip(&self) -> Option<&Flip> {
        self.flip.as_ref()
    }

    /// What the policies logged.
    pub fn log(&self) -> &[PolicyLog] {
        &self.log
    }

    /// The tool server that the agent named.
    pub fn server(&self) -> &str {
        &self.request.action.server
    }

    /// What the operator pinned about the tool.
    pub fn hints(&self) -> Hints {
        self.request.action.hints
    }

    /// The question as judges get it.
    pub const fn request(&self) -> &Arc<Request> {
        &self.request
    }

    /// The bindings that the call meets, in order: editors, judges, reviewers of its result.
    pub fn bound(&self) -> Vec<Arc<Binding>> {
        let action = &self.request.action;
        let Some(server) = self.snapshot.server(&action.server) else {
            return Vec::new();
        };
        let worlds = [World::Editor, World::Policy, World::Reviewer].into_iter();
        let bound = worlds.flat_map(|world| server.bound(world, &action.name));
        bound.cloned().collect()
    }

    /// The arguments as they were judged.
    pub fn arguments(&self) -> &Document {
        &self.request.arguments
    }
}

impl Heard {
    /// The form of what the gate says: a constant quotes nobody.
    pub fn of(text: Cow<'static, str>) -> Self {
        match text {
            Cow::Borrowed(_) => Self::Known(text),
            Cow::Owned(text) => Self::Foreign(text),
        }
    }

    /// What a record has.
    pub(crate) fn recorded(&self, keys: &RecordKeys) -> String {
        match self {
            Self::Known(text) => keys.cut(text),
            Self::Foreign(text) => keys.sealed(text),
        }
    }
}
