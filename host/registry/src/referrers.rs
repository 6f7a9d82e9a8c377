//! The manifests that refer to a pack, which is where signatures are: by the
//! referrers API, else by the tag that stands in for it (OCI distribution
//! specification 1.1, "Referrers Tag Schema").

use bytes::Bytes;
use gatewright_pack::{Descriptor, ENVELOPE_MEDIA_TYPE, IMAGE_MEDIA_TYPE, Sha256};
use hyper::StatusCode;
use hyper::header::IF_MATCH;
use serde_json::{Value, json};

use crate::error::RegistryError;
use crate::http::Answer;
use crate::layout::{INDEX, Index};
use crate::manifests::Fetched;
use crate::reference::{Reference, Version};
use crate::registry::{Registry, random};
use crate::resolve::{PAGES_MAX, next_page};
use crate::retry::fraction;

/// How often the fallback index is written until it holds what it must: others may
/// write it at the same time.
const WRITES_MAX: u32 = 8;

impl Registry {
    /// The signatures of the pack that the reference leads to. Whether they are
    /// worth anything is not looked at.
    ///
    /// # Errors
    ///
    /// When the registry cannot be asked, or lists more than it may.
    pub async fn signatures(
        &self,
        reference: &Reference,
    ) -> Result<Vec<Descriptor>, RegistryError> {
        let digest = self.resolve(reference).await?;
        self.in_time(self.signatures_of(reference, &digest)).await
    }

    pub(crate) async fn signatures_of(
        &self,
        reference: &Reference,
        digest: &Sha256,
    ) -> Result<Vec<Descriptor>, RegistryError> {
        let listed = match self.listed(reference, digest).await? {
            Some(listed) => listed,
            None => match self.fallback(reference, digest).await? {
                Some(index) => read(&index.bytes, &index.url)?,
                None => Vec::new(),
            },
        };
        if listed.len() > self.settings.limits.referrers_max {
            return Err(self.too_many(digest));
        }
        let mut signatures: Vec<Descriptor> = Vec::new();
        for found in listed {
            let signature = found.artifact_type.as_deref() == Some(ENVELOPE_MEDIA_TYPE);
            let known = signatures.iter().any(|known| known.digest == found.digest);
            if signature && found.media_type == IMAGE_MEDIA_TYPE && !known {
                signatures.push(found);
            }
        }
        Ok(signatures)
    }

    /// What the referrers API lists; `None` where the registry has no such API.
    async fn listed(
        &self,
        reference: &Reference,
        digest: &Sha256,
    ) -> Result<Option<Vec<Descriptor>>, RegistryError> {
        let limits = &self.settings.limits;
        let mut next = Some(self.uri(reference, &format!("referrers/{digest}"))?);
        let mut found = Vec::new();
        for _ in 0..PAGES_MAX {
            let Some(uri) = next else {
                return Ok(Some(found));
            };
            let attempt = async || {
                let answer = self.get(reference, uri.clone(), INDEX).await?;
                if answer.status() == StatusCode::NOT_FOUND {
                    return Ok(None);
                }
                let answer: Answer = answer.expect(&[StatusCode::OK]).await?;
                let (url, after) = (answer.url(), next_page(&answer));
                let body = answer.body(limits.manifest_bytes_max).await?;
                Ok(Some((read(&body, &url)?, after)))
            };
            let Some((page, after)) = self.persistently(attempt).await? else {
                return Ok(None);
            };
            found.extend(page);
            if found.len() > limits.referrers_max {
                break;
            }
            next = after;
        }
        Err(self.too_many(digest))
    }

    /// The index under the fallback tag, if there is one.
    async fn fallback(
        &self,
        reference: &Reference,
        digest: &Sha256,
    ) -> Result<Option<Fetched>, RegistryError> {
        match self.fetch_manifest(reference, &tag(digest), INDEX).await {
            Err(RegistryError::NotFound { .. }) => Ok(None),
            found => found.map(Some),
        }
    }

    /// Makes the fallback index list these, beside what it lists. The specification
    /// has no lock: it is read back, and written again while another's write undid
    /// it.
    pub(crate) async fn list_in_fallback(
        &self,
        reference: &Reference,
        digest: &Sha256,
        added: &[Descriptor],
    ) -> Result<(), RegistryError> {
        for write in 0..WRITES_MAX {
            let old = self.fallback(reference, digest).await?;
            let Some(index) = extended(old.as_ref(), added)? else {
                return Ok(());
            };
            let etag = old.and_then(|old| old.etag).map(|etag| (IF_MATCH, etag));
            let name = tag(digest);
            let written = self.put_manifest(reference, &name, INDEX, &index, etag);
            match written.await {
                // Somebody else wrote it meanwhile.
                Err(RegistryError::Refused { status: 412, .. }) => {}
                done => drop(done?),
            }
            if write > 0 {
                let most = self.settings.backoff.first;
                tokio::time::sleep(fraction(most, random())).await;
            }
        }
        let old = self.fallback(reference, digest).await?;
        match extended(old.as_ref(), added)? {
            None => Ok(()),
            Some(_) => Err(RegistryError::Busy {
                url: reference.at(Version::Tag(tag(digest))).to_string(),
                status: StatusCode::CONFLICT.as_u16(),
                after: None,
            }),
        }
    }

    fn too_many(&self, digest: &Sha256) -> RegistryError {
        RegistryError::TooLarge {
            what: "the number of referrers",
            at: digest.to_string(),
            limit: self.settings.limits.referrers_max as u64,
        }
    }
}

/// `sha256-<hex>`.
fn tag(digest: &Sha256) -> String {
    format!("sha256-{}", digest.hex())
}

fn read(bytes: &[u8], url: &str) -> Result<Vec<Descriptor>, RegistryError> {
    let bad = |why: String| RegistryError::BadAnswer {
        url: url.to_owned(),
        why,
    };
    let index: Index = serde_json::from_slice(bytes)
        .map_err(|error| bad(format!("it gave no image index: {error}")))?;
    match index.media_type.as_deref() {
        Some(INDEX) | None => Ok(index.manifests.into_iter().map(Descriptor::from).collect()),
        Some(other) => Err(bad(format!("`{}` is no image index", other.escape_debug()))),
    }
}

/// The index with what it lacks, or `None` where it lacks nothing. What others
/// wrote into it stays as it is.
fn extended(old: Option<&Fetched>, added: &[Descriptor]) -> Result<Option<Bytes>, RegistryError> {
    let empty = || json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [] });
    let (mut index, listed, url) = match old {
        Some(old) => {
            let listed = read(&old.bytes, &old.url)?;
            let index = serde_json::from_slice(&old.bytes).unwrap_or_else(|_| empty());
            (index, listed, old.url.clone())
        }
        None => (empty(), Vec::new(), String::new()),
    };
    let lacks = |one: &&Descriptor| !listed.iter().any(|known| known.digest == one.digest);
    let missing: Vec<_> = added.iter().filter(lacks).map(|one| json!(one)).collect();
    if missing.is_empty() {
        return Ok(None);
    }
    let manifests = index.get_mut("manifests").and_then(Value::as_array_mut);
    let bad = |why: &str| RegistryError::BadAnswer {
        url: url.clone(),
        why: why.to_owned(),
    };
    manifests
        .ok_or_else(|| bad("it gave no image index"))?
        .extend(missing);
    let bytes = serde_json::to_vec(&index).map_err(|error| bad(&error.to_string()))?;
    Ok(Some(bytes.into()))
}
