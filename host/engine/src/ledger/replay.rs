//! Reading a ledger back: what a restarted gate must remember.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use gatewright_policy::Timestamp;
use gatewright_policy::record::{Entry, Event};

use crate::quota::Quotas;
use crate::session::{SessionEvent, Sessions};

/// Longest line, in bytes: a decision with many long messages.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// What a ledger says about the past.
#[derive(Default)]
pub struct Past {
    /// Bytes that hold whole entries.
    pub(super) length: u64,
    /// The sequence of the next entry.
    pub next_sequence: u64,
    /// The generation that was active last.
    pub generation: u64,
    /// Sessions whose credentials have not ended.
    pub sessions: Sessions,
    /// Budgets already spent.
    pub quotas: Quotas,
}

/// Why a ledger cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum LedgerOpenError {
    /// The file system says no.
    #[error("ledger `{path}`: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another gate writes this file.
    #[error(
        "ledger `{path}` is in use by another gate; hint: give each gate an `audit.path` of its own"
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file is not what this gate wrote.
    #[error(
        "ledger `{path}` is damaged at line {line}: {problem}; hint: keep the file as evidence and start a new one with another `audit.path`"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first bad line, starting at 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
}

/// Reads the whole file once.
pub(super) fn replay(file: &File, path: &Path, now: Timestamp) -> Result<Past, LedgerOpenError> {
    let failed = |source| LedgerOpenError::Io {
        path: path.to_owned(),
        source,
    };
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let mut past = Past::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = io::Read::take(&mut reader, LINE_BYTES_MAX)
            .read_until(b'\n', &mut line)
            .map_err(failed)?;
        // Only a crash leaves a line without its end: it was never answered for.
        if read == 0 || line.last() != Some(&b'\n') && (read as u64) < LINE_BYTES_MAX {
            past.sessions.forget_ended(now);
            return Ok(past);
        }
        let damaged = |problem: String| LedgerOpenError::Damaged {
            path: path.to_owned(),
            line: past.next_sequence + 1,
            problem,
        };
        let entry: Entry =
            serde_json::from_slice(&line).map_err(|error| damaged(error.to_string()))?;
        if entry.sequence != past.next_sequence {
            return Err(damaged(format!(
                "it has sequence {} and not {}",
                entry.sequence, past.next_sequence
            )));
        }
        past.next_sequence += 1;
        past.length += read as u64;
        past.take_in(entry);
    }
}

impl Past {
    fn take_in(&mut self, entry: Entry) {
        match entry.event {
            Event::Activated { generation, .. } => self.generation = generation,
            Event::Decided(decided) => {
                let at = decided.received_at.unwrap_or(entry.at);
                self.quotas.restore(&decided.charges, at);
                if let Some(event) = SessionEvent::of_decision(entry.at, *decided) {
                    self.sessions.restore(event);
                }
            }
            Event::Labelled(labelled) => {
                self.sessions.restore(SessionEvent::of_labels(labelled));
            }
            Event::Completed(completed) => {
                if let Some(returned) = &completed.returned {
                    let at = returned.received_at;
                    self.quotas.give_back(&returned.charges, at);
                }
                self.sessions
                    .restore(SessionEvent::of_completion(completed));
            }
            Event::Started { .. } | Event::ReloadFailed { .. } | Event::Stopped => {}
        }
    }
}
