//! What is damaged in a pack, and where.

use gatewright_pack::Sha256;
use serde_json::Value;

use crate::pack::Pack;

impl Pack {
    /// With another manifest: the change is told to it.
    pub(crate) fn changed(mut self, change: impl FnOnce(&mut Value)) -> Self {
        let mut manifest: Value = serde_json::from_slice(&self.manifest).unwrap();
        change(&mut manifest);
        self.manifest = manifest.to_string().into_bytes();
        self
    }

    /// The policy's bytes, and the path of its blob under the repository.
    pub(crate) fn policy(&self) -> (Vec<u8>, String) {
        let bytes = format!("\0asm of {}", self.revision).into_bytes();
        let path = format!("/blobs/{}", Sha256::of(&bytes));
        (bytes, path)
    }
}
