//! The key that signs the checkpoints of a ledger. It is made beside the ledger at the
//! first start, and nobody else may read it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gatewright_disk::{Access, Disk as _, Files, Target, create, folder_of, replace};
use gatewright_evidence::{KeyError, LogKey};

use super::disk::beside;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoKey {
    /// The file system says no.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file holds something else.
    #[error("`{path}`: {cause}")]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: KeyError,
    },
}

/// The key of the ledger at this path, if there is one.
pub(super) fn known(ledger: &Path) -> Result<Option<LogKey>, NoKey> {
    read(key_path(ledger))
}

fn read(path: PathBuf) -> Result<Option<LogKey>, NoKey> {
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(NoKey::Io(error)),
    };
    match LogKey::parse(&text) {
        Ok(key) => Ok(Some(key)),
        Err(cause) => Err(NoKey::Unfit { path, cause }),
    }
}

/// Makes the key of the ledger at this path; there is none yet.
pub(super) fn make(ledger: &Path, name: Option<&str>) -> Result<LogKey, NoKey> {
    let path = key_path(ledger);
    let key = fresh(&path, name)?;
    create(&path, Access::Owner, key.secret_text().as_bytes())?;
    Ok(key)
}

fn fresh(path: &Path, name: Option<&str>) -> Result<LogKey, NoKey> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    LogKey::new(name, &secret).map_err(|cause| NoKey::Unfit {
        path: path.to_owned(),
        cause,
    })
}

/// The key that is to follow the one of the ledger at this path, if there is one.
pub(super) fn next(ledger: &Path) -> Result<Option<LogKey>, NoKey> {
    read(next_path(ledger))
}

/// Makes a key that is to follow this one.
pub(super) fn make_next(ledger: &Path, old: &LogKey) -> Result<LogKey, NoKey> {
    let path = next_path(ledger);
    let key = fresh(&path, Some(old.name()))?;
    let text = key.secret_text();
    replace(&Files, Target::new(&path, Access::Owner), text.as_bytes())?;
    Ok(key)
}

/// Nothing follows the key after all.
pub(super) fn forget_next(ledger: &Path) -> io::Result<()> {
    Files.remove(&next_path(ledger))
}

/// The key that is to follow becomes that of the ledger; the one before is gone.
pub(super) fn promote(ledger: &Path) -> io::Result<()> {
    let path = key_path(ledger);
    Files.rename(&next_path(ledger), &path)?;
    Files.sync_folder(folder_of(&path))
}

fn next_path(ledger: &Path) -> PathBuf {
    beside(ledger, ".key.next")
}

pub(super) fn key_path(ledger: &Path) -> PathBuf {
    beside(ledger, ".key")
}
