//! What is asked of a ledger, and what it answers.

use std::future::ready;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use gatewright_policy::record::Event;
use gatewright_policy::segment::Cut;
use gatewright_policy::{Envelope, SealedCall, SealedOutcome, Timestamp};
use serde::Serialize;

use crate::awaited::Awaited;

/// A future that a ledger gives.
pub type Appending<'a> = Awaited<'a, Result<Receipt, LedgerError>>;

/// A rotation that a ledger makes; nothing where nothing happened since the last.
pub type Rotating<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Rotated>, LedgerError>> + Send + 'a>>;

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

    /// Keeps a held call beside the entries, before there is an entry of it. When it
    /// answers, the call is on disk.
    fn keep<'a>(&'a self, _call: &'a SealedCall) -> Awaited<'a, Result<(), LedgerError>> {
        let refused = LedgerError::Write("this ledger keeps no held calls".to_owned());
        Awaited::there(Err(refused))
    }

    /// The entry of a held call is there: from now on it waits.
    fn confirm(&self, _id: &str) -> Result<(), LedgerError> {
        Ok(())
    }

    /// A held call that is kept; none where it was let go.
    fn kept<'a>(
        &'a self,
        _envelope: &'a Envelope,
    ) -> Awaited<'a, Result<Option<SealedCall>, LedgerError>> {
        Awaited::there(Ok(None))
    }

    /// Lets go of a held call, and of what came of it.
    fn erase(&self, _id: &str) {}

    /// Keeps what came of an approved call beside the entries, before there is an entry of
    /// its end. When it answers, it is on disk.
    fn keep_outcome<'a>(
        &'a self,
        _outcome: &'a SealedOutcome,
    ) -> Awaited<'a, Result<(), LedgerError>> {
        let refused = LedgerError::Write("this ledger keeps no outcomes".to_owned());
        Awaited::there(Err(refused))
    }

    /// The entry of the end is there: from now on the outcome is given again.
    fn confirm_outcome(&self, _held: &str) -> Result<(), LedgerError> {
        Ok(())
    }

    /// What came of an approved call, sealed; none where it is not kept.
    fn outcome<'a>(&'a self, _held: &'a str) -> Awaited<'a, Result<Option<Vec<u8>>, LedgerError>> {
        Awaited::there(Ok(None))
    }

    /// Whether the last attempt to write went well.
    fn is_healthy(&self) -> bool;

    /// Why nothing can be recorded now, if that is so.
    fn trouble(&self) -> Option<LedgerError> {
        None
    }

    /// Seals what was written and begins a new segment.
    fn rotate(&self) -> Rotating<'_> {
        let refused = LedgerError::Rotate("this ledger has no segments".to_owned());
        Box::pin(ready(Err(refused)))
    }

    /// The newest segment, if there are segments.
    fn segment(&self) -> Option<SegmentStatus> {
        None
    }
}

/// A segment that was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Where it lies now.
    pub sealed: PathBuf,
    /// The sequence of the first entry of the segment after it.
    pub continued_at: u64,
}

/// When a new segment begins by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotateWhen {
    /// The one before has this many bytes.
    pub bytes: u64,
    /// The one before is this old.
    pub after: Duration,
}

/// The file that is written now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SegmentStatus {
    /// The sequence of its first entry.
    pub first_sequence: u64,
    /// Its length.
    pub bytes: u64,
    /// Why it is not rotated, if it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate_error: Option<String>,
    /// What stood at its end at the last start and was no entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// What its checkpoints are verified with.
    pub key: String,
    /// The sequence after the last entry that the latest checkpoint is over.
    pub signed: u64,
    /// Why there is no later checkpoint, if there should be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree_error: Option<String>,
    /// Why held calls are not kept beside it as they should be, if that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_error: Option<String>,
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
    /// The entry is longer than what is read back.
    #[error("an entry of {bytes} bytes is longer than the ledger takes")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The file is not as the gate left it: deleted, moved, cut, replaced, or
    /// written by somebody else. When it is again, the next attempt goes well.
    #[error(
        "the ledger's file is not as the gate left it: {0}; hint: put it back as it was, or stop the gate, run `gatewright log repair`, and start it again"
    )]
    Changed(String),
    /// No new segment begins. Entries go on into the one that there is.
    #[error("the ledger is not rotated: {0}")]
    Rotate(String),
    /// The writer has ended.
    #[error("the ledger is closed")]
    Closed,
}

impl Default for RotateWhen {
    /// 64 MiB are read in a second or two.
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            after: Duration::from_secs(7 * 86_400),
        }
    }
}

impl Receipt {
    /// Of an entry that is as durable as was asked. For whoever keeps the record, and
    /// for nobody else.
    pub const fn new(sequence: u64) -> Self {
        Self { sequence }
    }

    /// Position of the entry.
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }
}
