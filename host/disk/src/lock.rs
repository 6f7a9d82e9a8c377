//! One process at a time.

use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// How often a lock is asked for that another process holds.
const PAUSE: Duration = Duration::from_millis(5);

/// Held while it lives. The operating system lets go when its process dies.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "holds the lock until it is dropped")] File);

/// Why a lock is not held.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("it is locked by another process")]
    Busy,
    /// The file system has no locks, or is broken.
    #[error("it cannot be locked: {0}")]
    Disk(io::Error),
}

// === impl Lock ===

impl Lock {
    /// Waits at most so long; with [`Duration::ZERO`] not at all. A folder that may
    /// be read can be locked as well.
    pub fn within(file: File, wait_max: Duration) -> Result<Self, LockError> {
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if began.elapsed() < wait_max => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(LockError::Busy),
                Err(TryLockError::Error(error)) => return Err(LockError::Disk(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_another_holds_is_waited_for_and_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let opened = || File::open(folder.path()).unwrap();
        let held = Lock::within(opened(), Duration::ZERO).unwrap();
        for wait_max in [Duration::ZERO, Duration::from_millis(20)] {
            let error = Lock::within(opened(), wait_max).unwrap_err();
            assert!(matches!(error, LockError::Busy), "{error}");
        }
        thread::scope(|scope| {
            let waiting = scope.spawn(|| Lock::within(opened(), Duration::from_secs(30)));
            drop(held);
            assert!(waiting.join().unwrap().is_ok());
        });
    }
}
