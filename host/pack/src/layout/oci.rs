//! The JSON of OCI image-spec 1.1, as far as a pack uses it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::LayoutError;
use crate::canonical;
use crate::sha256::Sha256;

/// An image manifest.
pub const IMAGE_MEDIA_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// The artifact type of a pack.
pub const PACK_MEDIA_TYPE: &str = "application/vnd.gatewright.pack.v1+json";
/// The config of a pack.
pub const CONFIG_MEDIA_TYPE: &str = "application/vnd.wasm.config.v0+json";
/// The first layer of a pack.
pub const MANIFEST_MEDIA_TYPE: &str = "application/vnd.gatewright.pack.manifest.v1+json";
/// The other layers of a pack.
pub const WASM_MEDIA_TYPE: &str = "application/wasm";
/// The artifact type of a signature, and of its layer.
pub const ENVELOPE_MEDIA_TYPE: &str = "application/vnd.dsse.envelope.v1+json";
/// The config of a signature.
pub const EMPTY_MEDIA_TYPE: &str = "application/vnd.oci.empty.v1+json";

const INDEX_MEDIA_TYPE: &str = "application/vnd.oci.image.index.v1+json";
const REFERENCE: &str = "org.opencontainers.image.ref.name";
const TITLE: &str = "org.opencontainers.image.title";
const VERSION: &str = "org.opencontainers.image.version";

/// The only content of the empty config.
pub(super) const EMPTY: &[u8] = b"{}";

/// The file that makes a folder a layout.
pub(super) const LAYOUT_FILE_TEXT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

/// Names a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Descriptor {
    /// What the blob is.
    pub media_type: String,
    /// What the artifact is, of a manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Its name.
    pub digest: Sha256,
    /// Its size in bytes.
    pub size: u64,
    /// For people and tools; nothing here relies on them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// What a manifest of OCI says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ImageManifest {
    /// Always 2.
    pub schema_version: u8,
    /// Always [`IMAGE_MEDIA_TYPE`].
    pub media_type: String,
    /// [`PACK_MEDIA_TYPE`], or [`ENVELOPE_MEDIA_TYPE`].
    pub artifact_type: String,
    /// A blob about the layers.
    pub config: Descriptor,
    /// The contents.
    pub layers: Vec<Descriptor>,
    /// What a signature is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Descriptor>,
    /// For people and tools; nothing here relies on them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// `index.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ImageIndex {
    schema_version: u8,
    #[serde(default = "index_media_type")]
    media_type: String,
    manifests: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LayoutFile {
    image_layout_version: String,
}

/// Of a manifest whose kind is not known yet.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    #[serde(default)]
    artifact_type: Option<String>,
}

// === impl Descriptor ===

impl Descriptor {
    /// Names these bytes.
    pub fn of(bytes: &[u8], media_type: &str) -> Self {
        Self {
            media_type: media_type.to_owned(),
            artifact_type: None,
            digest: Sha256::of(bytes),
            size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            annotations: BTreeMap::new(),
        }
    }

    pub(super) fn of_image(bytes: &[u8], reference: Option<&str>) -> Self {
        let mut descriptor = Self::of(bytes, IMAGE_MEDIA_TYPE);
        descriptor.artifact_type = Some(PACK_MEDIA_TYPE.to_owned());
        if let Some(reference) = reference {
            let annotation = (REFERENCE.to_owned(), reference.to_owned());
            descriptor.annotations.extend([annotation]);
        }
        descriptor
    }

    pub(super) fn of_signature(bytes: &[u8]) -> Self {
        let mut descriptor = Self::of(bytes, IMAGE_MEDIA_TYPE);
        descriptor.artifact_type = Some(ENVELOPE_MEDIA_TYPE.to_owned());
        descriptor
    }

    /// A layer with its file name.
    pub(crate) fn titled(mut self, title: String) -> Self {
        self.annotations.insert(TITLE.to_owned(), title);
        self
    }

    pub(super) fn reference(&self) -> Option<&str> {
        self.annotations.get(REFERENCE).map(String::as_str)
    }

