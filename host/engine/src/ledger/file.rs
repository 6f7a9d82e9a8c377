//! A ledger in one append-only file: one JSON object a line.
//!
//! What must only survive the death of the gate is written by the caller, which
//! then goes on at once. What must survive the death of the machine goes to one
//! thread: it takes everything that waits, writes it, syncs once and only then
//! answers, so that many calls share one sync. A write that does not succeed as a
//! whole is cut off again. After a sync that failed nobody knows what is there:
//! the entries stay, their callers are refused, and so is everybody until a restart.
//!
//! Before anything is written the path is looked at: where it does not show the
//! file as the gate left it, nothing is written and everybody is refused, until it
//! does again. Then nothing was missed, because nothing went ahead meanwhile.

use std::fs::File;
use std::future::ready;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use gatewright_policy::Timestamp;
use gatewright_policy::record::{Entry, Event};
use tokio::sync::oneshot;

use super::disk::{lock, lock_path, open_private, salt, salt_path, sync_folder};
use super::health::Health;
use super::keeper::Keeper;
use super::replay::{LedgerOpenError, Past, replay};
use super::watch::Watch;
use super::{Appending, Durability, Ledger, LedgerError, Receipt};

/// Entries that wait to be synced at once; one more is refused.
const WAITING_MAX: usize = 4096;

/// Entries synced together.
const BATCH_MAX: usize = 512;

/// What nobody waits for is on disk after about this time.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// The ledger of a stand-alone gate.
pub struct FileLedger {
    shared: Arc<Shared>,
    waiting: Option<SyncSender<Waiting>>,
    salt: [u8; 32],
    syncer: Option<JoinHandle<()>>,
    keeper: Option<Keeper>,
    /// By name, for as long as the gate runs: the file itself may be moved away.
    _lock: File,
}

pub(super) struct Shared {
    tail: Mutex<Tail>,
    health: Health,
}

/// The end of the file.
struct Tail {
    file: File,
    watch: Watch,
    /// Where the next entry goes; everything before is whole.
    length: u64,
    sequence: u64,
    /// Something was written since the last sync.
    unsynced: bool,
    /// Why nothing may be appended any more.
    lost: Option<String>,
    buffer: Vec<u8>,
}

/// An entry that somebody waits for, or that found the file busy.
struct Waiting {
    at: Timestamp,
    event: Event,
    durability: Durability,
    answer: Option<oneshot::Sender<Result<Receipt, LedgerError>>>,
}

/// The thread that syncs.
struct Syncer {
    shared: Arc<Shared>,
    /// The same file as the tail's: to sync it while others write.
    file: File,
}

// === impl FileLedger ===

impl FileLedger {
    /// Opens or creates the file, and gives what it says about the past. A last
    /// line that was cut short by a crash was never answered for: it is removed.
    /// Anything else that is wrong with the file is an error.
    pub fn open(path: &Path, now: Timestamp) -> Result<(Self, Past), LedgerOpenError> {
        let failed = |source: io::Error| LedgerOpenError::Io {
            path: path.to_owned(),
            source,
        };
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let lock_file = open_private(&lock_path(path)).map_err(failed)?;
        lock(&lock_file, path)?;
        let file = open_private(path).map_err(failed)?;
        lock(&file, path)?;
        let past = replay(&file, path, now)?;
        file.set_len(past.length).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        sync_folder(path).map_err(failed)?;
        let salt = salt(&salt_path(path)).map_err(failed)?;

        let same_file = file.try_clone().map_err(failed)?;
        let shared = Arc::new(Shared {
            tail: Mutex::new(Tail {
                watch: Watch::of(path, &file).map_err(failed)?,
                file,
                length: past.length,
                sequence: past.next_sequence,
                unsynced: false,
                lost: None,
                buffer: Vec::new(),
            }),
            health: Health::good(),
        });
        let syncer = Syncer {
            shared: Arc::clone(&shared),
            file: same_file,
        };
        let (sender, receiver) = sync_channel(WAITING_MAX);
        let syncer = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || syncer.run(&receiver))
            .map_err(failed)?;
        let keeper = Keeper::start(Arc::clone(&shared)).map_err(failed)?;
        let ledger = Self {
            shared,
            waiting: Some(sender),
            salt,
            syncer: Some(syncer),
            keeper: Some(keeper),
            _lock: lock_file,
        };
        Ok((ledger, past))
    }

    fn send(&self, waiting: Waiting) -> Result<(), LedgerError> {
        let sender = self.waiting.as_ref().ok_or(LedgerError::Closed)?;
        sender.try_send(waiting).map_err(|error| match error {
            TrySendError::Full(_) => LedgerError::Full,
            TrySendError::Disconnected(_) => LedgerError::Closed,
        })
    }
}

