//! A folder that is filled apart and appears whole. One that a killed process left
//! is removed by the next.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gatewright_disk::{Access, Disk as _, Files, Lock, LockError, folder_of};
use tempfile::TempDir;

use crate::error::RegistryError;

/// Beginning of the names of folders that are being filled. While one is, its
/// process holds a lock on it.
const PREFIX: &str = ".gatewright-pull-";

/// How long a pull waits for another one to make its folder, which takes it a few
/// system calls.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// A folder being filled; dropped, it is gone.
#[derive(Debug)]
pub(crate) struct Staging {
    folder: TempDir,
    /// Held as long as this exists.
    _lock: Lock,
    target: PathBuf,
}

impl Staging {
    /// Beside `target`, which must not exist or be empty. Its parent is made.
    pub(crate) fn new(target: &Path) -> Result<Self, RegistryError> {
        let disk = RegistryError::disk;
        let parent = folder_of(target);
        Files
            .create_folders(parent, Access::Usual)
            .map_err(disk(parent))?;
        if is_occupied(target).map_err(disk(target))? {
            return Err(RegistryError::Occupied {
                path: target.to_owned(),
            });
        }
        // Whoever holds this lock is alone in making and sweeping.
        let _alone = lock_within(parent, WAIT_MAX)?;
        sweep(parent).map_err(disk(parent))?;
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent);
        let folder = folder.map_err(disk(parent))?;
        // Nobody but a sweeper holds it, and whoever sweeps holds the lock above.
        let lock = lock_within(folder.path(), WAIT_MAX)?;
        let blobs = folder.path().join("layout/blobs/sha256");
        fs::create_dir_all(&blobs).map_err(disk(&blobs))?;
        Ok(Self {
            folder,
            _lock: lock,
            target: target.to_owned(),
        })
    }

    /// Where to write.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("layout")
    }

    /// Makes the folder appear under its name.
    pub(crate) fn finish(self) -> Result<(), RegistryError> {
        let layout = self.path();
        let target = &self.target;
        for folder in ["blobs/sha256", "blobs", ""] {
            let folder = layout.join(folder);
            Files
                .sync_folder(&folder)
                .map_err(RegistryError::disk(&folder))?;
        }
        Files
            .rename(&layout, target)
            .map_err(|error| match error.kind() {
                io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
                    RegistryError::Occupied {
                        path: target.clone(),
                    }
                }
                _ => RegistryError::Disk {
                    path: target.clone(),
                    cause: error,
                },
            })?;
        Files
            .sync_folder(folder_of(target))
            .map_err(RegistryError::disk(target))
    }
}

/// Waits for the lock of a folder, which anybody who may read it can hold.
fn lock_within(path: &Path, wait_max: Duration) -> Result<Lock, RegistryError> {
    let folder = File::open(path).map_err(RegistryError::disk(path))?;
    Lock::within(folder, wait_max).map_err(|error| match error {
        LockError::Busy => RegistryError::Locked {
            path: path.to_owned(),
        },
        LockError::Disk(error) => RegistryError::disk(path)(error),
    })
}

/// Removes what processes left that do not live any more. What cannot be opened or
/// removed is left: it may be somebody else's, and nothing needs it gone.
fn sweep(parent: &Path) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let Ok(folder) = File::open(entry.path()) else {
            continue;
        };
        if Lock::within(folder, Duration::ZERO).is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

fn is_occupied(target: &Path) -> io::Result<bool> {
    match fs::read_dir(target) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(true),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::{PREFIX, Staging, lock_within};
    use crate::error::RegistryError;
    use std::fs::{self, File, Permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::Duration;

    fn names(folder: &std::path::Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn what_is_dropped_is_gone_and_what_is_finished_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("pack");
        drop(Staging::new(&target).unwrap());
        assert!(names(folder.path()).is_empty());
        Staging::new(&target).unwrap().finish().unwrap();
        assert_eq!(names(folder.path()), ["pack"]);
        let again = Staging::new(&target).unwrap_err();
        assert!(matches!(again, RegistryError::Occupied { .. }), "{again}");
    }

    #[test]
    fn the_leavings_of_the_dead_are_swept_and_the_living_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let dead = folder.path().join(format!("{PREFIX}dead"));
        fs::create_dir_all(dead.join("layout")).unwrap();
        let living = Staging::new(&folder.path().join("one")).unwrap();
        assert!(!dead.exists());
        let other = Staging::new(&folder.path().join("two")).unwrap();
        assert!(living.path().exists() && other.path().exists());
        living.finish().unwrap();
        other.finish().unwrap();
        assert!(
            names(folder.path())
                .iter()
                .all(|name| !name.starts_with(PREFIX))
        );
    }

    #[test]
    fn a_lock_that_another_holds_is_not_waited_for_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let held = File::open(folder.path()).unwrap();
        held.lock().unwrap();
        let lock = || lock_within(folder.path(), Duration::from_millis(20));
        let error = lock().unwrap_err();
        assert!(matches!(error, RegistryError::Locked { .. }), "{error}");
        drop(held);
        lock().unwrap();
    }

    /// Run as root, it is removed, and the pull goes on all the same.
    #[test]
    fn leavings_that_cannot_be_removed_do_not_stop_a_pull() {
        let folder = tempfile::tempdir().unwrap();
        let closed = folder.path().join(format!("{PREFIX}closed"));
        fs::create_dir(&closed).unwrap();
        fs::write(closed.join("file"), b"").unwrap();
        fs::set_permissions(&closed, Permissions::from_mode(0o000)).unwrap();
        let made = Staging::new(&folder.path().join("pack"));
        if closed.exists() {
            fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
        }
        made.unwrap().finish().unwrap();
    }
}
