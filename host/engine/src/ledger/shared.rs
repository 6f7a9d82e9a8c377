//! The end of the ledger's file, which whoever writes shares.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use gatewright_policy::Timestamp;
use gatewright_policy::record::RecordKeys;
use gatewright_policy::segment::Cut;

use super::health::Health;
use super::line::Line;
use super::port::{LedgerError, Receipt, RotateWhen, Rotated, SegmentStatus};
use super::salt::Fresh;
use super::segment::Next;
use super::tree::LedgerTree;
use super::unsigned::Unsigned;
use super::watch::Watch;

/// How long a caller looks whether the tail is free again. Whoever has it writes an entry,
/// which takes some microseconds; to wake the thread that syncs, and to be woken by it, costs
/// more.
const LOOKS_MAX: Duration = Duration::from_micros(20);

/// Pauses between two looks.
const PAUSES: u32 = 32;

pub(super) struct Shared {
    pub(super) tail: Mutex<Tail>,
    /// What seals the labels that a new segment begins with.
    pub(super) keys: RecordKeys,
    pub(super) health: Health,
    /// Taken before the tail, by whoever signs or rotates.
    pub(super) tree: Mutex<LedgerTree>,
    pub(super) rotate_error: Mutex<Option<LedgerError>>,
    /// What stood at the end when it was opened.
    pub(super) cut: Option<Cut>,
    /// What its checkpoints are verified with.
    pub(super) key: String,
}

/// The end of the file.
pub(super) struct Tail {
    pub(super) file: Arc<File>,
    pub(super) watch: Watch,
    /// The path without links: older segments lie beside it.
    pub(super) place: PathBuf,
    /// Where the next entry goes; everything before is whole.
    pub(super) length: u64,
    /// Bytes that were carried over from older segments.
    pub(super) beginning: u64,
    pub(super) first_sequence: u64,
    pub(super) sequence: u64,
    /// The latest time of any entry.
    pub(super) latest: Timestamp,
    /// How old the segment was when this began.
    pub(super) age: Duration,
    pub(super) since: Instant,
    pub(super) fresh_salt: Option<Fresh>,
    /// Something was written since the last sync.
    pub(super) unsynced: bool,
    /// What is not in the tree yet.
    pub(super) unsigned: Unsigned,
    /// Why nothing may be appended any more.
    pub(super) lost: Option<String>,
    pub(super) buffer: Vec<u8>,
}

// === impl Shared ===

impl Shared {
    /// The tail, unless somebody else goes on writing.
    pub(super) fn free_tail(&self) -> Option<MutexGuard<'_, Tail>> {
        let mut began = None;
        loop {
            match self.tail.try_lock() {
                Ok(tail) => return Some(tail),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
            if began.get_or_insert_with(Instant::now).elapsed() >= LOOKS_MAX {
                return None;
            }
            for _ in 0..PAUSES {
                std::hint::spin_loop();
            }
        }
    }

    pub(super) fn tail(&self) -> MutexGuard<'_, Tail> {
        // A write that panicked half-way left `length` as it was: the next one
        // begins there.
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That an entry was taken says nothing about the disk.
    pub(super) fn note_failure(&self, sent: Result<(), LedgerError>) -> Result<(), LedgerError> {
        if sent.is_err() {
            return self.health.note(sent);
        }
        sent
    }

    /// Looks at the file while nobody writes to it: what happened to it shows in
    /// the status, and so does its return. Any other trouble ends with a write.
    pub(super) fn look(&self) {
        let found = self.tail().can_be_written();
        let was_changed = matches!(self.health.trouble(), Some(LedgerError::Changed(_)));
        if found.is_err() || was_changed {
            // The next entry is refused with the same words.
            let _refused = self.health.note(found);
        }
    }

    /// Signs for what is on disk and was not signed for yet.
    pub(super) fn sign(&self) {
        let mut tree = self.lock_tree();
        let signed = self.sign_with(&mut tree);
        let trouble = signed.err().map(|error| error.to_string());
        self.tail().unsigned.note(tree.signed_until(), trouble);
    }

    fn sign_with(&self, tree: &mut LedgerTree) -> io::Result<()> {
        if self.tail().is_intact().is_err() {
            // Somebody touched the record: what is wrong is told, and nothing is signed.
            return Ok(());
        }
        // What is not written yet goes first, so that it stays bounded.
        if !tree.is_written() {
            tree.write()?;
        }
        let entries = self.tail().unsigned.take();
        if !entries.is_empty() {
            tree.grow(entries);
            tree.write()?;
        }
        Ok(())
    }

