//! Blobs: down into a file, piece by piece; up from memory.

use std::path::Path;

use bytes::Bytes;
use gatewright_pack::{Descriptor, Sha256};
use hyper::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::{Method, StatusCode, Uri};
use sha2::Digest as _;
use tokio::io::AsyncWriteExt as _;

use crate::auth::encoded;
use crate::error::RegistryError;
use crate::http::{Answer, Question, resolve};
use crate::reference::Reference;
use crate::registry::{Access, Registry};

impl Registry {
    /// Writes a blob into a file. What is longer or shorter than the descriptor says
    /// is given up where it becomes so; what has another digest is an error.
    pub(crate) async fn download(
        &self,
        reference: &Reference,
        blob: &Descriptor,
        file: &Path,
    ) -> Result<(), RegistryError> {
        let uri = self.uri(reference, &format!("blobs/{}", blob.digest))?;
        let attempt = async || {
            let answer = self.get(reference, uri.clone(), "*/*").await?;
            let answer = answer.expect(&[StatusCode::OK]).await?;
            receive(answer, blob, file).await
        };
        self.persistently(attempt).await
    }

    /// Brings a blob up, unless the repository has it. Gives whether it was sent.
    pub(crate) async fn upload(
        &self,
        reference: &Reference,
        digest: &Sha256,
        bytes: &Bytes,
    ) -> Result<bool, RegistryError> {
        let there = self.uri(reference, &format!("blobs/{digest}"))?;
        let start = self.uri(reference, "blobs/uploads/")?;
        let attempt = async || {
            if self.has(reference, there.clone()).await? {
                return Ok(false);
            }
            let question = Question::new(Method::POST, start.clone(), Bytes::new());
            let begun = self.ask(reference, Access::Push, question).await?;
            let begun = begun.expect(&[StatusCode::ACCEPTED]).await?;
            let uri = upload_uri(&begun, digest)?;
            let octets = HeaderValue::from_static("application/octet-stream");
            let question =
                Question::new(Method::PUT, uri, bytes.clone()).header(CONTENT_TYPE, octets);
            let sent = self.ask(reference, Access::Push, question).await?;
            sent.expect(&[StatusCode::CREATED]).await?;
            Ok(true)
        };
        self.persistently(attempt).await
    }

    async fn has(&self, reference: &Reference, uri: Uri) -> Result<bool, RegistryError> {
        let question = Question::new(Method::HEAD, uri, Bytes::new());
        let answer = self.ask(reference, Access::Push, question).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        answer.expect(&[StatusCode::OK]).await?;
        Ok(true)
    }
}

async fn receive(mut answer: Answer, blob: &Descriptor, path: &Path) -> Result<(), RegistryError> {
    let disk = || RegistryError::disk(path);
    let url = answer.url();
    let mut file = tokio::fs::File::create(path).await.map_err(disk())?;
    let (mut hash, mut received) = (sha2::Sha256::new(), 0u64);
    while let Some(bytes) = answer.next().await? {
        received = received.saturating_add(bytes.len() as u64);
        if received > blob.size {
            return Err(RegistryError::TooLarge {
                what: "a blob",
                at: url,
                limit: blob.size,
            });
        }
        hash.update(&bytes);
        file.write_all(&bytes).await.map_err(disk())?;
    }
    let found = Sha256::from(<[u8; 32]>::from(hash.finalize()));
    if found != blob.digest {
        return Err(RegistryError::WrongDigest {
            url,
            expected: blob.digest,
            found,
        });
    }
    if received != blob.size {
        let why = format!(
            "the blob has {received} bytes, its descriptor says {}",
            blob.size
        );
        return Err(RegistryError::BadAnswer { url, why });
    }
    file.sync_all().await.map_err(disk())
}

/// Where to send the bytes: the place that the registry named, with the digest.
fn upload_uri(begun: &Answer, digest: &Sha256) -> Result<Uri, RegistryError> {
    let location = begun.header(LOCATION.as_str()).unwrap_or_default();
    let mark = if location.contains('?') { '&' } else { '?' };
    let located = format!("{location}{mark}digest={}", encoded(&digest.to_string()));
    let uri = resolve(&begun.uri, &located);
    uri.ok_or_else(|| RegistryError::BadAnswer {
        url: begun.url(),
        why: "it names no place to upload to".to_owned(),
    })
}
