//! Reading a ledger back: what a restarted gate must remember.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gatewright_policy::Timestamp;
use gatewright_policy::grant::session_id;
use gatewright_policy::record::{
    Completed, Decided, Entry, Event, LINE_BYTES_MAX, LabelError, RecordKeys,
};

use crate::quota::Quotas;
use crate::session::{SessionEvent, Sessions};

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
    /// What sessions carry is sealed, and the salt beside the file is another one.
    #[error(
        "ledger `{path}`, line {line}: {source}; hint: put the `.salt` file that belongs to this ledger back beside it, or wait until the credential of that session has ended"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The first such line, starting at 1.
        line: u64,
        /// What is wrong.
        source: LabelError,
    },
}

/// Reads the whole file once.
pub(super) fn replay(
    file: &File,
    path: &Path,
    keys: &RecordKeys,
    now: Timestamp,
) -> Result<Past, LedgerOpenError> {
    let failed = |source| LedgerOpenError::Io {
        path: path.to_owned(),
        source,
    };
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let mut past = Past::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = io::Read::take(&mut reader, LINE_BYTES_MAX as u64)
            .read_until(b'\n', &mut line)
            .map_err(failed)?;
        // Only a crash leaves a line without its end: it was never answered for.
        if read == 0 || line.last() != Some(&b'\n') && read < LINE_BYTES_MAX {
            return Ok(past);
        }
        let damaged = |problem: String| LedgerOpenError::Damaged {
            path: path.to_owned(),
            line: past.next_sequence + 1,
            problem,
        };
        if line.last() != Some(&b'\n') {
            return Err(damaged(format!(
                "it is longer than {LINE_BYTES_MAX} bytes: an older gate wrote a policy's words whole"
            )));
        }
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
        let line = past.next_sequence;
        past.take_in(entry, keys, now)
            .map_err(|source| LedgerOpenError::Unreadable {
                path: path.to_owned(),
                line,
                source,
            })?;
    }
}

impl Past {
    fn take_in(
        &mut self,
        entry: Entry,
        keys: &RecordKeys,
        now: Timestamp,
    ) -> Result<(), LabelError> {
        match entry.event {
            Event::Activated { generation, .. } => self.generation = generation,
            Event::Decided(decided) => self.decided(entry.at, *decided, keys, now)?,
            Event::Completed(completed) => self.completed(completed, keys, now)?,
            Event::Started { .. }
            | Event::ReloadFailed { .. }
            | Event::Refused(_)
            | Event::Stopped => {}
        }
        Ok(())
    }

    fn decided(
        &mut self,
        written_at: Timestamp,
        mut decided: Decided,
        keys: &RecordKeys,
        now: Timestamp,
    ) -> Result<(), LabelError> {
        let at = decided.received_at.unwrap_or(written_at);
        for (_, quota) in &mut decided.charges {
            quota.key = keys.quota_key(&quota.key);
        }
        self.quotas.restore(&decided.charges, at);
        let ends = decided.caller.as_ref().map(|caller| caller.expires_at);
        if ends.is_none_or(|end| end <= now) {
            return Ok(());
        }
        open_labels(&mut decided.labels, keys)?;
        if let Some(event) = SessionEvent::of_decision(at, decided) {
            self.sessions.restore(event, now);
        }
        Ok(())
    }

    fn completed(
        &mut self,
        mut completed: Completed,
        keys: &RecordKeys,
        now: Timestamp,
    ) -> Result<(), LabelError> {
        completed.session = session_id(Arc::from(completed.session)).to_string();
        // Sessions that have ended are not there any more.
        if self.sessions.contain(&completed.session) {
            open_labels(&mut completed.labels, keys)?;
            let event = SessionEvent::of_completion(completed);
            self.sessions.restore(event, now);
        }
        Ok(())
    }
}

fn open_labels(labels: &mut [String], keys: &RecordKeys) -> Result<(), LabelError> {
    for label in labels {
        *label = keys.open_label(label)?;
    }
    Ok(())
}
