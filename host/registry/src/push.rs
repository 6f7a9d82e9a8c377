//! A layout, out of a folder into a registry. The tag comes last: who follows it
//! finds everything.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::Deserialize;

use crate::error::RegistryError;
use crate::layout::{Descriptor, Digest, Index, MANIFEST, Manifest, PACK, SIGNATURE};
use crate::limits::Limits;
use crate::reference::{Reference, Version};
use crate::registry::Registry;

/// What was pushed.
#[derive(Debug)]
pub struct Pushed {
    /// Digest of the pack's image manifest.
    pub digest: Digest,
    /// Bytes of the pack and its signatures, manifests with them.
    pub bytes: u64,
    /// How many of these bytes the registry did not have yet, manifests aside.
    pub bytes_sent: u64,
    /// How many signatures went with it.
    pub signatures: usize,
}

/// A layout that was read and checked.
struct Layout<'a> {
    folder: &'a Path,
    limits: &'a Limits,
}

/// A manifest of the layout, as bytes and as what they say.
struct Stored {
    descriptor: Descriptor,
    bytes: Bytes,
    manifest: Manifest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LayoutVersion {
    image_layout_version: String,
}

impl Registry {
    /// Pushes the pack in a layout under the reference's tag, and its signatures.
    /// What the repository has is not sent again.
    ///
    /// # Errors
    ///
    /// When the layout is damaged, the reference has no tag, or the registry does
    /// not take it. What came up by then stays there, without the tag.
    pub async fn push(
        &self,
        reference: &Reference,
        layout: &Path,
    ) -> Result<Pushed, RegistryError> {
        let Version::Tag(tag) = reference.version() else {
            return Err(RegistryError::NoTag {
                reference: reference.to_string(),
                repository: format!("{}/{}", reference.registry(), reference.repository()),
            });
        };
        self.in_time(self.push_whole(reference, tag, layout)).await
    }

    async fn push_whole(
        &self,
        reference: &Reference,
        tag: &str,
        folder: &Path,
    ) -> Result<Pushed, RegistryError> {
        let layout = Layout {
            folder,
            limits: &self.settings.limits,
        };
        let (pack, signatures) = layout.read()?;
        let mut pushed = Pushed {
            digest: pack.descriptor.digest.clone(),
            bytes: 0,
            bytes_sent: 0,
            signatures: signatures.len(),
        };
        self.push_manifest(reference, &layout, &pack, &mut pushed)
            .await?;
        let mut unlisted = Vec::new();
        for signature in &signatures {
            let listed = self
                .push_manifest(reference, &layout, signature, &mut pushed)
                .await?;
            if !listed {
                unlisted.push(signature.descriptor.clone());
            }
        }
        if !unlisted.is_empty() {
            self.list_in_fallback(reference, &pushed.digest, &unlisted)
                .await?;
        }
        self.put_manifest(reference, tag, MANIFEST, &pack.bytes, None)
            .await?;
        Ok(pushed)
    }

