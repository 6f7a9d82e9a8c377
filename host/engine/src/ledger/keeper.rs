//! The thread that looks after the ledger's file: whether it is still there while
//! nobody writes to it, and whether a new one should begin. It signs for what was written.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::port::{LedgerError, RotateWhen, Rotated};
use super::rotate::{go_on, rotate};
use super::shared::Shared;

/// A file that changed while no call comes is noticed after about this time;
/// before an entry is written it is looked at in any case. What is on disk is signed for
/// after about this time.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A rotation that failed is tried again after this long.
const RETRY: Duration = Duration::from_secs(60);

/// Rotations asked for at once; one more is refused.
const ASKED_MAX: usize = 4;

/// Where the outcome of a rotation goes.
type Answer = oneshot::Sender<Result<Option<Rotated>, LedgerError>>;

/// Ends with this value.
pub(super) struct Keeper {
    asked: Option<SyncSender<Answer>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(super) fn start(shared: Arc<Shared>, when: RotateWhen) -> io::Result<Self> {
        let (asked, asks) = sync_channel(ASKED_MAX);
        let thread = std::thread::Builder::new()
            .name("ledger-keeper".to_owned())
            .spawn(move || run(&shared, &asks, when))?;
        Ok(Self {
            asked: Some(asked),
            thread: Some(thread),
        })
    }

    /// Asks for a rotation now.
    pub(super) fn ask(&self, answer: Answer) -> Result<(), LedgerError> {
        let asked = self.asked.as_ref().ok_or(LedgerError::Closed)?;
        asked.try_send(answer).map_err(|error| match error {
            TrySendError::Full(_) => LedgerError::Full,
            TrySendError::Disconnected(_) => LedgerError::Closed,
        })
    }
}

fn run(shared: &Shared, asks: &Receiver<Answer>, when: RotateWhen) {
    let mut not_before = Instant::now();
    loop {
        match asks.recv_timeout(LOOK_EVERY) {
            Ok(answer) => {
                // Whoever asked may have gone: the rotation counts all the same.
                let _gone = answer.send(shared.note_rotation(rotate(shared, &mut go_on)));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        shared.look();
        shared.sign();
        if not_before <= Instant::now() && shared.is_due(when) {
            let rotated = shared.note_rotation(rotate(shared, &mut go_on));
            if rotated.is_err() {
                not_before = Instant::now() + RETRY;
            }
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.asked.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that looks after the ledger panicked");
        }
    }
}
