//! How many bytes of tool servers wait for their readers, in all mailboxes of the gate
//! together: many sessions of a server that says much wait no longer than a few.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Room for all of them.
#[derive(Clone, Debug)]
pub(crate) struct Room(Arc<Sum>);

#[derive(Debug)]
struct Sum {
    bytes: AtomicUsize,
    bytes_max: AtomicUsize,
}

/// What room is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// A message that may stay unread as long as its session is there. Half of the room is
    /// for these: those that nobody reads keep no answer out.
    Message,
    /// An answer, which somebody waits for.
    Answer,
}

impl Room {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self(Arc::new(Sum {
            bytes: AtomicUsize::new(0),
            bytes_max: AtomicUsize::new(bytes_max),
        }))
    }

    /// How much of it there is from now on. What waits already stays.
    pub(crate) fn resize(&self, bytes_max: usize) {
        self.0.bytes_max.store(bytes_max, Ordering::Relaxed);
    }

    /// Takes room for so many bytes. `false` where there is none.
    pub(super) fn take(&self, bytes: usize, what: For) -> bool {
        let all = self.0.bytes_max.load(Ordering::Relaxed);
        let most = match what {
            For::Message => all / 2,
            For::Answer => all,
        };
        let sum = |now: usize| now.checked_add(bytes).filter(|sum| *sum <= most);
        let taken = self
            .0
            .bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum);
        taken.is_ok()
    }

    /// Gives back what was taken.
    pub(super) fn give_back(&self, bytes: usize) {
        self.0.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}
