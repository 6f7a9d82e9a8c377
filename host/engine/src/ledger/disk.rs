//! The files of a ledger: for nobody else to read, and there after a crash.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::open_error::LedgerOpenError;

/// Opens a file, or makes one that only its owner can read.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // What somebody else wrote at the end is never written over.
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A new file is only there after a crash if its folder is synced too.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Takes a file of the ledger at `path` for this gate alone.
pub(super) fn lock(file: &File, path: &Path) -> Result<(), LedgerOpenError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => LedgerOpenError::InUse {
            path: path.to_owned(),
        },
        TryLockError::Error(source) => LedgerOpenError::Io {
            path: path.to_owned(),
            source,
        },
    })
}

pub(super) fn lock_path(path: &Path) -> PathBuf {
    beside(path, ".lock")
}

/// The path with something added to the name of its file.
pub(super) fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(more);
    PathBuf::from(name)
}
