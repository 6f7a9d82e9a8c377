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
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::thread::JoinHandle;

use gatewright_policy::record::Event;
use gatewright_policy::{Envelope, SealedCall, SealedOutcome, Timestamp};
use tokio::sync::oneshot;

use super::beside::Beside;
use super::keeper::Keeper;
use super::line::Line;
use super::outcomes::Outcomes;
use super::payloads::Payloads;
use super::port::{Appending, Durability, Ledger, LedgerError, Rotating, SegmentStatus};
use super::shared::Shared;
use super::syncer::Waiting;
use crate::awaited::Awaited;

/// The ledger of a stand-alone gate.
pub struct FileLedger {
    pub(super) shared: Arc<Shared>,
    pub(super) waiting: Option<SyncSender<Waiting>>,
    pub(super) payloads: Payloads,
    pub(super) outcomes: Outcomes,
    pub(super) beside: Beside,
    pub(super) salt: [u8; 32],
    pub(super) syncer: Option<JoinHandle<()>>,
    pub(super) keeper: Option<Keeper>,
    /// By name, for as long as the gate runs: the file itself may be moved away.
    pub(super) _lock: File,
}

// === impl FileLedger ===

impl FileLedger {
    #[cfg(test)]
    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Lets go of a held call and of what came of it.
    pub(super) fn let_go(&self, id: &str) -> Result<(), LedgerError> {
        let gone = self.payloads.erase(id);
        self.beside
            .read(gone.and_then(|()| self.outcomes.erase(id)))
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
        // One entry that is too long says nothing about the disk.
        let line = match Line::of(at, &event) {
            Ok(line) => line,
            Err(error) => return Appending::there(Err(error)),
        };
        if durability == Durability::Written
            && let Some(mut tail) = self.shared.free_tail()
        {
            let written = self.shared.health.note(tail.write(&[&line]));
            return Appending::there(written);
        }
        let (answer, answered) = oneshot::channel();
        let sent = self.shared.note_failure(self.send(Waiting {
            line,
            durability,
            answer: Some(answer),
        }));
        Appending::coming(async move {
            sent?;
            answered.await.map_err(|_| LedgerError::Closed)?
        })
    }

    fn note(&self, at: Timestamp, event: Event) -> bool {
        let Ok(line) = Line::of(at, &event) else {
            return false;
        };
        if let Some(mut tail) = self.shared.free_tail() {
            let written = self.shared.health.note(tail.write(&[&line]));
            return written.is_ok();
        }
        let sent = self.shared.note_failure(self.send(Waiting {
            line,
            durability: Durability::Written,
            answer: None,
        }));
        sent.is_ok()
    }

    fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    fn keep<'a>(&'a self, call: &'a SealedCall) -> Awaited<'a, Result<(), LedgerError>> {
        // Before anybody waits: whoever lets go of the call meanwhile is heard.
        let Some(job) = self.payloads.begin(&call.envelope.id) else {
            return Awaited::there(Err(LedgerError::Full));
        };
        let call = call.clone();
        let beside = self.beside.clone();
        Awaited::coming(async move { beside.written(off_thread(move || job.run(&call)).await) })
    }

    fn confirm(&self, id: &str) -> Result<(), LedgerError> {
        self.beside.written(self.payloads.confirm(id))
    }

