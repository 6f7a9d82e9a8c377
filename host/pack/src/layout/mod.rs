//! A pack as an OCI image layout (OCI image-spec 1.1): one image manifest with
//! its blobs, and the manifests of its signatures. A [`Layout`] is whole and
//! strict: every blob is there, has its size and its digest, and every media
//! type is the one that a pack has.

mod bounds;
mod error;
mod files;
mod oci;
mod tar;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub use bounds::{
    BLOB_BYTES_MAX, BLOBS_MAX, INDEX_BYTES_MAX, LAYOUT_BYTES_MAX, OCI_MANIFEST_BYTES_MAX,
    SIGNATURE_MANIFESTS_MAX,
};
pub use error::LayoutError;
pub use oci::{
    CONFIG_MEDIA_TYPE, Descriptor, EMPTY_MEDIA_TYPE, ENVELOPE_MEDIA_TYPE, IMAGE_MEDIA_TYPE,
    ImageManifest, MANIFEST_MEDIA_TYPE, PACK_MEDIA_TYPE, WASM_MEDIA_TYPE,
};

use crate::dsse::ENVELOPE_BYTES_MAX;
use crate::manifest::{PACK_MANIFEST_BYTES_MAX, POLICIES_MAX};
use crate::sha256::Sha256;
use files::Files;
use oci::{EMPTY, ImageIndex};

/// A layout that keeps to its digests. What it says, and who signed it, is not
/// verified yet.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The descriptor of the image manifest, as `index.json` has it.
    image: Descriptor,
    manifest: ImageManifest,
    signatures: Vec<Signature>,
    blobs: BTreeMap<Sha256, Arc<[u8]>>,
}

/// The manifest of a signature, and its envelope.
#[derive(Clone, Debug)]
struct Signature {
    manifest: Descriptor,
    envelope: Sha256,
}

// === impl Layout ===

