//! The thread that syncs: it takes everything that waits, writes it, syncs once and
//! only then answers.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::line::Line;
use super::port::{Durability, LedgerError, Receipt};
use super::shared::Shared;

/// Entries synced together.
const BATCH_MAX: usize = 512;

/// What nobody waits for is on disk after about this time.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// An entry that somebody waits for, or that found the file busy.
pub(super) struct Waiting {
    pub(super) line: Line,
    pub(super) durability: Durability,
    pub(super) answer: Option<oneshot::Sender<Result<Receipt, LedgerError>>>,
}

/// The thread that syncs.
pub(super) struct Syncer {
    pub(super) shared: Arc<Shared>,
}

// === impl Syncer ===

impl Syncer {
    pub(super) fn run(self, receiver: &Receiver<Waiting>) {
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
        let lines: Vec<_> = batch.iter().map(|waiting| &waiting.line).collect();
        let wants_sync = batch
            .iter()
            .any(|waiting| waiting.durability == Durability::Synced);
        let written = self.shared.tail().write(&lines);
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
    pub(super) fn sync_rest(&self) {
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
        let (file, sequence) = {
            let mut tail = self.shared.tail();
            tail.unsynced = false;
            // A rotation has synced the file that was written before it.
            (Arc::clone(&tail.file), tail.sequence)
        };
        let synced = file.sync_data();
        let mut tail = self.shared.tail();
        match synced {
            Ok(()) => {
                tail.unsigned.synced(sequence);
                Ok(())
            }
            Err(error) => Err(tail.lose(format!("a sync failed ({error})"))),
        }
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