impl Ledger for FileLedger {
    fn append(&self, at: Timestamp, event: Event, durability: Durability) -> Appending<'_> {
        if durability == Durability::Written
            && let Some(mut tail) = self.shared.free_tail()
        {
            let written = self.shared.health.note(tail.write(&[(at, &event)]));
            return Box::pin(ready(written));
        }
        let (answer, answered) = oneshot::channel();
        let sent = self.shared.note_failure(self.send(Waiting {
            at,
            event,
            durability,
            answer: Some(answer),
        }));
        Box::pin(async move {
            sent?;
            answered.await.map_err(|_| LedgerError::Closed)?
        })
    }

    fn note(&self, at: Timestamp, event: Event) -> bool {
        if let Some(mut tail) = self.shared.free_tail() {
            let written = self.shared.health.note(tail.write(&[(at, &event)]));
            return written.is_ok();
        }
        let sent = self.shared.note_failure(self.send(Waiting {
            at,
            event,
            durability: Durability::Written,
            answer: None,
        }));
        sent.is_ok()
    }

    fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    fn is_healthy(&self) -> bool {
        self.shared.health.is_good()
    }

    fn trouble(&self) -> Option<LedgerError> {
        self.shared.health.trouble()
    }
}

/// Waits until everything that was accepted is on disk.
impl Drop for FileLedger {
    fn drop(&mut self) {
        drop(self.keeper.take());
        drop(self.waiting.take());
        if let Some(syncer) = self.syncer.take()
            && syncer.join().is_err()
        {
            tracing::error!("the ledger's thread panicked");
        }
    }
}

// === impl Syncer ===

impl Syncer {
    fn run(self, receiver: &Receiver<Waiting>) {
        let mut sync_at = Instant::now() + SYNC_EVERY;
        loop {
            match receiver.recv_timeout(sync_at.saturating_duration_since(Instant::now())) {
                Ok(first) => {
                    let more = receiver.try_iter().take(BATCH_MAX - 1);
                    self.append(std::iter::once(first).chain(more).collect());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.sync_rest(),
            }
            if sync_at <= Instant::now() {
                self.sync_rest();
                sync_at = Instant::now() + SYNC_EVERY;
            }
        }
    }

    /// Writes a batch, syncs it if any of it asked for that, and answers.
    fn append(&self, batch: Vec<Waiting>) {
        let entries: Vec<_> = batch
            .iter()
            .map(|waiting| (waiting.at, &waiting.event))
            .collect();
        let wants_sync = batch
            .iter()
            .any(|waiting| waiting.durability == Durability::Synced);
        let written = self.shared.tail().write(&entries);
        let kept = written.and_then(|first| {
            if wants_sync {
                self.sync()?;
            }
            Ok(first)
        });
        let kept = self.shared.health.note(kept);
        for (place, waiting) in (0..).zip(batch) {
            let answer = kept.as_ref().map_err(LedgerError::clone);
            let answer = answer.map(|first| Receipt::new(first.sequence() + place));
            if let Some(sender) = waiting.answer {
                // Nobody waits any more: the call was abandoned, the entry stays.
                let _abandoned = sender.send(answer);
            }
        }
    }

    /// Syncs what nobody waits for.
    fn sync_rest(&self) {
        if self.shared.tail().unsynced
            && let Err(error) = self.sync()
        {
            // From here on every entry is refused with the same words.
            let _refused = self.shared.health.note::<()>(Err(error));
        }
    }

    /// After a sync that failed nobody knows what the disk holds, and a second
    /// one may succeed without having written anything: nothing more is appended
    /// until the file was read again.
    fn sync(&self) -> Result<(), LedgerError> {
        self.shared.tail().unsynced = false;
        self.file.sync_data().map_err(|error| {
            let lost =
                format!("a sync failed ({error}); hint: mend the disk, then restart the gate");
            self.shared.tail().lost = Some(lost.clone());
            LedgerError::Write(lost)
        })
    }
}

/// Without this thread nothing would be synced any more.
impl Drop for Syncer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let lost = "its thread panicked; hint: restart the gate".to_owned();
            self.shared.tail().lost = Some(lost.clone());
            let lost = LedgerError::Write(lost);
            let _refused = self.shared.health.note::<()>(Err(lost));
        }
    }
}

