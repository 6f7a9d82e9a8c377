//! What is asked of the one who writes, and what becomes of it.

use std::sync::Arc;

use gatewright_engine::config::LimitsConfig;
use gatewright_engine::ledger::{Durability, LedgerError, Line, Receipt};
use gatewright_engine::memory::{Commit, Effects, NotCommitted};
use gatewright_engine::session::{Carried, SessionError};
use gatewright_policy::record::Event;
use gatewright_policy::segment::LedgerEvent;
use gatewright_policy::{Grant, Label, Timestamp};
use tokio::sync::oneshot;

/// Something that changes the memory.
pub(crate) enum Wish {
    /// A session begins, or lasts longer.
    Enter(Box<Entering>, oneshot::Sender<Entered>),
    /// A session gets labels before the end of a call.
    Label(Labelling, oneshot::Sender<Labelled>),
    /// A decision, or the end of a call. Nobody may be waiting.
    Commit(Box<Committing>, Option<oneshot::Sender<Committed>>),
    /// Calls of a session that go nowhere: nobody heard what became of their commit.
    End(Ending),
    /// Lets go of what is kept sealed and is over at this time.
    Sweep(Timestamp),
}

pub(crate) struct Entering {
    pub(crate) grant: Grant,
    pub(crate) at: Timestamp,
    pub(crate) limits: LimitsConfig,
}

pub(crate) struct Labelling {
    pub(crate) session: Arc<str>,
    pub(crate) labels: Vec<Label>,
}

/// Calls of a session.
pub(crate) struct Ending {
    pub(crate) session: Arc<str>,
    pub(crate) ids: Vec<String>,
}

pub(crate) struct Committing {
    pub(crate) line: Line,
    pub(crate) durability: Durability,
    pub(crate) effects: Effects,
    /// The generation that it makes the active one.
    pub(crate) generation: Option<u64>,
    /// It says that the latest time was wrong.
    pub(crate) sets_clock: bool,
}

pub(crate) type Entered = Result<Carried, SessionError>;
pub(crate) type Labelled = Result<(), SessionError>;
pub(crate) type Committed = Result<Receipt, NotCommitted>;

/// What a wish comes to, if the transaction that it is in is committed.
pub(crate) enum Outcome {
    Entered(Entered),
    Labelled(Labelled),
    Committed(Committed),
    Ended,
    Swept,
}

// === impl Committing ===

impl Committing {
    /// A commit with the line of its entry.
    pub(crate) fn of(at: Timestamp, commit: Commit) -> Result<Box<Self>, LedgerError> {
        let line = Line::of(at, &commit.record)?;
        Ok(Box::new(Self {
            line,
            durability: commit.durability,
            effects: commit.effects,
            generation: match &commit.record {
                Event::Activated { generation, .. } => Some(*generation),
                Event::Started { .. }
                | Event::ReloadFailed { .. }
                | Event::Decided(_)
                | Event::Refused(_)
                | Event::Approval(_)
                | Event::Labelled(_)
                | Event::Completed(_)
                | Event::Agents(_)
                | Event::Tools(_)
                | Event::Stopped
                | Event::Ledger(_) => None,
            },
            sets_clock: matches!(commit.record, Event::Ledger(LedgerEvent::ClockSet { .. })),
        }))
    }
}

// === impl Wish ===

impl Wish {
    /// The session that it is about.
    pub(crate) fn session(&self) -> Option<&str> {
        match self {
            Self::Enter(entering, _) => Some(&entering.grant.session),
            Self::Label(labelling, _) => Some(&labelling.session),
            Self::Commit(committing, _) => committing.effects.session.as_deref(),
            Self::End(ending) => Some(&ending.session),
            Self::Sweep(_) => None,
        }
    }

    /// The time that goes on from now, if it says that the latest one was wrong.
    pub(crate) fn sets_clock(&self) -> Option<Timestamp> {
        match self {
            Self::Commit(committing, _) if committing.sets_clock => Some(committing.line.at),
            Self::Commit(..)
            | Self::Enter(..)
            | Self::Label(..)
            | Self::End(_)
            | Self::Sweep(_) => None,
        }
    }

    /// Whether it must survive the death of the machine.
    pub(crate) fn is_synced(&self) -> bool {
        match self {
            Self::Enter(..) | Self::Label(..) | Self::End(_) | Self::Sweep(_) => false,
            Self::Commit(committing, _) => committing.durability == Durability::Synced,
        }
    }

    /// Tells whoever waits. Who does not wait any more does not miss it.
    pub(crate) fn fulfil(self, outcome: Outcome) {
        match (self, outcome) {
            (Self::Enter(_, answer), Outcome::Entered(entered)) => drop(answer.send(entered)),
            (Self::Label(_, answer), Outcome::Labelled(labelled)) => drop(answer.send(labelled)),
            (Self::Commit(_, Some(answer)), Outcome::Committed(committed)) => {
                drop(answer.send(committed));
            }
            (Self::Commit(_, None), Outcome::Committed(Ok(_))) => {}
            (Self::Commit(_, None), Outcome::Committed(Err(error))) => {
                tracing::error!(%error, "not recorded");
            }
            (Self::End(_), Outcome::Ended) | (Self::Sweep(_), Outcome::Swept) => {}
            // Outcomes stand in the order of their wishes: this one is none of it.
            (
                wish,
                Outcome::Entered(_)
                | Outcome::Labelled(_)
                | Outcome::Committed(_)
                | Outcome::Ended
                | Outcome::Swept,
            ) => {
                wish.fail(&LedgerError::Closed);
            }
        }
    }

    /// Nothing came of it, or nobody knows.
    pub(crate) fn fail(self, error: &LedgerError) {
        match self {
            Self::Enter(_, answer) => drop(answer.send(Err(SessionError::Unknown))),
            Self::Label(_, answer) => drop(answer.send(Err(SessionError::Unknown))),
            Self::Commit(_, Some(answer)) => drop(answer.send(Err(error.clone().into()))),
            Self::Commit(_, None) => tracing::error!(%error, "not recorded"),
            // Whoever writes keeps it, and what was not swept is swept the next time.
            Self::End(_) | Self::Sweep(_) => {}
        }
    }
}
