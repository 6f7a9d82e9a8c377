//! One command at a time changes a layout.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};

use crate::failure::Advise as _;

/// How long a command waits for another one: each writes at most a few hundred
/// MiB.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// How often it asks.
const PAUSE: Duration = Duration::from_millis(5);

/// Held while it lives. The operating system lets go when its process dies.
pub(super) struct Lock(#[expect(dead_code, reason = "holds the lock until it is dropped")] File);

// === impl Lock ===

impl Lock {
    /// Waits, within bounds, until nobody else changes this layout: a folder, or a
    /// tar. A tar is replaced by another file, so its folder is what is locked.
    pub(super) fn of(layout: &Path) -> Result<Self> {
        Self::within(layout, WAIT_MAX)
    }

    fn within(layout: &Path, wait_max: Duration) -> Result<Self> {
        let folder = match layout.is_dir() {
            true => layout,
            false => match layout.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            },
        };
        let unlockable = || format!("`{}` cannot be locked", folder.display());
        let file = File::open(folder).with_context(unlockable)?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if began.elapsed() < wait_max => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(anyhow!(
                        "`{}` is locked by another process",
                        folder.display()
                    ))
                    .hint("try again when it has ended");
                }
                Err(TryLockError::Error(error)) => return Err(error).with_context(unlockable),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lock;
    use std::time::Duration;

    #[test]
    fn a_lock_that_another_holds_is_waited_for_and_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let tar = folder.path().join("pack.tar");
        let held = Lock::of(&tar).unwrap();
        let error = Lock::within(&tar, Duration::from_millis(20)).err().unwrap();
        assert!(error.to_string().contains("locked by another"), "{error}");
        drop(held);
        assert!(Lock::of(folder.path()).is_ok());
    }
}