// === impl Shared ===

impl Shared {
    /// The tail, unless somebody else is writing.
    fn free_tail(&self) -> Option<MutexGuard<'_, Tail>> {
        match self.tail.try_lock() {
            Ok(tail) => Some(tail),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        // A write that panicked half-way left `length` as it was: the next one
        // begins there.
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That an entry was taken says nothing about the disk.
    fn note_failure(&self, sent: Result<(), LedgerError>) -> Result<(), LedgerError> {
        if sent.is_err() {
            return self.health.note(sent);
        }
        sent
    }

    /// Looks at the file while nobody writes to it: what happened to it shows in
    /// the status, and so does its return. Any other trouble ends with a write.
    pub(super) fn look(&self) {
        let found = self.tail().look();
        let was_changed = matches!(self.health.trouble(), Some(LedgerError::Changed(_)));
        if found.is_err() || was_changed {
            // The next entry is refused with the same words.
            let _refused = self.health.note(found);
        }
    }
}

// === impl Tail ===

impl Tail {
    /// Writes all of these entries or nothing of them, and gives the receipt of
    /// the first.
    fn write(&mut self, entries: &[(Timestamp, &Event)]) -> Result<Receipt, LedgerError> {
        if let Some(lost) = &self.lost {
            return Err(LedgerError::Write(lost.clone()));
        }
        self.look()?;
        let first = self.sequence;
        let written = self.fill(entries).and_then(|()| self.put());
        written.map_err(|error| LedgerError::Write(error.to_string()))?;
        self.length += self.buffer.len() as u64;
        self.sequence += entries.len() as u64;
        self.unsynced = true;
        Ok(Receipt::new(first))
    }

    /// Whether the path still shows this file, and nobody else changed it.
    fn look(&self) -> Result<(), LedgerError> {
        self.watch.look(self.length).map_err(LedgerError::Changed)
    }

    fn fill(&mut self, entries: &[(Timestamp, &Event)]) -> io::Result<()> {
        self.buffer.clear();
        for (sequence, &(at, event)) in (self.sequence..).zip(entries) {
            let entry = Entry {
                sequence,
                at,
                event,
            };
            serde_json::to_writer(&mut self.buffer, &entry)?;
            self.buffer.push(b'\n');
        }
        Ok(())
    }

    /// INVARIANT: the file ends where `length` says before an entry is written,
    /// whatever part of an earlier one got through.
    fn put(&mut self) -> io::Result<()> {
        let written = self.file.write_all(&self.buffer);
        if written.is_err() {
            if let Err(error) = self.file.set_len(self.length) {
                self.lost = Some(format!(
                    "a torn entry cannot be cut off ({error}); hint: mend the disk, then restart the gate"
                ));
            }
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;

    fn started() -> Event {
        Event::Started {
            version: "test".to_owned(),
        }
    }

    async fn append(ledger: &FileLedger, durability: Durability) -> Result<Receipt, LedgerError> {
        ledger.append(Timestamp(1), started(), durability).await
    }

    #[tokio::test]
    async fn sequences_go_on_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        for expected in 0..3 {
            let (ledger, past) = FileLedger::open(&path, Timestamp(1)).unwrap();
            assert_eq!(past.next_sequence, expected);
            let receipt = append(&ledger, Durability::Synced).await.unwrap();
            assert_eq!(receipt.sequence(), expected);
        }
    }

    #[tokio::test]
    async fn a_second_gate_is_refused_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let _first = FileLedger::open(&path, Timestamp(1)).unwrap();
        assert!(matches!(
            FileLedger::open(&path, Timestamp(1)).map(|_| ()),
            Err(LedgerOpenError::InUse { .. })
        ));
    }

