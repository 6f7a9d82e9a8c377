//! The secret that keys the digests in the ledger. It is as old as the ledger:
//! another one would make every older digest prove nothing.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use gatewright_policy::record::RecordKeys;

use super::disk::{beside, open_private, sync_folder};
use super::open_error::LedgerOpenError;
use super::segment::sealed_path;

/// A salt that becomes the ledger's with the first entry: a ledger that has one
/// was begun. A crash between the two leaves a ledger without any.
pub(super) struct Fresh {
    from: PathBuf,
    to: PathBuf,
}

/// The salt of the ledger at `path`, where there is one to be had.
pub(super) fn salt(
    path: &Path,
    has_entries: bool,
) -> Result<([u8; 32], Option<Fresh>), LedgerOpenError> {
    let (place, fresh) = (salt_path(path), fresh_path(path));
    let failed = |path: &Path, source| LedgerOpenError::Io {
        path: path.to_owned(),
        source,
    };
    let present = read(&place).map_err(|error| failed(&place, error))?;
    match (present, has_entries) {
        (Some(bytes), true) => match <[u8; 32]>::try_from(bytes) {
            Ok(salt) => Ok((salt, None)),
            Err(_) => Err(LedgerOpenError::Salt {
                path: place,
                problem: "does not hold 32 bytes",
            }),
        },
        (Some(_), false) => Err(LedgerOpenError::Gone {
            path: path.to_owned(),
            salt: place,
        }),
        (None, true) => {
            let left = read(&fresh).map_err(|error| failed(&fresh, error))?;
            let salt = left.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            let salt = salt.ok_or_else(|| LedgerOpenError::Salt {
                path: place.clone(),
                problem: "is gone",
            })?;
            let fresh = Fresh {
                from: fresh,
                to: place.clone(),
            };
            fresh.keep().map_err(|error| failed(&place, error))?;
            Ok((salt, None))
        }
        (None, false) => {
            let salt = make(&fresh).map_err(|error| failed(&fresh, error))?;
            let fresh = Fresh {
                from: fresh,
                to: place,
            };
            Ok((salt, Some(fresh)))
        }
    }
}

/// The salt that is there, or that waits for the first entry.
pub(super) fn known(path: &Path) -> io::Result<Option<[u8; 32]>> {
    for place in [salt_path(path), fresh_path(path)] {
        let salt = read(&place)?.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        if salt.is_some() {
            return Ok(salt);
        }
    }
    Ok(None)
}

/// The secret that shows a gate with the ledger at `path` that an operator asks; none
/// where there is no salt.
pub fn operator(path: &Path) -> io::Result<Option<String>> {
    let salt = known(path)?;
    Ok(salt.map(|salt| RecordKeys::new(&salt).operator()))
}

/// The keys of the ledger at `path`; none where there is no salt.
pub fn record_keys(path: &Path) -> io::Result<Option<RecordKeys>> {
    Ok(known(path)?.map(|salt| RecordKeys::new(&salt)))
}

/// Another salt, which waits to be put in the place of whatever is there.
pub(super) fn fresh(path: &Path) -> io::Result<([u8; 32], Fresh)> {
    let fresh = Fresh {
        from: fresh_path(path),
        to: salt_path(path),
    };
    Ok((make(&fresh.from)?, fresh))
}

/// Whether there is a good salt.
pub(super) fn is_there(path: &Path) -> io::Result<bool> {
    Ok(read(&salt_path(path))?.is_some_and(|bytes| bytes.len() == 32))
}

fn salt_path(path: &Path) -> PathBuf {
    beside(path, ".salt")
}

fn fresh_path(path: &Path) -> PathBuf {
    beside(path, ".salt.new")
}

/// At most one byte more than a salt has.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(33).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

fn make(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = open_private(path)?;
    file.set_len(0)?;
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).map_err(io::Error::other)?;
    file.write_all(&salt)?;
    file.sync_all()?;
    Ok(salt)
}

impl Fresh {
    /// Gives the salt that is there a second name, so that digests up to the segment
    /// that begins with this entry can still be checked; says which.
    pub(super) fn keep_old(&self, first: u64) -> io::Result<Option<PathBuf>> {
        let Some(salt) = read(&self.to)? else {
            return Ok(None);
        };
        let kept = sealed_path(&self.to, first);
        match fs::hard_link(&self.to, &kept) {
            // An attempt before this one broke off.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if read(&kept)?.as_ref() != Some(&salt) {
                    return Err(error);
                }
            }
            linked => linked?,
        }
        sync_folder(&self.to)?;
        Ok(Some(kept))
    }

    /// Makes it the ledger's.
    pub(super) fn keep(&self) -> io::Result<()> {
        fs::rename(&self.from, &self.to)?;
        sync_folder(&self.to)
    }
}
