//! What the ledger keeps: one entry for everything that happened at the gate.
//!
//! Whatever came from outside is bounded in an entry, and what may quote an argument, a
//! result or a credential stands in it as a keyed digest only ([`RecordKeys`]).
//!
//! What every call has an entry of declares its members in the order of RFC 8785: then nothing
//! has to change places where it is written.

mod approval;
mod bounds;
mod caller;
mod canonical;
mod kept;
mod keys;
mod label;
mod line;
mod opinion;
mod payload;
mod sealing;
mod seen;
mod state;
mod written;

use serde::{Deserialize, Serialize};

use crate::action_digest::ActionDigest;
use crate::agent::Change;
use crate::authority::Authority;
use crate::charge::Quota;
use crate::decision::DecisionKind;
use crate::digest::Digest;
use crate::reason::Reason;
use crate::request::{Hints, PastOutcome};
use crate::rollout::{Flip, Share};
use crate::segment::LedgerEvent;
use crate::timestamp::Timestamp;

pub use approval::{ApprovalEvent, ApprovalUse, UseOfApproval};
pub use bounds::{ENTRY_BYTES_MAX, LINE_BYTES_MAX, OBLIGATIONS_MAX, TEXT_BYTES_MAX};
pub use caller::Caller;
pub use kept::{
    CallPayload, JudgedName, Kept, KeptBudget, KeptDefinition, PayloadHead, PayloadKind,
};
pub use keys::{LabelError, RecordKeys, shortened};
pub use line::sequence_of;
pub use opinion::RecordedOpinion;
pub use payload::PayloadError;
pub use seen::Seen;
pub use state::{CallState, STATE_PREFIX, StateError};
pub use written::{SequenceError, Unplaced};

pub use crate::sealed_label::SealedLabel;

/// The version of the record that is written: what a reader can expect in it. Readers
/// take every version up to this one. 1 lacks what policies saw of the past, scopes,
/// proofs, hints, and what bindings are besides their components; its action digests
/// change with the credential and with any policy. 2 lacks approvals. 3 lacks who left
/// labels, and when. 4 lacks what became of the outcomes of approved calls, what policies
/// read of budgets, and who erased payloads. Entries before 6 are not canonical, and say
/// of no segment which version it begins with.
pub const RECORD_VERSION: u32 = 6;

/// Entries of older gates do not say which version they are.
const fn first_version() -> u32 {
    1
}

/// One entry of the ledger; `E` is [`Event`], or a reference to one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry<E = Event> {
    /// Position; starts at 0, no gaps.
    pub sequence: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: E,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The gate started.
    Started {
        /// Its version.
        version: String,
        /// The version of the record that it writes: [`RECORD_VERSION`].
        #[serde(default = "first_version")]
        record: u32,
        /// The key that signs checkpoints of its tree; none where there is no tree.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// A snapshot became active.
    Activated {
        /// Which.
        generation: u64,
        /// Digest of everything in it.
        policies: Digest,
        /// Each binding and its component.
        bindings: Vec<(String, Digest)>,
        /// What else each of them is, in the same order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        bound: Vec<Bound>,
        /// Each pack that bindings are from.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        packs: Vec<ActivatedPack>,
        /// Who wanted this set of packs, and the revision of what is wanted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wanted: Option<(u64, String)>,
    },
    /// A snapshot could not be built; the one before stays.
    ReloadFailed {
        /// Why.
        error: String,
    },
    /// A call was decided.
    Decided(Box<Decided>),
    /// Refusals that got no entry of their own: they came before any credential
    /// was verified, and faster than the gate writes such entries.
    Refused(RefusedMany),
    /// Something that came back before the end of a call left labels behind.
    Labelled(Labelled),
    /// A call that went ahead ended.
    Completed(Completed),
    /// An operator, or the file that the configuration names, changed who may go on.
    Agents(Change),
    /// Tools were pinned, or their servers say otherwise than is pinned.
    Tools(Change),
    /// A person decided on a held call, or tried to.
    Approval(Box<ApprovalEvent>),
    /// The gate stopped in good order.
    Stopped,
    /// Something about the ledger itself.
    Ledger(LedgerEvent),
}

/// What a binding is besides its component. With a decision's generation it says what
/// judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// Digest of its settings.
    pub settings: Digest,
    /// What it may do.
    pub authority: Authority,
    /// Whose calls it counts for, as the configuration writes it.
    pub rollout: String,
}

