//! One writer at a time, in all processes.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::thread;
use std::time::{Duration, Instant};

use super::{Store, StoreError};

/// How long a command waits for another one: an import writes at most a few
/// hundred MiB.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// How often it asks.
const PAUSE: Duration = Duration::from_millis(5);

/// Held while it lives. The operating system lets go when its process dies.
pub(super) struct Lock(#[expect(dead_code, reason = "holds the lock until it is dropped")] File);

// === impl Store ===

impl Store {
    /// Waits for the lock, within bounds.
    pub(super) fn lock(&self) -> Result<Lock, StoreError> {
        let path = self.folder.join("lock");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let file = options
            .open(&path)
            .map_err(|error| StoreError::disk(&path, error))?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(file)),
                Err(TryLockError::WouldBlock) if began.elapsed() < WAIT_MAX => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError::Busy(self.folder.display().to_string()));
                }
                Err(TryLockError::Error(error)) => return Err(StoreError::disk(&path, error)),
            }
        }
    }
}
