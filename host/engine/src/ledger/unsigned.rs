//! Entries that are in the file and not in the tree yet.

use gatewright_evidence::Hash;

use super::port::LedgerError;

/// Entries that wait to be signed for, at the most. Where more wait, signing fails: no
/// record grows that nobody could prove.
const WAITING_MAX: usize = 1 << 20;

/// Their hashes, and how many of them are on disk.
#[derive(Debug)]
pub(super) struct Unsigned {
    waiting: Vec<Hash>,
    /// The sequence of the first one that waits.
    first: u64,
    /// Everything before this sequence is on disk.
    synced: u64,
    /// Everything before this sequence is signed for.
    signed_until: u64,
    /// Why nothing is signed, if that is so.
    trouble: Option<String>,
}

// === impl Unsigned ===

impl Unsigned {
    /// Nothing waits: everything before `next` is on disk, and in the tree.
    pub(super) const fn new(next: u64, signed_until: u64) -> Self {
        Self {
            waiting: Vec::new(),
            first: next,
            synced: next,
            signed_until,
            trouble: None,
        }
    }

    /// These lines were written: whole ones.
    pub(super) fn add(&mut self, lines: &[u8]) {
        let lines = lines.split_inclusive(|byte| *byte == b'\n');
        let entries = lines.map(|line| line.strip_suffix(b"\n").unwrap_or(line));
        self.waiting.extend(entries.map(Hash::of_entry));
    }

    /// The same, and they are on disk, with everything before this sequence.
    pub(super) fn add_synced(&mut self, entries: Vec<Hash>, until: u64) {
        self.waiting.extend(entries);
        self.synced(until);
    }

    /// Everything before this sequence is on disk.
    pub(super) fn synced(&mut self, until: u64) {
        self.synced = self.synced.max(until);
    }

    /// Those that are on disk; they do not wait any more.
    pub(super) fn take(&mut self) -> Vec<Hash> {
        let count = usize::try_from(self.synced.saturating_sub(self.first));
        let count = count.unwrap_or(usize::MAX).min(self.waiting.len());
        self.first += count as u64;
        self.waiting.drain(..count).collect()
    }

    /// How signing went; says in the log what is new.
    pub(super) fn note(&mut self, signed_until: u64, trouble: Option<String>) {
        if trouble != self.trouble {
            match &trouble {
                None => tracing::info!("the record is signed again"),
                Some(error) => tracing::error!(%error, "the record is not signed"),
            }
        }
        self.signed_until = signed_until;
        self.trouble = trouble;
    }

    pub(super) const fn signed_until(&self) -> u64 {
        self.signed_until
    }

    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Refuses when too many wait.
    pub(super) fn has_room(&self) -> Result<(), LedgerError> {
        if self.waiting.len() < WAITING_MAX {
            return Ok(());
        }
        let why = self.trouble().unwrap_or("it is too slow");
        Err(LedgerError::Write(format!(
            "its tree is not written: {why}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_on_disk_is_signed_for() {
        let mut unsigned = Unsigned::new(7, 7);
        unsigned.add(b"a\nb\nc\n");
        assert_eq!(unsigned.take(), []);
        unsigned.synced(9);
        let expected = [b"a", b"b"].map(|entry| Hash::of_entry(entry));
        assert_eq!(unsigned.take(), expected);
        unsigned.synced(8);
        assert_eq!(unsigned.take(), []);
        unsigned.add_synced(vec![Hash::of_entry(b"d")], 11);
        let expected = [b"c", b"d"].map(|entry| Hash::of_entry(entry));
        assert_eq!(unsigned.take(), expected);
    }

    #[test]
    fn a_record_that_nobody_signs_does_not_go_on_for_ever() {
        let mut unsigned = Unsigned::new(0, 0);
        unsigned.note(0, Some("no room".to_owned()));
        unsigned.waiting = vec![Hash::of_nothing(); WAITING_MAX - 1];
        assert_eq!(unsigned.has_room(), Ok(()));
        unsigned.add(b"a\n");
        let refused = unsigned.has_room().unwrap_err();
        assert!(refused.to_string().contains("no room"), "{refused}");
    }
}
