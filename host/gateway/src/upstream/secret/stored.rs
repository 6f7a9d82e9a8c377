//! A secret that lies somewhere: it is read when it is needed.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use gatewright_engine::snapshot::StoredSecret;
use tokio::io::AsyncReadExt as _;

use super::error::SecretError;

/// A secret, and what its file said last.
#[derive(Debug)]
pub(crate) struct Stored {
    place: StoredSecret,
    read: Mutex<Option<Read>>,
}

/// What a file said, and which state of the file that was.
#[derive(Clone)]
struct Read {
    stamp: Stamp,
    text: String,
}

/// When a file was changed, and how long it is.
type Stamp = (SystemTime, u64);

/// Longest secret file, in bytes.
pub(super) const FILE_BYTES_MAX: u64 = 64 << 10;

impl Stored {
    /// Reads nothing yet.
    pub(crate) const fn new(place: StoredSecret) -> Self {
        Self {
            place,
            read: Mutex::new(None),
        }
    }

    /// The secret, as the variable or the file has it now.
    pub(crate) async fn text(&self) -> Result<String, SecretError> {
        let text = match &self.place {
            StoredSecret::Env(variable) => std::env::var(variable)
                .map_err(|_| SecretError::new(format!("variable `{variable}` is not set")))?,
            StoredSecret::File(path) => self.file(path).await?,
        };
        let text = text.trim();
        match text.is_empty() {
            true => Err(SecretError::new("it is empty")),
            false => Ok(text.to_owned()),
        }
    }

    /// The next time the file is read, whether it looks changed or not.
    pub(crate) fn forget(&self) {
        self.keep(None);
    }

    async fn file(&self, path: &Path) -> Result<String, SecretError> {
        let unreadable =
            |error: std::io::Error| SecretError::new(format!("file `{}`: {error}", path.display()));
        let metadata = tokio::fs::metadata(path).await.map_err(unreadable)?;
        // Where the file system keeps no time, another secret of the same length would
        // pass for the old one: it is read each time.
        let stamp = metadata.modified().ok().map(|at| (at, metadata.len()));
        if let Some(read) = self.known().filter(|read| Some(read.stamp) == stamp) {
            return Ok(read.text);
        }
        let text = read(path).await.map_err(unreadable)?;
        let text = text.ok_or_else(|| SecretError::new("its file is too long"))?;
        self.keep(stamp.map(|stamp| Read {
            stamp,
            text: text.clone(),
        }));
        Ok(text)
    }

    fn known(&self) -> Option<Read> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.clone()
    }

    fn keep(&self, read: Option<Read>) {
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = read;
    }
}

impl std::fmt::Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Read").finish_non_exhaustive()
    }
}

/// Nothing where it is too long, even if it became so just now.
async fn read(path: &Path) -> std::io::Result<Option<String>> {
    let file = tokio::fs::File::open(path).await?;
    let mut text = String::new();
    let mut bounded = file.take(FILE_BYTES_MAX + 1);
    let length = bounded.read_to_string(&mut text).await?;
    Ok((length as u64 <= FILE_BYTES_MAX).then_some(text))
}