    #[tokio::test]
    async fn a_torn_last_line_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
        append(&ledger, Durability::Synced).await.unwrap();
        drop(ledger);
        let whole = std::fs::read(&path).unwrap();
        for cut in 1..whole.len() {
            let mut torn = whole.clone();
            torn.extend_from_slice(&whole[..cut]);
            std::fs::write(&path, &torn).unwrap();
            let (ledger, past) = FileLedger::open(&path, Timestamp(1)).unwrap();
            assert_eq!(past.next_sequence, 1, "cut at {cut}");
            drop(ledger);
            assert_eq!(std::fs::read(&path).unwrap(), whole, "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn a_damaged_file_is_an_error_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
        append(&ledger, Durability::Synced).await.unwrap();
        append(&ledger, Durability::Synced).await.unwrap();
        drop(ledger);
        let text = std::fs::read_to_string(&path).unwrap();
        for damaged in [
            text.replacen("\"sequence\":1", "\"sequence\":7", 1),
            text.replacen('{', "x", 2),
        ] {
            std::fs::write(&path, damaged).unwrap();
            assert!(matches!(
                FileLedger::open(&path, Timestamp(1)).map(|_| ()),
                Err(LedgerOpenError::Damaged { line: 1 | 2, .. })
            ));
        }
    }

    /// `/dev/full` answers every write with "no space left on device".
    #[tokio::test]
    async fn a_full_disk_refuses_and_then_recovers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
        append(&ledger, Durability::Written).await.unwrap();
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let disk = std::mem::replace(&mut ledger.shared.tail().file, full);
        for durability in [Durability::Written, Durability::Synced] {
            assert!(append(&ledger, durability).await.is_err());
            assert!(!ledger.is_healthy());
        }
        {
            let mut tail = ledger.shared.tail();
            assert_eq!(tail.sequence, 1);
            tail.file = disk;
            // `/dev/full` cannot be cut; a disk can.
            tail.lost = None;
        }
        let receipt = append(&ledger, Durability::Written).await.unwrap();
        assert_eq!(receipt.sequence(), 1);
        assert!(ledger.is_healthy());
        drop(ledger);
        let (_, past) = FileLedger::open(&path, Timestamp(1)).unwrap();
        assert_eq!(past.next_sequence, 2);
    }

    #[tokio::test]
    async fn after_a_failed_sync_nothing_is_appended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
        // A pipe cannot be synced.
        let (_reader, pipe) = io::pipe().unwrap();
        let syncer = Syncer {
            shared: Arc::clone(&ledger.shared),
            file: File::from(std::os::fd::OwnedFd::from(pipe)),
        };
        append(&ledger, Durability::Written).await.unwrap();
        syncer.sync_rest();
        assert!(!ledger.is_healthy());
        for durability in [Durability::Written, Durability::Synced] {
            assert!(matches!(
                append(&ledger, durability).await,
                Err(LedgerError::Write(_))
            ));
        }
        assert!(!ledger.note(Timestamp(1), started()));
    }

    #[tokio::test]
    async fn an_entry_that_finds_the_file_busy_waits_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
        let appended = {
            let _busy = ledger.shared.tail();
            let mut appended = ledger.append(Timestamp(1), started(), Durability::Written);
            let waker = std::task::Waker::noop();
            let mut context = std::task::Context::from_waker(waker);
            assert!(appended.as_mut().poll(&mut context).is_pending());
            appended
        };
        assert_eq!(appended.await.unwrap().sequence(), 0);
    }
}
