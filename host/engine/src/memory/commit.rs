//! What one commit makes count.

use std::collections::BTreeSet;
use std::sync::Arc;

use gatewright_policy::agent::{Change, ChangeError};
use gatewright_policy::record::{Event, LateCharges};
use gatewright_policy::request::{PastCall, PastOutcome};
use gatewright_policy::{Asker, Label, Quota, Reason, SealedOutcome, Stopped, Timestamp};

use super::holds::{Hold, HoldsFull};
use super::step::{ApprovalMoved, ApprovalStep};
use crate::ledger::{Durability, LedgerError};
use crate::quota::{QuotaError, lost_key};
use crate::session::{Reservation, SessionError};

/// An entry of the record, and everything that counts once it is there.
#[derive(Debug)]
pub struct Commit {
    /// The entry.
    pub record: Event,
    /// What it must survive before it counts.
    pub durability: Durability,
    /// What it changes.
    pub effects: Effects,
}

/// What a decision, or the end of a call, changes. INVARIANT: it is what the entry
/// says, and what a restart makes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Effects {
    /// The session that it is about; none where the session has no place.
    pub session: Option<Arc<str>>,
    /// When the call was received: the time that budgets go by.
    pub at: Timestamp,
    /// Charged only if all of them fit.
    pub charges: Vec<(String, Quota)>,
    /// Labels that are taken off before others are left.
    pub declassified: Vec<String>,
    /// Labels that are left, only if there is room for all of them.
    pub labels: Vec<Label>,
    /// Calls that the history of the session gets.
    pub calls: Vec<PastCall>,
    /// How many calls the history keeps.
    pub history_max: usize,
    /// The history that policies saw when they judged.
    pub seen: Arc<[Arc<PastCall>]>,
    /// How a call of it ended.
    pub ended: Option<Ended>,
    /// What was charged and is given back.
    pub returned: Option<LateCharges>,
    /// What is charged whatever the limits say.
    pub settled: Option<LateCharges>,
    /// The call that is held from now on.
    pub held: Option<Hold>,
    /// Who is about to do something: nothing counts if it was stopped meanwhile.
    pub asker: Option<Asker>,
    /// What an operator changes of who may go on.
    pub agents: Option<Change>,
    /// What becomes of a held call already.
    pub approval: Option<ApprovalStep>,
    /// What came of an approved call.
    pub outcome: Option<SealedOutcome>,
}

/// How a call that went ahead ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Id of the decision.
    pub id: String,
    /// How.
    pub outcome: PastOutcome,
    /// Why the agent got no result, if it got none.
    pub reason: Option<Reason>,
}

/// Why a commit does not count. Nothing of it does.
#[derive(Debug, thiserror::Error)]
pub enum NotCommitted {
    /// A budget would overrun.
    #[error(transparent)]
    Charge(#[from] QuotaError),
    /// There is no room for its labels.
    #[error(transparent)]
    Labels(#[from] SessionError),
    /// There is no room for another held call.
    #[error(transparent)]
    Held(#[from] HoldsFull),
    /// Whoever asks was stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Who may go on cannot be changed like this.
    #[error(transparent)]
    Agents(#[from] ChangeError),
    /// The held call cannot be kept.
    #[error("a held call cannot be kept: {cause}")]
    NotKept {
        /// What stands in the way.
        cause: LedgerError,
    },
    /// What becomes of a held call does not count any more.
    #[error(transparent)]
    Approval(#[from] ApprovalMoved),
    /// There is no entry, or nobody knows whether there is.
    #[error(transparent)]
    Record(#[from] LedgerError),
}

impl Effects {
    /// Nothing, of a call that was received then.
    pub fn none(at: Timestamp) -> Self {
        Self {
            session: None,
            at,
            charges: Vec::new(),
            declassified: Vec::new(),
            labels: Vec::new(),
            calls: Vec::new(),
            history_max: 0,
            seen: Arc::from([]),
            ended: None,
            returned: None,
            settled: None,
            held: None,
            asker: None,
            agents: None,
            approval: None,
            outcome: None,
        }
    }

    /// What it is about to change of its session.
    pub(super) fn reservation(&self) -> Reservation<'_> {
        Reservation {
            labels: &self.labels,
            declassified: &self.declassified,
            calls: &self.calls,
            seen: (self.history_max > 0).then_some(&*self.seen),
        }
    }

    /// Binding and key of every budget that it goes by or changes.
    pub fn budgets(&self) -> BTreeSet<(String, String)> {
        let late = self.returned.iter().chain(&self.settled);
        let late = late.flat_map(|late| &late.charges);
        let charges = self.charges.iter().chain(late);
        let places = charges.flat_map(|(binding, quota)| {
            let lost = lost_key(u64::from(quota.window_seconds.max(1)));
            [quota.key.clone(), lost].map(|key| (binding.clone(), key))
        });
        places.collect()
    }
}
