//! Reading a ledger back: what a restarted gate must remember.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use gatewright_evidence::Hash;
use gatewright_policy::Timestamp;
use gatewright_policy::record::{Entry, Event, LINE_BYTES_MAX, RECORD_VERSION, RecordKeys};
use gatewright_policy::segment::LedgerEvent;

use super::open_error::LedgerOpenError;
use super::past::Past;

/// Bytes read at once.
pub(super) const READ_BYTES: usize = 1 << 18;

/// Reads a segment, in one go or as far as it has been written.
pub(super) struct Replay<'a> {
    path: &'a Path,
    keys: &'a RecordKeys,
    now: Timestamp,
    pub(super) past: Past,
    /// Entries that the first one promises, and that must come next.
    carried: u64,
    /// The line that was read last.
    line: Vec<u8>,
    /// How many there were.
    lines: u64,
    /// The hash of each entry, if somebody wants to know.
    pub(super) entries: Option<Vec<Hash>>,
}

/// What was read of a segment.
pub(super) struct Replayed {
    pub(super) past: Past,
    pub(super) end: End,
    /// The hash of each of its entries.
    pub(super) entries: Vec<Hash>,
}

/// How what was read ends.
pub(crate) enum End {
    /// With a whole line.
    Whole,
    /// With an entry that lacks the end of its line. It counts: it may have been
    /// answered for, and to forget it could give back a budget or a label, while
    /// to keep one that nobody had an answer for takes nothing from anybody.
    Unended,
    /// With this, which is no entry.
    Torn(Vec<u8>),
}

/// Reads the whole file once.
pub(super) fn replay(
    file: &File,
    path: &Path,
    keys: &RecordKeys,
    now: Timestamp,
) -> Result<Replayed, LedgerOpenError> {
    let mut reader = BufReader::with_capacity(READ_BYTES, file);
    let mut replay = Replay::new(path, keys, now);
    replay.entries = Some(Vec::new());
    let end = replay.read(&mut reader)?;
    Ok(Replayed {
        past: replay.past,
        end,
        entries: replay.entries.unwrap_or_default(),
    })
}

/// For simulations, whose ledger is in memory: what these bytes say about the past,
/// and how they end.
#[cfg(test)]
pub(crate) fn past_of(
    mut bytes: &[u8],
    keys: &RecordKeys,
    now: Timestamp,
) -> Result<(Past, End), LedgerOpenError> {
    let mut replay = Replay::new(Path::new("simulated"), keys, now);
    let end = replay.read(&mut bytes)?;
    Ok((replay.past, end))
}

// === impl Replay ===

impl<'a> Replay<'a> {
    pub(super) fn new(path: &'a Path, keys: &'a RecordKeys, now: Timestamp) -> Self {
        Self {
            path,
            keys,
            now,
            past: Past::default(),
            carried: 0,
            line: Vec::new(),
            lines: 0,
            entries: None,
        }
    }

    /// Takes in everything up to the end of `reader`.
    pub(super) fn read(&mut self, reader: &mut impl BufRead) -> Result<End, LedgerOpenError> {
        loop {
            self.line.clear();
            let read = io::Read::take(&mut *reader, LINE_BYTES_MAX as u64)
                .read_until(b'\n', &mut self.line)
                .map_err(|source| LedgerOpenError::Io {
                    path: self.path.to_owned(),
                    source,
                })?;
            let is_ended = self.line.last() == Some(&b'\n');
            if !is_ended && read >= LINE_BYTES_MAX {
                return Err(self.damaged(format!(
                    "it is longer than {LINE_BYTES_MAX} bytes: an older gate wrote a policy's words whole"
                )));
            }
            if is_ended {
                let entry = self.entry().map_err(|problem| self.damaged(problem))?;
                self.is_known(&entry)?;
                self.take_in(entry);
                continue;
            }
            let end = match self.entry() {
                _ if read == 0 => End::Whole,
                Err(_torn) => End::Torn(std::mem::take(&mut self.line)),
                Ok(entry) => {
                    self.is_known(&entry)?;
                    self.take_in(entry);
                    End::Unended
                }
            };
            if self.carried > 0 {
                let left = self.carried;
                return Err(self.damaged(format!("{left} of its first entries are missing")));
            }
            self.past.forget_ended(self.path, self.now)?;
            return Ok(end);
        }
    }

    /// The entry in the line, if it is the one that belongs there.
    fn entry(&self) -> Result<Entry, String> {
        let entry = Entry::of_line(&self.line).map_err(|error| error.to_string())?;
        let begins = is_first(&entry.event);
        if begins && self.lines == 0 {
            return Ok(entry);
        }
        if begins {
            return Err("a segment begins in the middle of another one".to_owned());
        }
        if entry.sequence != self.past.next_sequence {
            return Err(format!(
                "it has sequence {} and not {}",
                entry.sequence, self.past.next_sequence
            ));
        }
        let carries = matches!(
            entry.event,
            Event::Ledger(
                LedgerEvent::CarriedSession(_)
                    | LedgerEvent::CarriedBudgets { .. }
                    | LedgerEvent::CarriedAgents { .. }
                    | LedgerEvent::CarriedApproval(_)
            )
        );
        if carries != (self.carried > 0) {
            return Err("what is carried over is not all at the beginning".to_owned());
        }
        Ok(entry)
    }

    fn is_known(&self, entry: &Entry) -> Result<(), LedgerOpenError> {
        is_known(entry, self.path, self.lines + 1)
    }

    fn take_in(&mut self, entry: Entry) {
        if let Some(entries) = &mut self.entries {
            let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
            entries.push(Hash::of_entry(line));
        }
        if self.lines == 0 {
            self.past.first_sequence = entry.sequence;
            self.past.began = Some(entry.at);
        }
        let begins = self.carried > 0 || self.lines == 0 && is_first(&entry.event);
        self.carried = match &entry.event {
            Event::Ledger(LedgerEvent::Continued(first)) => first.carried,
            Event::Ledger(_)
            | Event::Started { .. }
            | Event::Activated { .. }
            | Event::ReloadFailed { .. }
            | Event::Decided(_)
            | Event::Labelled(_)
            | Event::Completed(_)
            | Event::Refused(_)
            | Event::Agents(_)
            | Event::Tools(_)
            | Event::Approval(_)
            | Event::Stopped => self.carried.saturating_sub(1),
        };
        self.lines += 1;
        self.past.length += self.line.len() as u64;
        if begins {
            self.past.beginning = self.past.length;
        }
        self.past.next_sequence = entry.sequence.saturating_add(1);
        self.past.take_in(entry, self.keys, self.lines);
    }

    fn damaged(&self, problem: String) -> LedgerOpenError {
        LedgerOpenError::Damaged {
            path: self.path.to_owned(),
            line: self.lines + 1,
            problem,
        }
    }
}

/// Refuses what a newer program writes from this entry on, which is this line.
pub(super) fn is_known(entry: &Entry, path: &Path, line: u64) -> Result<(), LedgerOpenError> {
    let version = match &entry.event {
        Event::Started { record, .. } => Some(*record),
        Event::Ledger(LedgerEvent::Continued(first)) => first.record,
        _other => None,
    };
    match version.filter(|version| *version > RECORD_VERSION) {
        None => Ok(()),
        Some(found) => Err(LedgerOpenError::Newer {
            path: path.to_owned(),
            line,
            found,
            known: RECORD_VERSION,
        }),
    }
}

/// Whether a segment begins with this.
fn is_first(event: &Event) -> bool {
    matches!(event, Event::Ledger(LedgerEvent::Continued(_)))
}
