//! A layout, out of a folder into a registry. The tag comes last: who follows it
//! finds everything.

use std::path::Path;

use bytes::Bytes;
use gatewright_pack::{IMAGE_MEDIA_TYPE, Layout, LayoutError, Sha256};

use crate::error::RegistryError;
use crate::reference::{Reference, Version};
use crate::registry::Registry;

/// What was pushed.
#[derive(Debug)]
pub struct Pushed {
    /// Digest of the pack's image manifest.
    pub digest: Sha256,
    /// Bytes of the pack and its signatures, manifests with them.
    pub bytes: u64,
    /// How many of these bytes the registry did not have yet, manifests aside.
    pub bytes_sent: u64,
    /// How many signatures went with it.
    pub signatures: usize,
}

impl Registry {
    /// Pushes the pack in a layout, a folder or the same as a tar, under the reference's tag, and its signatures.
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
        path: &Path,
    ) -> Result<Pushed, RegistryError> {
        let layout = read(path).await?;
        let bad = |cause| RegistryError::BadLayout {
            path: path.to_owned(),
            cause,
        };
        let image = layout.image();
        let mut pushed = Pushed {
            digest: image.digest,
            bytes: bytes_of(&layout),
            bytes_sent: 0,
            signatures: layout.signatures().count(),
        };
        let mut unlisted = Vec::new();
        for manifest in std::iter::once(image).chain(layout.signatures()) {
            let bytes = blob(&layout, &manifest.digest).map_err(bad)?;
            let named = Layout::named_by(&bytes).map_err(bad)?;
            for named in named {
                let bytes = blob(&layout, &named.digest).map_err(bad)?;
                if self.upload(reference, &named.digest, &bytes).await? {
                    pushed.bytes_sent += named.size;
                }
            }
            let name = manifest.digest.to_string();
            let put = self.put_manifest(reference, &name, IMAGE_MEDIA_TYPE, &bytes, None);
            // The registry keeps the list of referrers itself, and says so.
            let listed = put.await?.contains_key("oci-subject");
            if manifest != image && !listed {
                unlisted.push(manifest.clone());
            }
        }
        if !unlisted.is_empty() {
            self.list_in_fallback(reference, &pushed.digest, &unlisted)
                .await?;
        }
        let bytes = blob(&layout, &image.digest).map_err(bad)?;
        self.put_manifest(reference, tag, IMAGE_MEDIA_TYPE, &bytes, None)
            .await?;
        Ok(pushed)
    }
}

/// Manifests, configs and layers, each once.
pub(crate) fn bytes_of(layout: &Layout) -> u64 {
    layout.blobs().map(|(_, blob)| blob.len() as u64).sum()
}

async fn read(path: &Path) -> Result<Layout, RegistryError> {
    let (path, again) = (path.to_owned(), path.to_owned());
    let read = tokio::task::spawn_blocking(move || Layout::read(&path)).await;
    read.map_err(|error| RegistryError::disk(&again)(error.into()))?
        .map_err(|cause| RegistryError::BadLayout { path: again, cause })
}

fn blob(layout: &Layout, digest: &Sha256) -> Result<Bytes, LayoutError> {
    let bytes = layout.shared_blob(digest).ok_or(LayoutError::Missing {
        what: "a blob",
        digest: *digest,
    })?;
    Ok(Bytes::from_owner(bytes))
}
