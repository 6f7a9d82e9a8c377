//! The key that signs the checkpoints of a ledger. It is made beside the ledger at the
//! first start, and nobody else may read it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gatewright_disk::{Access, create};
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
    let path = key_path(ledger);
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
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    let path = key_path(ledger);
    let key = LogKey::new(name, &secret).map_err(|cause| NoKey::Unfit {
        path: path.clone(),
        cause,
    })?;
    create(&path, Access::Owner, key.secret_text().as_bytes())?;
    Ok(key)
}

pub(super) fn key_path(ledger: &Path) -> PathBuf {
    beside(ledger, ".key")
}