    fn expect(&self, what: &'static str, expected: &'static str) -> Result<(), LayoutError> {
        if self.media_type == expected {
            return Ok(());
        }
        Err(LayoutError::MediaType {
            what,
            expected,
            found: self.media_type.clone(),
        })
    }
}

// === impl ImageManifest ===

impl ImageManifest {
    /// The manifest of a pack with these blobs.
    pub(crate) fn of_pack(
        config: Descriptor,
        layers: Vec<Descriptor>,
        title: &str,
        version: &str,
    ) -> Self {
        let annotations = [(TITLE, title), (VERSION, version)];
        let annotations = annotations.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            schema_version: 2,
            media_type: IMAGE_MEDIA_TYPE.to_owned(),
            artifact_type: PACK_MEDIA_TYPE.to_owned(),
            config,
            layers,
            subject: None,
            annotations: annotations.into(),
        }
    }

    /// Its bytes.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, LayoutError> {
        to_bytes(self).map_err(|error| shape("the image manifest", &error.to_string()))
    }

    pub(super) fn parse_pack(bytes: &[u8]) -> Result<Self, LayoutError> {
        let manifest = Self::parse(bytes, "the image manifest", PACK_MEDIA_TYPE)?;
        manifest.config.expect("the config", CONFIG_MEDIA_TYPE)?;
        let Some((first, components)) = manifest.layers.split_first() else {
            return Err(shape("the image manifest", "it has no layers"));
        };
        first.expect("the first layer", MANIFEST_MEDIA_TYPE)?;
        for component in components {
            component.expect("a layer", WASM_MEDIA_TYPE)?;
        }
        if manifest.subject.is_some() {
            return Err(shape("the image manifest", "it has a `subject`"));
        }
        Ok(manifest)
    }

    pub(super) fn named_by(bytes: &[u8]) -> Result<Vec<Descriptor>, LayoutError> {
        let manifest: Self = serde_json::from_slice(bytes)
            .map_err(|error| shape("a manifest", &error.to_string()))?;
        let mut named = vec![manifest.config];
        named.extend(manifest.layers);
        Ok(named)
    }

    fn parse(
        bytes: &[u8],
        what: &'static str,
        artifact_type: &'static str,
    ) -> Result<Self, LayoutError> {
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| shape(what, &error.to_string()))?;
        if manifest.schema_version != 2 {
            return Err(shape(what, "`schemaVersion` is not 2"));
        }
        for (found, expected) in [
            (&manifest.media_type, IMAGE_MEDIA_TYPE),
            (&manifest.artifact_type, artifact_type),
        ] {
            if found != expected {
                return Err(LayoutError::MediaType {
                    what,
                    expected,
                    found: found.clone(),
                });
            }
        }
        Ok(manifest)
    }
}

/// The manifest of a signature of this image.
pub(super) fn signature_manifest(
    image: &Descriptor,
    envelope: &[u8],
) -> Result<Vec<u8>, LayoutError> {
    let subject = Descriptor {
        annotations: BTreeMap::new(),
        artifact_type: None,
        ..image.clone()
    };
    ImageManifest {
        schema_version: 2,
        media_type: IMAGE_MEDIA_TYPE.to_owned(),
        artifact_type: ENVELOPE_MEDIA_TYPE.to_owned(),
        config: Descriptor::of(EMPTY, EMPTY_MEDIA_TYPE),
        layers: vec![Descriptor::of(envelope, ENVELOPE_MEDIA_TYPE)],
        subject: Some(subject),
        annotations: BTreeMap::new(),
    }
    .to_bytes()
}