    fn kept<'a>(
        &'a self,
        envelope: &'a Envelope,
    ) -> Awaited<'a, Result<Option<SealedCall>, LedgerError>> {
        let (payloads, envelope) = (self.payloads.clone(), envelope.clone());
        let beside = self.beside.clone();
        Awaited::coming(
            async move { beside.read(off_thread(move || payloads.kept(&envelope)).await) },
        )
    }

    fn erase(&self, id: &str) {
        if let Err(error) = self.let_go(id) {
            tracing::warn!(%error, "a held call that is over was not removed");
        }
    }

    fn keep_outcome<'a>(
        &'a self,
        outcome: &'a SealedOutcome,
    ) -> Awaited<'a, Result<(), LedgerError>> {
        let (outcomes, outcome) = (self.outcomes.clone(), outcome.clone());
        let beside = self.beside.clone();
        Awaited::coming(
            async move { beside.written(off_thread(move || outcomes.keep(&outcome)).await) },
        )
    }

    fn confirm_outcome(&self, held: &str) -> Result<(), LedgerError> {
        self.beside.written(self.outcomes.confirm(held))
    }

    fn outcome<'a>(&'a self, held: &'a str) -> Awaited<'a, Result<Option<Vec<u8>>, LedgerError>> {
        let (outcomes, held) = (self.outcomes.clone(), held.to_owned());
        let beside = self.beside.clone();
        Awaited::coming(async move { beside.read(off_thread(move || outcomes.kept(&held)).await) })
    }

    fn is_healthy(&self) -> bool {
        self.shared.health.is_good()
    }

    fn trouble(&self) -> Option<LedgerError> {
        self.shared.health.trouble()
    }

    fn rotate(&self) -> Rotating<'_> {
        let (answer, answered) = oneshot::channel();
        let keeper = self.keeper.as_ref().ok_or(LedgerError::Closed);
        let asked = keeper.and_then(|keeper| keeper.ask(answer));
        Box::pin(async move {
            asked?;
            answered.await.map_err(|_| LedgerError::Closed)?
        })
    }

    fn segment(&self) -> Option<SegmentStatus> {
        Some(SegmentStatus {
            held_error: self.beside.trouble(),
            ..self.shared.segment()
        })
    }
}

/// Files are slow, and nobody else waits for these.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(io::Error::other)?
}

