//! The ledger: what was decided, kept before it takes effect.

mod disk;
mod file;
mod health;
mod keeper;
mod replay;
mod watch;

use std::future::Future;
use std::pin::Pin;

use gatewright_policy::Timestamp;
use gatewright_policy::record::Event;

pub use file::FileLedger;
pub use replay::{LedgerOpenError, Past};

/// A future that a ledger gives.
pub type Appending<'a> = Pin<Box<dyn Future<Output = Result<Receipt, LedgerError>> + Send + 'a>>;

/// Keeps entries in order, without gaps, for ever.
pub trait Ledger: Send + Sync + 'static {
    /// Appends one entry and waits until it is as durable as asked. An error
    /// means that it does not count: it is not there, or nobody knows whether it
    /// is.
    fn append(&self, at: Timestamp, event: Event, durability: Durability) -> Appending<'_>;

    /// Appends one entry without waiting, for the rare place that cannot wait.
    /// Gives false where there was no room for it.
    fn note(&self, at: Timestamp, event: Event) -> bool;

    /// The secret with which digests of arguments and results are keyed, so that
    /// they cannot be guessed from the ledger alone.
    fn salt(&self) -> &[u8; 32];

    /// Whether the last attempt to write went well.
    fn is_healthy(&self) -> bool;

    /// Why nothing can be recorded now, if that is so.
    fn trouble(&self) -> Option<LedgerError> {
        None
    }
}

/// What an entry must survive before it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The death of the gate: the operating system has the bytes.
    Written,
    /// The death of the machine: the disk has the bytes.
    Synced,
}

/// Proof that an entry is durable.
#[derive(Debug)]
pub struct Receipt {
    sequence: u64,
}

/// Why an entry is not in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// More entries wait to be written than the ledger takes.
    #[error("the ledger has too many entries waiting")]
    Full,
    /// Writing failed; the next attempt may go well.
    #[error("the ledger cannot be written: {0}")]
    Write(String),
    /// The file is not as the gate left it: deleted, moved, cut, replaced, or
    /// written by somebody else. When it is again, the next attempt goes well.
    #[error(
        "the ledger's file is not as the gate left it: {0}; hint: put it back as it was, or restart the gate; `gatewright log rotate` begins a new file"
    )]
    Changed(String),
    /// The writer has ended.
    #[error("the ledger is closed")]
    Closed,
}

impl Receipt {
    pub(in crate::ledger) const fn new(sequence: u64) -> Self {
        Self { sequence }
    }

    /// Position of the entry.
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }
}
