//! The thread that looks after the ledger's file while nobody writes to it.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::file::Shared;

/// A file that changed while no call comes is noticed after about this time;
/// before an entry is written it is looked at in any case.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Ends with this value.
pub(super) struct Keeper {
    running: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(super) fn start(shared: Arc<Shared>) -> io::Result<Self> {
        let (running, stopped) = sync_channel(0);
        let thread = std::thread::Builder::new()
            .name("ledger-keeper".to_owned())
            .spawn(move || run(&shared, &stopped))?;
        Ok(Self {
            running: Some(running),
            thread: Some(thread),
        })
    }
}

fn run(shared: &Shared, stopped: &Receiver<()>) {
    while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        shared.look();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.running.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that looks after the ledger panicked");
        }
    }
}