    pub(super) fn lock_tree(&self) -> MutexGuard<'_, LedgerTree> {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is time for a new segment.
    pub(super) fn is_due(&self, when: RotateWhen) -> bool {
        let tail = self.tail();
        let is_old = tail.age.saturating_add(tail.since.elapsed()) >= when.after;
        tail.has_entries() && (is_old || tail.length - tail.beginning >= when.bytes)
    }

    /// Keeps why there is no new segment, for the status.
    pub(super) fn note_rotation(
        &self,
        outcome: Result<Option<Rotated>, LedgerError>,
    ) -> Result<Option<Rotated>, LedgerError> {
        if let Err(error) = &outcome {
            tracing::error!(%error, "no new segment");
        }
        *self.lock_rotate_error() = outcome.as_ref().err().cloned();
        outcome
    }

    pub(super) fn segment(&self) -> SegmentStatus {
        let error = self.lock_rotate_error().clone();
        let tail = self.tail();
        SegmentStatus {
            first_sequence: tail.first_sequence,
            bytes: tail.length,
            rotate_error: error.map(|error| error.to_string()),
            cut: self.cut.clone(),
            key: self.key.clone(),
            signed: tail.unsigned.signed_until(),
            tree_error: tail.unsigned.trouble().map(str::to_owned),
            held_error: None,
        }
    }

    fn lock_rotate_error(&self) -> MutexGuard<'_, Option<LedgerError>> {
        self.rotate_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Tail ===

impl Tail {
    /// Writes all of these entries or nothing of them, and gives the receipt of
    /// the first.
    pub(super) fn write(&mut self, entries: &[&Line]) -> Result<Receipt, LedgerError> {
        self.can_be_written()?;
        let first = self.sequence;
        let written = self.fill(entries).and_then(|()| self.put());
        written.map_err(|error| LedgerError::Write(error.to_string()))?;
        self.length += self.buffer.len() as u64;
        self.sequence += entries.len() as u64;
        self.unsigned.add(&self.buffer);
        self.unsynced = true;
        let times = entries.iter().map(|line| line.at);
        self.latest = times.fold(self.latest, Timestamp::max);
        if let Some(fresh) = self.fresh_salt.take() {
            self.keep_salt(fresh);
        }
        Ok(Receipt::new(first))
    }

    pub(super) fn can_be_written(&self) -> Result<(), LedgerError> {
        self.unsigned.has_room()?;
        self.is_intact()
    }

    /// Whether the file is as the gate left it, as far as it can be known.
    fn is_intact(&self) -> Result<(), LedgerError> {
        match &self.lost {
            Some(lost) => Err(LedgerError::Write(lost.clone())),
            None => self.look(),
        }
    }

    /// Whether anything happened in this segment.
    pub(super) const fn has_entries(&self) -> bool {
        self.length > self.beginning
    }

    /// From now on nothing may be appended.
    pub(super) fn lose(&mut self, why: String) -> LedgerError {
        let lost = format!("{why}; hint: mend the disk, then restart the gate");
        self.lost = Some(lost.clone());
        LedgerError::Write(lost)
    }

    /// From now on entries go to another file.
    pub(super) fn continue_in(&mut self, next: Next, first_sequence: u64) -> io::Result<()> {
        self.watch = self.watch.moved_to(&next.file)?;
        self.file = Arc::new(next.file);
        self.length = next.length;
        self.beginning = next.length;
        self.first_sequence = first_sequence;
        self.sequence = next.sequence;
        self.unsigned.add_synced(next.entries, next.sequence);
        self.age = Duration::ZERO;
        self.since = Instant::now();
        self.unsynced = false;
        Ok(())
    }

    /// The first entry is there: from now on the salt belongs to it. When that
    /// fails, the next start finds the salt where it is.
    fn keep_salt(&mut self, fresh: Fresh) {
        let kept = self.file.sync_data().and_then(|()| fresh.keep());
        if let Err(error) = kept {
            tracing::warn!(%error, "the new salt is not in its place yet");
            self.fresh_salt = Some(fresh);
        }
    }

    /// Whether the path still shows this file, and nobody else changed it.
    fn look(&self) -> Result<(), LedgerError> {
        self.watch.look(self.length).map_err(LedgerError::Changed)
    }

    fn fill(&mut self, entries: &[&Line]) -> io::Result<()> {
        self.buffer.clear();
        for (sequence, line) in (self.sequence..).zip(entries) {
            line.write(sequence, &mut self.buffer)?;
        }
        Ok(())
    }

    /// INVARIANT: the file ends where `length` says before an entry is written,
    /// whatever part of an earlier one got through.
    fn put(&mut self) -> io::Result<()> {
        let mut file = &*self.file;
        let written = file.write_all(&self.buffer);
        if written.is_err()
            && let Err(error) = self.file.set_len(self.length)
        {
            let _refused = self.lose(format!("a torn entry cannot be cut off ({error})"));
        }
        written
    }
}
