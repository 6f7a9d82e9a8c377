//! One writer at a time, in all processes.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::Duration;

use gatewright_disk::{Lock, LockError};

use super::{Store, StoreError};

/// How long a command waits for another one: an import writes at most a few
/// hundred MiB.
const WAIT_MAX: Duration = Duration::from_secs(30);

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
        Lock::within(file, WAIT_MAX).map_err(|error| match error {
            LockError::Busy => StoreError::Busy(self.folder.display().to_string()),
            LockError::Disk(error) => StoreError::disk(&path, error),
        })
    }
}