/// The config and the envelope of a signature of this image.
pub(super) fn parse_signature(
    bytes: &[u8],
    image: &Descriptor,
) -> Result<(Descriptor, Descriptor), LayoutError> {
    let what = "the manifest of a signature";
    let manifest = ImageManifest::parse(bytes, what, ENVELOPE_MEDIA_TYPE)?;
    let subject = manifest.subject.as_ref();
    if subject.is_none_or(|subject| subject.digest != image.digest || subject.size != image.size) {
        return Err(LayoutError::Subject {
            image: image.digest,
            found: subject.map_or_else(
                || "nothing".to_owned(),
                |subject| subject.digest.to_string(),
            ),
        });
    }
    manifest
        .config
        .expect("the config of a signature", EMPTY_MEDIA_TYPE)?;
    match <[Descriptor; 1]>::try_from(manifest.layers) {
        Ok([envelope]) => {
            envelope.expect("the layer of a signature", ENVELOPE_MEDIA_TYPE)?;
            Ok((manifest.config, envelope))
        }
        Err(_) => Err(shape(what, "it does not have one layer")),
    }
}

// === impl ImageIndex ===

impl ImageIndex {
    pub(super) fn of<'a>(
        image: &'a Descriptor,
        signatures: impl Iterator<Item = &'a Descriptor>,
    ) -> Self {
        Self {
            schema_version: 2,
            media_type: INDEX_MEDIA_TYPE.to_owned(),
            manifests: std::iter::once(image).chain(signatures).cloned().collect(),
            annotations: BTreeMap::new(),
        }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, LayoutError> {
        let what = "`index.json`";
        let index: Self =
            serde_json::from_slice(bytes).map_err(|error| shape(what, &error.to_string()))?;
        if index.schema_version != 2 {
            return Err(shape(what, "`schemaVersion` is not 2"));
        }
        if index.media_type != INDEX_MEDIA_TYPE {
            return Err(LayoutError::MediaType {
                what,
                expected: INDEX_MEDIA_TYPE,
                found: index.media_type,
            });
        }
        for manifest in &index.manifests {
            manifest.expect("a manifest in `index.json`", IMAGE_MEDIA_TYPE)?;
        }
        Ok(index)
    }

    /// The pack, and its signatures. What a manifest is stands in itself: other
    /// tools do not repeat it in the descriptor.
    pub(super) fn sorted(
        self,
        blobs: &BTreeMap<Sha256, Arc<[u8]>>,
    ) -> Result<(Descriptor, Vec<Descriptor>), LayoutError> {
        let (mut packs, mut signatures) = (Vec::new(), Vec::new());
        for descriptor in self.manifests {
            let what = "a manifest in `index.json`";
            let digest = descriptor.digest;
            let blob = blobs
                .get(&digest)
                .ok_or(LayoutError::Missing { what, digest })?;
            let found = Sha256::of(blob);
            if found != digest {
                return Err(LayoutError::Digest {
                    what,
                    digest,
                    found,
                });
            }
            let kind: Kind =
                serde_json::from_slice(blob).map_err(|error| shape(what, &error.to_string()))?;
            let kind = kind.artifact_type.unwrap_or_default();
            if descriptor
                .artifact_type
                .as_ref()
                .is_some_and(|said| *said != kind)
            {
                return Err(shape(what, "`artifactType` is not that of the manifest"));
            }
            match kind == ENVELOPE_MEDIA_TYPE {
                true => signatures.push(descriptor),
                false => packs.push(descriptor),
            }
        }
        match <[Descriptor; 1]>::try_from(packs) {
            Ok([pack]) => Ok((pack, signatures)),
            Err(packs) => Err(LayoutError::Packs(packs.len())),
        }
    }
}

pub(super) fn check_layout_file(bytes: &[u8]) -> Result<(), LayoutError> {
    let what = "`oci-layout`";
    let file: LayoutFile =
        serde_json::from_slice(bytes).map_err(|error| shape(what, &error.to_string()))?;
    if file.image_layout_version != "1.0.0" {
        return Err(shape(what, "`imageLayoutVersion` is not 1.0.0"));
    }
    Ok(())
}

/// The canonical text: the same value always has the same digest.
pub(super) fn to_bytes(value: &impl Serialize) -> std::io::Result<Vec<u8>> {
    canonical::to_vec(value).map_err(std::io::Error::other)
}

fn shape(what: &'static str, cause: &str) -> LayoutError {
    LayoutError::Shape {
        what,
        cause: cause.to_owned(),
    }
}

fn index_media_type() -> String {
    INDEX_MEDIA_TYPE.to_owned()
}