    /// The blobs of a manifest, and then the manifest. Gives whether the registry
    /// keeps the list of referrers itself.
    async fn push_manifest(
        &self,
        reference: &Reference,
        layout: &Layout<'_>,
        stored: &Stored,
        pushed: &mut Pushed,
    ) -> Result<bool, RegistryError> {
        pushed.bytes += stored.descriptor.size;
        for blob in stored.manifest.blobs() {
            let bytes = layout.blob(blob)?;
            pushed.bytes += blob.size;
            if self.upload(reference, &blob.digest, &bytes).await? {
                pushed.bytes_sent += blob.size;
            }
        }
        let name = stored.descriptor.digest.to_string();
        let put = self.put_manifest(reference, &name, MANIFEST, &stored.bytes, None);
        Ok(put.await?.contains_key("oci-subject"))
    }
}

impl Layout<'_> {
    /// The pack's manifest, and those of its signatures.
    fn read(&self) -> Result<(Stored, Vec<Stored>), RegistryError> {
        let version: LayoutVersion = self.parse(&self.folder.join("oci-layout"))?;
        if version.image_layout_version != "1.0.0" {
            let found = version.image_layout_version.escape_debug().to_string();
            return Err(self.bad(&format!("its layout is of version `{found}`, not `1.0.0`")));
        }
        let index: Index = self.parse(&self.folder.join("index.json"))?;
        let is_signature = |listed: &Descriptor| listed.artifact_type.as_deref() == Some(SIGNATURE);
        let (signatures, packs): (Vec<_>, Vec<_>) =
            index.manifests.into_iter().partition(is_signature);
        let count = packs.len();
        let Ok([pack]) = <[Descriptor; 1]>::try_from(packs) else {
            return Err(self.bad(&format!("it holds {count} packs instead of one")));
        };
        if signatures.len() > self.limits.referrers_max {
            return Err(self.bad("it holds more signatures than it may"));
        }
        let pack = self.stored(pack, PACK)?;
        let signatures = signatures
            .into_iter()
            .map(|signature| {
                let signature = self.stored(signature, SIGNATURE)?;
                let subject = signature.manifest.subject.as_ref();
                if subject.map(|subject| &subject.digest) != Some(&pack.descriptor.digest) {
                    return Err(self.bad("it holds a signature of another pack"));
                }
                Ok(signature)
            })
            .collect::<Result<_, _>>()?;
        Ok((pack, signatures))
    }

    fn stored(&self, descriptor: Descriptor, kind: &str) -> Result<Stored, RegistryError> {
        let bytes = self.checked(&descriptor, self.limits.manifest_bytes_max)?;
        let path = self.path(&descriptor.digest);
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .map_err(|error| bad(&path, &format!("it is no image manifest: {error}")))?;
        let artifact_type = manifest.artifact_type.clone();
        if manifest.media_type != MANIFEST || artifact_type.as_deref() != Some(kind) {
            return Err(bad(&path, &format!("it is no `{kind}`")));
        }
        if manifest.layers.len() > self.limits.layers_max {
            return Err(bad(&path, "it has more layers than it may"));
        }
        Ok(Stored {
            descriptor: Descriptor {
                artifact_type,
                annotations: manifest.annotations.clone(),
                ..descriptor
            },
            bytes,
            manifest,
        })
    }

    fn blob(&self, blob: &Descriptor) -> Result<Bytes, RegistryError> {
        self.checked(blob, self.limits.blob_bytes_max)
    }

    /// The bytes that a descriptor names, which have its size and digest.
    fn checked(&self, named: &Descriptor, bytes_max: u64) -> Result<Bytes, RegistryError> {
        let path = self.path(&named.digest);
        if named.size > bytes_max {
            return Err(bad(&path, &format!("it is longer than {bytes_max} bytes")));
        }
        let bytes = read(&path, named.size)?;
        if bytes.len() as u64 != named.size || Digest::of(&bytes) != named.digest {
            return Err(bad(
                &path,
                "its bytes are not those that its digest and size name",
            ));
        }
        Ok(bytes.into())
    }

    fn parse<T: serde::de::DeserializeOwned>(&self, path: &Path) -> Result<T, RegistryError> {
        let bytes_max = self.limits.manifest_bytes_max;
        let bytes = read(path, bytes_max)?;
        if bytes.len() as u64 > bytes_max {
            return Err(bad(path, &format!("it is longer than {bytes_max} bytes")));
        }
        serde_json::from_slice(&bytes).map_err(|error| bad(path, &error.to_string()))
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join("blobs/sha256").join(digest.hex())
    }

    fn bad(&self, why: &str) -> RegistryError {
        bad(self.folder, why)
    }
}

/// A file, but no more than one byte past `bytes_max`.
fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>, RegistryError> {
    let file = match std::fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(bad(path, "it is not there"));
        }
        file => file.map_err(RegistryError::disk(path))?,
    };
    let mut bytes = Vec::new();
    let read = file
        .take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes);
    read.map_err(RegistryError::disk(path))?;
    Ok(bytes)
}

fn bad(path: &Path, why: &str) -> RegistryError {
    RegistryError::BadLayout {
        path: path.to_owned(),
        why: why.to_owned(),
    }
}
