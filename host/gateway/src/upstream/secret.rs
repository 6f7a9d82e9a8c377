//! The gate's own credential for a tool server, read when it is needed.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use gatewright_engine::UpstreamCredential;
use gatewright_engine::snapshot::SecretSource;
use hyper::header::{HeaderName, HeaderValue};
use tokio::io::AsyncReadExt as _;

use super::UpstreamError;

/// A header with a secret.
#[derive(Debug)]
pub(crate) struct Secret {
    credential: UpstreamCredential,
    read: Mutex<Option<Read>>,
}

/// What a file said, and which state of the file that was.
#[derive(Clone, Debug)]
struct Read {
    stamp: Stamp,
    value: HeaderValue,
}

/// When a file was changed, and how long it is.
type Stamp = (SystemTime, u64);

/// Longest secret file, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 10;

impl Secret {
    /// Reads nothing yet.
    pub(crate) fn new(credential: UpstreamCredential) -> Self {
        Self {
            credential,
            read: Mutex::new(None),
        }
    }

    /// The header, with what the variable or the file says now.
    pub(crate) async fn header(&self) -> Result<(HeaderName, HeaderValue), UpstreamError> {
        let name = HeaderName::from_bytes(self.credential.header.as_bytes())
            .map_err(|_| unusable("its header is not a header name"))?;
        let value = match &self.credential.source {
            SecretSource::Env(variable) => {
                let secret = std::env::var(variable)
                    .map_err(|_| unusable(&format!("variable `{variable}` is not set")))?;
                self.value(&secret)?
            }
            SecretSource::File(path) => self.read_file(path).await?,
        };
        Ok((name, value))
    }

    async fn read_file(&self, path: &PathBuf) -> Result<HeaderValue, UpstreamError> {
        let unreadable =
            |error: std::io::Error| unusable(&format!("file `{}`: {error}", path.display()));
        let metadata = tokio::fs::metadata(path).await.map_err(unreadable)?;
        // Where the file system keeps no time, another secret of the same length would
        // pass for the old one: it is read each time.
        let stamp = metadata.modified().ok().map(|at| (at, metadata.len()));
        if let Some(read) = self.known().filter(|read| Some(read.stamp) == stamp) {
            return Ok(read.value);
        }
        let secret = read_file(path).await.map_err(unreadable)?;
        let secret = secret.ok_or_else(|| unusable("its file is too long"))?;
        let value = self.value(&secret)?;
        let read = stamp.map(|stamp| Read {
            stamp,
            value: value.clone(),
        });
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(value)
    }

    fn known(&self) -> Option<Read> {
        self.read
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn value(&self, secret: &str) -> Result<HeaderValue, UpstreamError> {
        let secret = secret.trim();
        if secret.is_empty() {
            return Err(unusable("it is empty"));
        }
        let text = match self.credential.scheme.as_str() {
            "" => secret.to_owned(),
            scheme => format!("{scheme} {secret}"),
        };
        let mut value =
            HeaderValue::from_str(&text).map_err(|_| unusable("it is not a header value"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// Nothing where it is too long, even if it became so just now.
async fn read_file(path: &Path) -> std::io::Result<Option<String>> {
    let file = tokio::fs::File::open(path).await?;
    let mut text = String::new();
    let mut bounded = file.take(FILE_BYTES_MAX + 1);
    let length = bounded.read_to_string(&mut text).await?;
    Ok((length as u64 <= FILE_BYTES_MAX).then_some(text))
}

fn unusable(problem: &str) -> UpstreamError {
    UpstreamError::Unavailable(format!("the gate's credential cannot be used: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_a_secret_as_far_as_its_bound_and_no_further() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let secret = Secret::new(UpstreamCredential {
            header: "authorization".to_owned(),
            scheme: "Bearer".to_owned(),
            source: SecretSource::File(path.clone()),
        });
        let bytes_max = usize::try_from(FILE_BYTES_MAX).unwrap();
        for (length, is_one) in [(bytes_max, true), (bytes_max + 1, false), (1, true)] {
            std::fs::write(&path, "x".repeat(length)).unwrap();
            match secret.header().await {
                Ok((_, value)) => assert!(is_one && value.len() == "Bearer ".len() + length),
                Err(error) => assert!(!is_one && error.to_string().contains("too long"), "{error}"),
            }
        }
    }
}