/// A pack that came into force, or stays in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivatedPack {
    /// Its name.
    pub name: String,
    /// Digest of its manifest, which names every component.
    pub pack: Digest,
    /// Its label.
    pub revision: String,
    /// Its version.
    pub version: u64,
    /// Who answers for it.
    pub publisher: String,
    /// The publisher's keys that signed it.
    pub signers: Vec<String>,
    /// It stands beside the version in force, and counts for this share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate: Option<Share>,
    /// What the operator granted beyond what the version before asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<String>,
    /// The operator broke the glass: an older version than one that was seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allowed_older: bool,
}

/// Refusals that are summed up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedMany {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub since: Timestamp,
    /// The last of them.
    pub until: Timestamp,
    /// How many for each reason.
    pub reasons: Vec<(Reason, u64)>,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// What exactly was decided on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionDigest>,
    /// Of a held call: whether it goes ahead once everybody agrees.
    /// Where no policy allows it, people may agree as they like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_once_approved: Option<bool>,
    /// The request for approval that it goes by, if it goes by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<UseOfApproval>,
    /// Digest of the arguments, keyed with the salt of the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Digest>,
    /// Who asked; none when nobody could be established.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// Quotas charged, by binding; their keys are keyed digests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<(String, Quota)>,
    /// Digest of the definition that its server gave, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Digest>,
    /// What was decided.
    pub decision: DecisionKind,
    /// Labels taken off the session before that, each sealed ([`RecordKeys::seal_label`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declassified: Vec<String>,
    /// Digest of its definition that is pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<Digest>,
    /// What candidates would decide otherwise, if they would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flip: Option<Flip>,
    /// The snapshot that judged.
    pub generation: u64,
    /// What the operator pinned about it.
    #[serde(default, skip_serializing_if = "Hints::are_none")]
    pub hints: Hints,
    /// Id of the decision; the agent gets it too.
    pub id: String,
    /// Whether policies were asked; not for handshakes, pings and lists.
    #[serde(default)]
    pub judged: bool,
    /// What is kept of the call beside the record, if anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
    /// Labels left on the session, each sealed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<SealedLabel>,
    /// What the gate says about it. What a policy said, or what may quote the
    /// message, is a keyed digest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The MCP method; empty when no message could be read, a keyed digest when
    /// it is none that the gate knows.
    pub method: String,
    /// The tool, prompt or resource; a keyed digest when the credential does not
    /// cover it.
    pub name: String,
    /// What each policy said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opinions: Vec<RecordedOpinion>,
    /// What else the message names. The decision is on all of it together; the
    /// members above tell of the thing that it turned on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Digest of the snapshot.
    pub policies: Digest,
    /// Why not, if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// When the gate received the call: the time that policies, quotas and
    /// histories go by. None where that is when the entry was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
    /// What policies could see of the past; none where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// The tool server; a keyed digest when none has that name.
    pub server: String,
}

/// One of several things that a message names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// What exactly was decided on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionDigest>,
    /// What would have been decided on it alone. What became of it is the decision on
    /// the whole message.
    pub alone: DecisionKind,
    /// What candidates would decide otherwise, if they would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flip: Option<Flip>,
    /// What the agent would have been told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The tool, prompt or resource.
    pub name: String,
    /// What each policy said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opinions: Vec<RecordedOpinion>,
    /// Why not, if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Labels that are durable before the end of their call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Labelled {
    /// Id of the decision.
    pub id: String,
    /// The labels, each sealed.
    pub labels: Vec<SealedLabel>,
    /// The session that the labels are left on.
    pub session: String,
}

/// Quotas that are given back, or charged, at the end of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LateCharges {
    /// Which, by binding.
    pub charges: Vec<(String, Quota)>,
    /// When the gate received the call.
    pub received_at: Timestamp,
}

/// How a call that went ahead ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Completed {
    /// Whether reviewers or obligations changed the result.
    #[serde(default)]
    pub changed: bool,
    /// Id of the decision.
    pub id: String,
    /// What is kept of the result beside the record, if anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
    /// Labels that reviewers left, each sealed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<SealedLabel>,
    /// Detail for the operator. What may quote the result is a keyed digest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// What each reviewer said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opinions: Vec<RecordedOpinion>,
    /// How it ended.
    pub outcome: PastOutcome,
    /// Of an approved call: the held call that its outcome is kept for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome_of: Option<String>,
    /// Why the agent got no result, if it got none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Digest of the result as it came, keyed with the salt of the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Digest>,
    /// What is not charged after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<LateCharges>,
    /// The session that the labels are left on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub session: String,
    /// What the call cost beyond what was charged before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<LateCharges>,
}
