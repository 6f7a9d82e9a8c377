//! What became of held calls, for whoever tells people. It is told after it was recorded,
//! and nobody waits until somebody heard it.

use gatewright_policy::approval::Vote;
use tokio::sync::mpsc;

use crate::memory::{ApprovalChange, Effects};

/// What became of a held call at this gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// It waits for people.
    Proposed {
        /// Its id.
        held: String,
    },
    /// Somebody decided on it.
    Decided {
        /// Its id.
        held: String,
        /// What.
        vote: Box<Vote>,
    },
    /// It went ahead, or may not any more.
    Ended {
        /// Its id.
        held: String,
    },
}

/// Where news go; what nobody takes is counted.
pub(crate) type Tells = mpsc::Sender<News>;

impl News {
    /// What a commit is about to make of held calls.
    pub(crate) fn of(effects: &Effects) -> Vec<Self> {
        let proposed = effects.held.as_ref().map(|hold| Self::Proposed {
            held: hold.call.envelope.id.clone(),
        });
        let became = effects.approval.as_ref().map(|step| match &step.change {
            ApprovalChange::Vote { vote, .. } => Self::Decided {
                held: step.held.clone(),
                vote: vote.clone(),
            },
            ApprovalChange::Use(_) | ApprovalChange::End => Self::Ended {
                held: step.held.clone(),
            },
        });
        became.into_iter().chain(proposed).collect()
    }
}
