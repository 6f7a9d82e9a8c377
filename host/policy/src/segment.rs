//! What the ledger says about itself. At the beginning of a segment stands
//! everything of the segments before it that can change a decision, so that they
//! need not be read.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::agent::Row;
use crate::approval::Vote;
use crate::digest::Digest;
use crate::integer::integer;
use crate::reason::Reason;
use crate::request::{PastCall, PastOutcome};
use crate::sealed_label::SealedLabel;
use crate::timestamp::Timestamp;

/// What happened to the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum LedgerEvent {
    /// A new segment began.
    Continued(Continued),
    /// A session, carried over from the segment before.
    CarriedSession(CarriedSession),
    /// Budgets, carried over from the segment before.
    CarriedBudgets {
        /// Some of them.
        budgets: Vec<CarriedBudget>,
    },
    /// Who may go on, carried over from the segment before.
    CarriedAgents {
        /// Some of what operators said.
        rows: Vec<Row>,
    },
    /// What was decided on a held call, carried over from the segment before.
    CarriedApproval(CarriedApproval),
    /// The file did not end with a whole entry.
    Cut(Cut),
    /// An operator mended the ledger.
    Repaired(Repaired),
    /// Another key signs checkpoints of its tree from now on.
    KeyRotated {
        /// It.
        to: String,
        /// The note about that, which both keys signed.
        note: String,
    },
    /// Somebody let go of calls that were kept in full.
    Erased(Erased),
    /// An operator said that the clock is right and the time of the ledger is not.
    ClockSet {
        /// What the latest time was before.
        was: Timestamp,
    },
}

/// That calls that were kept in full were erased: their entries stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Which one it is of those of this gate, from 0 on: one of a number that was there
    /// before says nothing new.
    pub number: u64,
    /// When it was done.
    pub erased_at: Timestamp,
    /// Who did it: a name for records.
    pub by: String,
    /// How many payloads.
    pub count: u64,
    /// The decision, if it was for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The time before which everything went, if it was for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
    /// Keyed digest of the agent or the principal, if it was for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Digest>,
}

/// The first entry of every segment but the very first one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continued {
    /// The segment before, if there is one left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
    /// The generation that was active last.
    pub generation: u64,
    /// The latest time in any segment before.
    pub latest: Timestamp,
    /// How many entries follow that carry sessions, budgets, agents and approvals over.
    pub carried: u64,
    /// The version of the record that entries from here on are of, until a gate starts that
    /// says another one; older gates do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<u32>,
    /// The key that signs checkpoints of the tree over this entry and the ones before it;
    /// none where another tree begins, or none was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A segment that nothing is added to any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Name of its file, in the same folder.
    pub file: String,
    /// Digest of its bytes.
    pub digest: Digest,
}

/// A session whose credential had not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedSession {
    /// Its name.
    pub session: String,
    /// When its credential ends.
    pub expires_at: Timestamp,
    /// Its labels, sealed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<SealedLabel>,
    /// Its last calls, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<CarriedCall>,
}

/// An earlier call of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedCall {
    /// Id of the decision.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// The MCP method.
    pub method: String,
    /// The tool server.
    pub server: String,
    /// The tool, prompt or resource.
    pub name: String,
    /// How it ended, so far.
    pub outcome: PastOutcome,
    /// Why not, if not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// What was spent of a budget in its last window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedBudget {
    /// The binding that charges it.
    pub binding: String,
    /// Its key.
    pub key: String,
    /// Length of a window.
    pub window_seconds: u64,
    /// Number of the window since 1970.
    pub window: u64,
    /// What was spent in it.
    #[serde(deserialize_with = "integer")]
    pub spent: u64,
}

/// What people decided on a held call, as long as it may count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedApproval {
    /// Id of the held call.
    pub held: String,
    /// What they decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<Vote>,
    /// From then on nothing of it counts.
    pub until: Timestamp,
    /// Until then the call itself may still be kept: what became of it stays known so long.
    pub decide_by: Timestamp,
    /// The call went ahead, or may not any more: nothing of it counts already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
    /// The call went ahead, and what came of it may still be given again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<CarriedUse>,
}

/// A use of what people agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedUse {
    /// Id of the decision that let the call go ahead.
    pub decision: String,
    /// From then on the same call is asked about anew.
    pub until: Timestamp,
}

/// The end of a file that was no whole entry, and where it was put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// How much it was.
    pub bytes: u64,
    /// Digest of it.
    pub digest: Digest,
    /// Name of the file that holds it, in the same folder.
    pub kept: String,
}

/// What an operator had to have mended before the gate could start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repaired {
    /// What was wrong first.
    pub problem: String,
    /// Lines of the segment before that cannot be read.
    pub unreadable: u64,
    /// Whether digests are keyed with another salt from here on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new_salt: bool,
}

impl From<&PastCall> for CarriedCall {
    fn from(call: &PastCall) -> Self {
        let PastCall {
            at,
            method,
            server,
            name,
            id,
            outcome,
            reason,
        } = call;
        Self {
            id: id.to_string(),
            at: *at,
            method: method.clone(),
            server: server.to_string(),
            name: name.clone(),
            outcome: *outcome,
            reason: *reason,
        }
    }
}

impl From<CarriedCall> for PastCall {
    fn from(carried: CarriedCall) -> Self {
        Self {
            at: carried.at,
            method: carried.method,
            server: Arc::from(carried.server),
            name: carried.name,
            id: Arc::from(carried.id),
            outcome: carried.outcome,
            reason: carried.reason,
        }
    }
}
