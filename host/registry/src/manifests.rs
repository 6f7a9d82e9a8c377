//! Manifests and indexes, which are read whole and written as they are.

use bytes::Bytes;
use gatewright_pack::Sha256;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, StatusCode};

use crate::error::RegistryError;
use crate::http::{Answer, Question};
use crate::reference::Reference;
use crate::registry::{Access, Registry};

/// How a registry says that it lacks a blob of a manifest (OCI distribution
/// specification, "Error Codes").
const BLOB_UNKNOWN: &str = "MANIFEST_BLOB_UNKNOWN";

/// What stands under a name.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) bytes: Vec<u8>,
    /// Of these bytes.
    pub(crate) digest: Sha256,
    pub(crate) media_type: String,
    /// The version that a conditional write names (RFC 9110, 8.8.3).
    pub(crate) etag: Option<HeaderValue>,
    pub(crate) url: String,
}

impl Registry {
    /// Reads what a tag or a digest leads to. What is asked for by digest, or comes
    /// with one, has it.
    pub(crate) async fn fetch_manifest(
        &self,
        reference: &Reference,
        name: &str,
        accept: &'static str,
    ) -> Result<Fetched, RegistryError> {
        let uri = self.uri(reference, &format!("manifests/{name}"))?;
        let attempt = async || {
            let answer = self.get(reference, uri.clone(), accept).await?;
            let answer = answer.expect(&[StatusCode::OK]).await?;
            let (url, promised) = (answer.url(), digest_of(&answer));
            let media_type = answer.media_type().to_owned();
            let etag = answer.headers().get("etag").cloned();
            let bytes = answer.body(self.settings.limits.manifest_bytes_max).await?;
            let digest = Sha256::of(&bytes);
            for expected in [name.parse().ok(), promised].into_iter().flatten() {
                if digest != expected {
                    return Err(RegistryError::WrongDigest {
                        url,
                        expected,
                        found: digest,
                    });
                }
            }
            Ok(Fetched {
                bytes,
                digest,
                media_type,
                etag,
                url,
            })
        };
        self.persistently(attempt).await
    }

    /// Writes a manifest under a tag or its digest, and gives the answer's headers.
    pub(crate) async fn put_manifest(
        &self,
        reference: &Reference,
        name: &str,
        media_type: &'static str,
        bytes: &Bytes,
        condition: Option<(HeaderName, HeaderValue)>,
    ) -> Result<HeaderMap, RegistryError> {
        let uri = self.uri(reference, &format!("manifests/{name}"))?;
        let mut question = Question::new(Method::PUT, uri, bytes.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static(media_type));
        if let Some((name, value)) = condition {
            question = question.header(name, value);
        }
        let attempt = async || {
            let asked = self.ask(reference, Access::Push, question.clone());
            let good = [StatusCode::CREATED, StatusCode::OK];
            let answer = asked.await?.expect(&good).await.map_err(passing)?;
            Ok(answer.headers().clone())
        };
        self.persistently(attempt).await
    }
}

/// A blob that another push brings up at the same moment may be unknown until that
/// is done; every blob of the manifest was there just now.
fn passing(error: RegistryError) -> RegistryError {
    match error {
        RegistryError::Refused { url, status, said } if said.contains(BLOB_UNKNOWN) => {
            RegistryError::Busy {
                url,
                status,
                after: None,
            }
        }
        error => error,
    }
}

/// The digest that the registry says it answers with.
pub(crate) fn digest_of(answer: &Answer) -> Option<Sha256> {
    answer.header("docker-content-digest")?.parse().ok()
}
