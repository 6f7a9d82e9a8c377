//! A pack and its signatures, out of a registry into a folder.

use std::path::{Path, PathBuf};

use gatewright_pack::{
    Descriptor, ENVELOPE_MEDIA_TYPE, IMAGE_MEDIA_TYPE, ImageManifest, Layout, PACK_MEDIA_TYPE,
    Sha256,
};
use serde_json::json;

use crate::error::RegistryError;
use crate::layout::{INDEX, REF_NAME, REVISION, blobs};
use crate::manifests::Fetched;
use crate::push::bytes_of;
use crate::reference::{Reference, Version};
use crate::registry::Registry;
use crate::staging::Staging;

/// What was pulled.
#[derive(Debug)]
pub struct Pulled {
    /// The folder: an OCI image layout.
    pub layout: PathBuf,
    /// The tag that the reference led to, unless it was a digest.
    pub tag: Option<String>,
    /// Digest of the pack's image manifest.
    pub digest: Sha256,
    /// Bytes of the pack and its signatures, manifests with them.
    pub bytes: u64,
    /// How many signatures came with it. None was verified.
    pub signatures: usize,
}

/// A layout being filled, and how much may still come.
struct Filling<'a> {
    registry: &'a Registry,
    reference: &'a Reference,
    folder: PathBuf,
    bytes: u64,
}

impl Registry {
    /// Pulls the pack that the reference leads to, and its signatures, into a folder
    /// that must not exist or be empty. It appears whole or not at all.
    ///
    /// # Errors
    ///
    /// When the registry gives no pack, or anything else than what its digests
    /// name, or more than it may.
    pub async fn pull(&self, reference: &Reference, into: &Path) -> Result<Pulled, RegistryError> {
        self.in_time(self.pull_whole(reference, into)).await
    }

    async fn pull_whole(
        &self,
        reference: &Reference,
        into: &Path,
    ) -> Result<Pulled, RegistryError> {
        let target = into.to_owned();
        let staging = blocking(into, move || Staging::new(&target)).await?;
        let mut filling = Filling {
            registry: self,
            reference,
            folder: staging.path(),
            bytes: 0,
        };

        let name = self.name(reference).await?;
        let fetched = self
            .fetch_manifest(reference, &name.to_string(), IMAGE_MEDIA_TYPE)
            .await?;
        let manifest = pack_manifest(&fetched)?;
        filling.add(&fetched, &manifest).await?;

        let mut pack = fetched.descriptor(&manifest);
        let tag = match name {
            Version::Tag(tag) => Some(tag),
            Version::Digest(_) | Version::Range(_) => None,
        };
        let revision = manifest.annotations.get(REVISION).or(tag.as_ref());
        if let Some(revision) = revision {
            pack.annotations
                .insert(REF_NAME.to_owned(), revision.clone());
        }
        let digest = fetched.digest;
        let mut listed = vec![pack];
        for signature in self.signatures_of(reference, &digest).await? {
            listed.push(filling.add_signature(&signature, &digest).await?);
        }
        filling.write_index(&listed).await?;

        let layout = filling.folder;
        let bytes = blocking(into, move || {
            let layout = Layout::read(&layout);
            let layout = layout.map_err(|error| not_a_pack(&fetched, &error.to_string()))?;
            staging.finish()?;
            Ok(bytes_of(&layout))
        })
        .await?;
        Ok(Pulled {
            layout: into.to_owned(),
            tag,
            digest,
            bytes,
            signatures: listed.len().saturating_sub(1),
        })
    }
}

