//! One command at a time changes a layout.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use gatewright_disk::{Lock, LockError, folder_of};

use crate::failure::Advise as _;

/// How long a command waits for another one: each writes at most a few hundred
/// MiB.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// Waits, within bounds, until nobody else changes this layout: a folder, or a
/// tar. A tar is replaced by another file, so its folder is what is locked.
pub(super) fn lock(layout: &Path) -> Result<Lock> {
    within(layout, WAIT_MAX)
}

fn within(layout: &Path, wait_max: Duration) -> Result<Lock> {
    let folder = match layout.is_dir() {
        true => layout,
        false => folder_of(layout),
    };
    let unlockable = || format!("`{}` cannot be locked", folder.display());
    let file = File::open(folder).with_context(unlockable)?;
    match Lock::within(file, wait_max) {
        Ok(lock) => Ok(lock),
        Err(LockError::Busy) => Err(anyhow!(
            "`{}` is locked by another process",
            folder.display()
        ))
        .hint("try again when it has ended"),
        Err(LockError::Disk(error)) => Err(error).with_context(unlockable),
    }
}

#[cfg(test)]
mod tests {
    use super::{lock, within};
    use std::time::Duration;

    #[test]
    fn a_lock_that_another_holds_is_waited_for_and_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let tar = folder.path().join("pack.tar");
        let held = lock(&tar).unwrap();
        let error = within(&tar, Duration::from_millis(20)).err().unwrap();
        assert!(error.to_string().contains("locked by another"), "{error}");
        drop(held);
        assert!(lock(folder.path()).is_ok());
    }
}