impl Layout {
    /// Reads a folder, or a tar file of one. Bounded: sizes are checked before
    /// anything is read, and nothing outside of the folder is opened.
    pub fn read(path: &Path) -> Result<Self, LayoutError> {
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => Self::from_files(Files::of_folder(path)?),
            // Opening a pipe would wait for who writes to it, and a device may
            // have no end.
            Ok(found) if !found.is_file() => Err(LayoutError::Unreadable {
                path: path.display().to_string(),
                cause: "it is neither a file nor a folder; hint: give the folder or the tar of \
                        a pack"
                    .to_owned(),
            }),
            Ok(_) => {
                let file = std::fs::File::open(path)
                    .map_err(|error| LayoutError::unreadable(path, &error))?;
                Self::from_tar(std::io::BufReader::new(file))
            }
            Err(error) => Err(LayoutError::unreadable(path, &error)),
        }
    }

    /// Reads a tar of a layout, without ever holding more than
    /// [`LAYOUT_BYTES_MAX`] of it.
    pub fn from_tar(tar: impl std::io::Read) -> Result<Self, LayoutError> {
        Self::from_files(Files::of_tar(tar)?)
    }

    /// Puts a layout together from what a registry gave: the image manifest's
    /// bytes, those of each signature's manifest, and the blobs that they name.
    /// Blobs that nothing names are left out.
    pub fn assemble(
        reference: Option<&str>,
        image: Vec<u8>,
        signatures: Vec<Vec<u8>>,
        blobs: impl IntoIterator<Item = Vec<u8>>,
    ) -> Result<Self, LayoutError> {
        let descriptor = Descriptor::of_image(&image, reference);
        let named: Vec<_> = signatures
            .iter()
            .map(|bytes| Descriptor::of_signature(bytes))
            .collect();
        let blobs = std::iter::once(image)
            .chain(signatures)
            .chain(blobs)
            .map(|blob| (Sha256::of(&blob), Arc::from(blob)))
            .collect();
        Self::of(descriptor, named, blobs)
    }

    /// The blobs that a manifest names, its config and its layers: what is to be
    /// fetched. Media types and digests are checked when the layout is assembled.
    pub fn named_by(manifest: &[u8]) -> Result<Vec<Descriptor>, LayoutError> {
        ImageManifest::named_by(manifest)
    }

    /// The image manifest's descriptor: what a registry's tag points to.
    pub const fn image(&self) -> &Descriptor {
        &self.image
    }

    /// The image manifest.
    pub const fn manifest(&self) -> &ImageManifest {
        &self.manifest
    }

    /// The tag that it goes by, if it has one: the revision.
    pub fn reference(&self) -> Option<&str> {
        self.image.reference()
    }

    /// The descriptors of the signatures' manifests: the image's referrers.
    pub fn signatures(&self) -> impl Iterator<Item = &Descriptor> {
        self.signatures.iter().map(|signature| &signature.manifest)
    }

    /// The DSSE envelopes, one for each manifest of a signature.
    pub fn envelopes(&self) -> impl Iterator<Item = &[u8]> {
        let envelopes = self.signatures.iter();
        envelopes.filter_map(|signature| self.blob(&signature.envelope))
    }

    /// The pack manifest's bytes.
    pub fn pack_manifest(&self) -> &[u8] {
        // INVARIANT: `of` found a first layer, and its blob.
        let first = self.manifest.layers.first();
        first
            .and_then(|layer| self.blob(&layer.digest))
            .unwrap_or_default()
    }

    /// The descriptors of the components, in the order of the policies.
    pub fn components(&self) -> &[Descriptor] {
        self.manifest.layers.get(1..).unwrap_or_default()
    }

    /// A blob that a descriptor of this layout names.
    pub fn blob(&self, digest: &Sha256) -> Option<&[u8]> {
        self.blobs.get(digest).map(AsRef::as_ref)
    }

    /// The same, shared.
    pub fn shared_blob(&self, digest: &Sha256) -> Option<Arc<[u8]>> {
        self.blobs.get(digest).cloned()
    }

    /// Every blob that is named, by its digest: manifests, config and layers.
    pub fn blobs(&self) -> impl Iterator<Item = (&Sha256, &[u8])> {
        self.blobs
            .iter()
            .map(|(digest, blob)| (digest, blob.as_ref()))
    }

    /// The same pack with these envelopes in place of its signatures.
    pub fn with_envelopes(&self, envelopes: Vec<Vec<u8>>) -> Result<Self, LayoutError> {
        let mut blobs = self.blobs.clone();
        let mut named = Vec::new();
        for envelope in envelopes {
            let manifest = oci::signature_manifest(&self.image, &envelope)?;
            named.push(Descriptor::of_signature(&manifest));
            for blob in [envelope, manifest, EMPTY.to_vec()] {
                blobs.insert(Sha256::of(&blob), Arc::from(blob));
            }
        }
        Self::of(self.image.clone(), named, blobs)
    }

    /// Writes a folder. What `index.json` names is on disk before it is, and it
    /// changes in one step: who reads meanwhile sees the old pack or the new one.
    pub fn write_folder(&self, folder: &Path) -> std::io::Result<()> {
        self.files()?.write_folder(folder)
    }

    /// Writes a tar: the same layout always gives the same bytes.
    pub fn write_tar(&self, tar: impl std::io::Write) -> std::io::Result<()> {
        self.files()?.write_tar(tar)
    }

    fn files(&self) -> std::io::Result<Files> {
        let index = ImageIndex::of(&self.image, self.signatures());
        Ok(Files {
            layout: oci::LAYOUT_FILE_TEXT.as_bytes().to_vec(),
            index: oci::to_bytes(&index)?,
            blobs: self.blobs.clone(),
        })
    }

    fn from_files(files: Files) -> Result<Self, LayoutError> {
        oci::check_layout_file(&files.layout)?;
        let index = ImageIndex::parse(&files.index)?;
        let (image, signatures) = index.sorted(&files.blobs)?;
        Self::of(image, signatures, files.blobs)
    }

    /// The only way to a layout: checks everything that is named, and drops what
    /// is not.
    fn of(
        image: Descriptor,
        signatures: Vec<Descriptor>,
        mut all: BTreeMap<Sha256, Arc<[u8]>>,
    ) -> Result<Self, LayoutError> {
        if signatures.len() > SIGNATURE_MANIFESTS_MAX {
            return Err(LayoutError::TooMany {
                what: "signatures",
                max: SIGNATURE_MANIFESTS_MAX,
            });
        }
        let mut named = Named {
            all: &mut all,
            kept: BTreeMap::new(),
            bytes: 0,
        };
        let bytes = named.take(&image, "the image manifest", OCI_MANIFEST_BYTES_MAX)?;
        let manifest = ImageManifest::parse_pack(&bytes)?;
        if manifest.layers.len() > POLICIES_MAX + 1 {
            return Err(LayoutError::TooMany {
                what: "layers",
                max: POLICIES_MAX + 1,
            });
        }
        named.take(&manifest.config, "the config", OCI_MANIFEST_BYTES_MAX)?;
        for (place, layer) in manifest.layers.iter().enumerate() {
            let (what, max) = match place {
                0 => ("the pack manifest", PACK_MANIFEST_BYTES_MAX),
                _ => ("a component", BLOB_BYTES_MAX),
            };
            named.take(layer, what, max)?;
        }
        let mut kept = Vec::new();
        for signature in signatures {
            let what = "the manifest of a signature";
            let bytes = named.take(&signature, what, OCI_MANIFEST_BYTES_MAX)?;
            let (config, envelope) = oci::parse_signature(&bytes, &image)?;
            named.take(&config, "the config of a signature", EMPTY.len())?;
            named.take(&envelope, "the envelope of a signature", ENVELOPE_BYTES_MAX)?;
            kept.push(Signature {
                manifest: signature,
                envelope: envelope.digest,
            });
        }
        Ok(Self {
            blobs: named.kept,
            image,
            manifest,
            signatures: kept,
        })
    }
}

