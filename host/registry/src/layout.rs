//! What is read of manifests and indexes in a registry. The types are those of a
//! pack's layout; only lists that others write into are read with tolerance.

use std::collections::BTreeMap;

use gatewright_pack::{Descriptor, ImageManifest, Sha256};
use serde::Deserialize;

/// Media type of an image index.
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Annotation of the descriptor that a layout's index leads to a pack with.
pub(crate) const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// Annotation that tells a pack's revision.
pub(crate) const REVISION: &str = "org.opencontainers.image.version";

/// What is read of an image index: other tools list other things in it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Index {
    #[serde(default)]
    pub(crate) media_type: Option<String>,
    pub(crate) manifests: Vec<Listed>,
}

/// A descriptor, with members that are not looked at.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed {
    media_type: String,
    #[serde(default)]
    artifact_type: Option<String>,
    digest: Sha256,
    size: u64,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

/// Every blob that a manifest names, each once.
pub(crate) fn blobs(manifest: &ImageManifest) -> Vec<&Descriptor> {
    let mut blobs: Vec<&Descriptor> = Vec::new();
    for blob in manifest.layers.iter().chain([&manifest.config]) {
        if !blobs.iter().any(|known| known.digest == blob.digest) {
            blobs.push(blob);
        }
    }
    blobs
}

impl From<Listed> for Descriptor {
    fn from(listed: Listed) -> Self {
        Self {
            media_type: listed.media_type,
            artifact_type: listed.artifact_type,
            digest: listed.digest,
            size: listed.size,
            annotations: listed.annotations.unwrap_or_default(),
        }
    }
}
