//! The gate's own credential for a tool server, read when it is needed.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use gatewright_engine::UpstreamCredential;
use gatewright_engine::snapshot::SecretSource;
use hyper::header::{HeaderName, HeaderValue};

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
    stamp: (Option<SystemTime>, u64),
    value: HeaderValue,
}

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
        let stamp = (metadata.modified().ok(), metadata.len());
        if let Some(read) = self.known().filter(|read| read.stamp == stamp) {
            return Ok(read.value);
        }
        if metadata.len() > FILE_BYTES_MAX {
            return Err(unusable("its file is too long"));
        }
        let secret = read_file(path).await.map_err(unreadable)?;
        let value = self.value(&secret)?;
        let read = Read {
            stamp,
            value: value.clone(),
        };
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(read);
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

async fn read_file(path: &Path) -> std::io::Result<String> {
    tokio::fs::read_to_string(path).await
}

fn unusable(problem: &str) -> UpstreamError {
    UpstreamError::Unavailable(format!("the gate's credential cannot be used: {problem}"))
}