/// Waits until everything that was accepted is on disk, and signed for.
impl Drop for FileLedger {
    fn drop(&mut self) {
        drop(self.keeper.take());
        drop(self.waiting.take());
        if let Some(syncer) = self.syncer.take()
            && syncer.join().is_err()
        {
            tracing::error!("the ledger's thread panicked");
        }
        // It synced everything before it ended.
        self.shared.sign();
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use gatewright_policy::record::{Entry, RECORD_VERSION};
    use gatewright_policy::segment::LedgerEvent;

    use super::super::LedgerOpenError;
    use super::super::syncer::Syncer;
    use std::pin::Pin;

    use super::*;
    use crate::ledger::Receipt;

    fn started() -> Event {
        Event::Started {
            version: "test".to_owned(),
            record: 2,
            key: None,
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
    async fn a_torn_last_line_is_kept_aside_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
        append(&ledger, Durability::Synced).await.unwrap();
        drop(ledger);
        let whole = std::fs::read(&path).unwrap();
        for cut in 1..whole.len() {
            let mut torn = whole.clone();
            // What the attempt before wrote was signed for.
            std::fs::remove_dir_all(folder.path().join("audit.jsonl.tree")).unwrap();
            std::fs::remove_file(folder.path().join("audit.jsonl.key")).unwrap();
            torn.extend_from_slice(&whole[..cut]);
            std::fs::write(&path, &torn).unwrap();
            let (ledger, past) = FileLedger::open(&path, Timestamp(1)).unwrap();
            assert_eq!(past.next_sequence, 1, "cut at {cut}");
            let found = ledger.segment().unwrap().cut.unwrap();
            drop(ledger);
            let text = std::fs::read(&path).unwrap();
            let more = text.strip_prefix(whole.as_slice()).unwrap();
            let entry: Entry = serde_json::from_slice(more).unwrap();
            assert_eq!(entry.event, Event::Ledger(LedgerEvent::Cut(found.clone())));
            let kept = std::fs::read(folder.path().join(found.kept)).unwrap();
            assert_eq!(kept, whole[..cut], "cut at {cut}");
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

    #[tokio::test]
    async fn what_a_newer_program_writes_is_left_to_it() {
        let newer = RECORD_VERSION + 1;
        for (line, first) in [
            (
                2,
                format!("\"event\":\"started\",\"record\":{newer},\"version\":\"9\""),
            ),
            (
                1,
                format!(
                    "\"carried\":0,\"event\":\"ledger\",\"generation\":1,\"latest\":1,\"record\":{newer},\"what\":\"continued\""
                ),
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("audit.jsonl");
            let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
            append(&ledger, Durability::Synced).await.unwrap();
            drop(ledger);
            let mut text = std::fs::read_to_string(&path).unwrap();
            if line == 1 {
                text.clear();
            }
            let sequence = line - 1;
            // What follows is nothing that this program knows.
            text.push_str(&format!(
                "{{\"at\":1,{first},\"sequence\":{sequence}}}\nnew\n"
            ));
            std::fs::write(&path, &text).unwrap();
            let refused = [
                FileLedger::open(&path, Timestamp(1)).map(drop),
                crate::ledger::repair(&path, Timestamp(1), false).map(drop),
            ];
            for refused in refused {
                let Err(LedgerOpenError::Newer {
                    line: at, found, ..
                }) = refused
                else {
                    panic!("{refused:?}")
                };
                assert_eq!((at, found), (line, newer));
            }
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
            // Nor is what is damaged before it mended by this program.
            let damaged = format!("damaged\n{text}");
            std::fs::write(&path, &damaged).unwrap();
            for new_salt in [false, true] {
                let refused = crate::ledger::repair(&path, Timestamp(1), new_salt).map(drop);
                let is_newer = matches!(refused, Err(LedgerOpenError::Newer { .. }));
                assert!(is_newer, "{refused:?}");
            }
            assert_eq!(std::fs::read_to_string(&path).unwrap(), damaged);
        }
    }

    #[tokio::test]
    async fn an_entry_that_could_not_be_read_back_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
        let long = || Event::ReloadFailed {
            error: "\u{1}".repeat(200_000),
        };
        for durability in [Durability::Written, Durability::Synced] {
            assert!(matches!(
                ledger.append(Timestamp(1), long(), durability).await,
                Err(LedgerError::TooLong { bytes: 1_200_000.. })
            ));
        }
        assert!(!ledger.note(Timestamp(1), long()));
        assert!(ledger.is_healthy(), "it says nothing about the disk");
        let receipt = append(&ledger, Durability::Synced).await.unwrap();
        assert_eq!(receipt.sequence(), 0);
    }

    #[tokio::test]
    async fn lines_of_older_gates_are_read_up_to_their_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let line = |bytes: usize| {
            let text = "x".repeat(bytes);
            format!(
                "{{\"sequence\":0,\"at\":1,\"event\":\"reload-failed\",\"error\":\"{text}\"}}\n"
            )
        };
        std::fs::write(folder.path().join("audit.jsonl.salt"), [7; 32]).unwrap();
        std::fs::write(&path, line(15 << 20)).unwrap();
        let (ledger, past) = FileLedger::open(&path, Timestamp(1)).unwrap();
        assert_eq!(past.next_sequence, 1);
        drop(ledger);
        std::fs::write(&path, line(16 << 20)).unwrap();
        let Err(error) = FileLedger::open(&path, Timestamp(1)) else {
            panic!("it was read")
        };
        assert!(error.to_string().contains("older gate"), "{error}");
    }

    /// `/dev/full` answers every write with "no space left on device".
    #[tokio::test]
    async fn a_full_disk_refuses_and_then_recovers() {
        recovers_from(OpenOptions::new().write(true).open("/dev/full").unwrap()).await;
    }

    /// A disk that can only be read any more takes no write.
    #[tokio::test]
    async fn a_disk_that_can_only_be_read_refuses_and_then_recovers() {
        recovers_from(File::open("/dev/null").unwrap()).await;
        // And no gate starts on one.
        let opened = FileLedger::open("/proc/self/audit.jsonl".as_ref(), Timestamp(1));
        let Err(LedgerOpenError::Io { .. }) = opened.map(drop) else {
            panic!("it was opened")
        };
    }

    async fn recovers_from(unwritable: File) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
        append(&ledger, Durability::Written).await.unwrap();
        let unwritable = Arc::new(unwritable);
        let disk = std::mem::replace(&mut ledger.shared.tail().file, unwritable);
        for durability in [Durability::Written, Durability::Synced] {
            assert!(append(&ledger, durability).await.is_err());
            assert!(!ledger.is_healthy());
        }
        {
            let mut tail = ledger.shared.tail();
            assert_eq!(tail.sequence, 1);
            tail.file = disk;
            // None of these can be cut; a disk can.
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
        append(&ledger, Durability::Written).await.unwrap();
        let pipe = File::from(std::os::fd::OwnedFd::from(pipe));
        ledger.shared.tail().file = Arc::new(pipe);
        let syncer = Syncer {
            shared: Arc::clone(&ledger.shared),
        };
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
            assert!(Pin::new(&mut appended).poll(&mut context).is_pending());
            appended
        };
        assert_eq!(appended.await.unwrap().sequence(), 0);
    }
}