impl Filling<'_> {
    /// The blobs of a manifest, and then the manifest.
    async fn add(
        &mut self,
        fetched: &Fetched,
        manifest: &ImageManifest,
    ) -> Result<(), RegistryError> {
        let limits = &self.registry.settings.limits;
        let too_large = |what, limit| RegistryError::TooLarge {
            what,
            at: fetched.url.clone(),
            limit,
        };
        if manifest.layers.len() > limits.layers_max {
            return Err(too_large("the number of layers", limits.layers_max as u64));
        }
        self.bytes = self.bytes.saturating_add(fetched.bytes.len() as u64);
        for blob in blobs(manifest) {
            if blob.size > limits.blob_bytes_max {
                return Err(too_large("a blob", limits.blob_bytes_max));
            }
            self.bytes = self.bytes.saturating_add(blob.size);
        }
        if self.bytes > limits.pack_bytes_max {
            return Err(too_large("the pack", limits.pack_bytes_max));
        }
        for blob in blobs(manifest) {
            let file = self.blob(&blob.digest);
            // INVARIANT: a blob that is there was checked when it came.
            if !file.exists() {
                self.registry.download(self.reference, blob, &file).await?;
            }
        }
        write(&self.blob(&fetched.digest), &fetched.bytes).await
    }

    async fn add_signature(
        &mut self,
        signature: &Descriptor,
        pack: &Sha256,
    ) -> Result<Descriptor, RegistryError> {
        let name = signature.digest.to_string();
        let fetched = self
            .registry
            .fetch_manifest(self.reference, &name, IMAGE_MEDIA_TYPE)
            .await?;
        let manifest = image_manifest(&fetched)?;
        let bad = |why: &str| RegistryError::BadAnswer {
            url: fetched.url.clone(),
            why: why.to_owned(),
        };
        if manifest.artifact_type != ENVELOPE_MEDIA_TYPE {
            return Err(bad("it is listed as a signature and is none"));
        }
        if manifest.subject.as_ref().map(|subject| &subject.digest) != Some(pack) {
            return Err(bad(
                "it is listed as a signature of the pack and is one of another",
            ));
        }
        self.add(&fetched, &manifest).await?;
        Ok(fetched.descriptor(&manifest))
    }

    async fn write_index(&self, listed: &[Descriptor]) -> Result<(), RegistryError> {
        let version = json!({ "imageLayoutVersion": "1.0.0" }).to_string();
        write(&self.folder.join("oci-layout"), version.as_bytes()).await?;
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": listed });
        write(
            &self.folder.join("index.json"),
            index.to_string().as_bytes(),
        )
        .await
    }

    fn blob(&self, digest: &Sha256) -> PathBuf {
        self.folder.join("blobs/sha256").join(digest.hex())
    }
}

impl Fetched {
    fn descriptor(&self, manifest: &ImageManifest) -> Descriptor {
        Descriptor {
            media_type: IMAGE_MEDIA_TYPE.to_owned(),
            digest: self.digest,
            size: self.bytes.len() as u64,
            artifact_type: Some(manifest.artifact_type.clone()),
            annotations: Default::default(),
        }
    }
}

fn pack_manifest(fetched: &Fetched) -> Result<ImageManifest, RegistryError> {
    let manifest = image_manifest(fetched)?;
    if manifest.artifact_type != PACK_MEDIA_TYPE {
        return Err(not_a_pack(fetched, &manifest.artifact_type));
    }
    Ok(manifest)
}

fn image_manifest(fetched: &Fetched) -> Result<ImageManifest, RegistryError> {
    if fetched.media_type != IMAGE_MEDIA_TYPE {
        return Err(not_a_pack(fetched, &fetched.media_type));
    }
    let manifest: ImageManifest = serde_json::from_slice(&fetched.bytes)
        .map_err(|error| not_a_pack(fetched, &format!("no image manifest ({error})")))?;
    if manifest.media_type != IMAGE_MEDIA_TYPE {
        return Err(not_a_pack(fetched, &manifest.media_type));
    }
    Ok(manifest)
}

fn not_a_pack(fetched: &Fetched, found: &str) -> RegistryError {
    let found: String = found.chars().take(200).collect();
    RegistryError::NotAPack {
        url: fetched.url.clone(),
        why: format!("it is `{}`", found.escape_debug()),
    }
}

async fn write(path: &Path, bytes: &[u8]) -> Result<(), RegistryError> {
    use tokio::io::AsyncWriteExt as _;
    let disk = || RegistryError::disk(path);
    let mut file = tokio::fs::File::create(path).await.map_err(disk())?;
    file.write_all(bytes).await.map_err(disk())?;
    file.sync_all().await.map_err(disk())
}

/// Work with the disk that may wait for it.
async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> Result<T, RegistryError> + Send + 'static,
) -> Result<T, RegistryError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| RegistryError::disk(path)(error.into()))?
}