/// The blobs that something names, each checked once.
struct Named<'a> {
    all: &'a mut BTreeMap<Sha256, Arc<[u8]>>,
    kept: BTreeMap<Sha256, Arc<[u8]>>,
    bytes: usize,
}

// === impl Named ===

impl Named<'_> {
    fn take(
        &mut self,
        descriptor: &Descriptor,
        what: &'static str,
        bytes_max: usize,
    ) -> Result<Arc<[u8]>, LayoutError> {
        let digest = descriptor.digest;
        let claimed = usize::try_from(descriptor.size).unwrap_or(usize::MAX);
        if claimed > bytes_max {
            return Err(LayoutError::TooLarge {
                what: format!("{what} ({digest})"),
                max: bytes_max,
            });
        }
        if let Some(known) = self.kept.get(&digest) {
            return sized(known, descriptor, what).map(|()| Arc::clone(known));
        }
        let blob = self
            .all
            .remove(&digest)
            .ok_or(LayoutError::Missing { what, digest })?;
        sized(&blob, descriptor, what)?;
        let found = Sha256::of(&blob);
        if found != digest {
            return Err(LayoutError::Digest {
                what,
                digest,
                found,
            });
        }
        self.bytes = self.bytes.saturating_add(blob.len());
        if self.bytes > LAYOUT_BYTES_MAX || self.kept.len() >= BLOBS_MAX {
            return Err(LayoutError::TooLarge {
                what: "the layout".to_owned(),
                max: LAYOUT_BYTES_MAX,
            });
        }
        self.kept.insert(digest, Arc::clone(&blob));
        Ok(blob)
    }
}

fn sized(blob: &[u8], descriptor: &Descriptor, what: &'static str) -> Result<(), LayoutError> {
    if u64::try_from(blob.len()) == Ok(descriptor.size) {
        return Ok(());
    }
    Err(LayoutError::Size {
        what,
        digest: descriptor.digest,
        claimed: descriptor.size,
        found: blob.len(),
    })
}
