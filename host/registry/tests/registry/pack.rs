//! Layouts to carry. What is in them is not looked at by a carrier.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gatewright_pack::Sha256;
use serde_json::{Value, json};

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const PACK: &str = "application/vnd.gatewright.pack.v1+json";
pub(crate) const SIGNATURE: &str = "application/vnd.dsse.envelope.v1+json";

/// A pack in memory.
#[derive(Clone)]
pub(crate) struct Pack {
    pub(crate) revision: String,
    pub(crate) manifest: Vec<u8>,
    pub(crate) signatures: Vec<Vec<u8>>,
    pub(crate) blobs: BTreeMap<String, Vec<u8>>,
}

impl Pack {
    /// With one policy.
    pub(crate) fn new(revision: &str) -> Self {
        let mut blobs = BTreeMap::new();
        let layers = [
            add(
                &mut blobs,
                "application/vnd.gatewright.pack.manifest.v1+json",
                revision.as_bytes(),
            ),
            add(
                &mut blobs,
                "application/wasm",
                format!("\0asm of {revision}").as_bytes(),
            ),
        ];
        let config = add(
            &mut blobs,
            "application/vnd.wasm.config.v0+json",
            b"{\"layers\":2}",
        );
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": PACK,
            "config": config,
            "layers": layers,
            "annotations": { "org.opencontainers.image.version": revision },
        });
        Self {
            revision: revision.to_owned(),
            manifest: manifest.to_string().into_bytes(),
            signatures: Vec::new(),
            blobs,
        }
    }

    /// With one more signature.
    pub(crate) fn signed(mut self, by: &str) -> Self {
        let empty = add(&mut self.blobs, "application/vnd.oci.empty.v1+json", b"{}");
        let envelope = add(
            &mut self.blobs,
            SIGNATURE,
            format!("signed by {by}").as_bytes(),
        );
        let signature = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": SIGNATURE,
            "config": empty,
            "layers": [envelope],
            "subject": descriptor(MANIFEST, &self.manifest),
        });
        self.signatures.push(signature.to_string().into_bytes());
        self
    }

    pub(crate) fn digest(&self) -> Sha256 {
        Sha256::of(&self.manifest)
    }

    /// As a layout in a folder.
    pub(crate) fn write(&self, folder: &Path) {
        let blobs = folder.join("blobs/sha256");
        fs::create_dir_all(&blobs).unwrap();
        for bytes in self
            .blobs
            .values()
            .chain([&self.manifest])
            .chain(&self.signatures)
        {
            fs::write(blobs.join(Sha256::of(bytes).hex()), bytes).unwrap();
        }
        let mut pack = descriptor(MANIFEST, &self.manifest);
        pack["annotations"] = json!({ "org.opencontainers.image.ref.name": self.revision });
        let signatures = self.signatures.iter().map(|bytes| listed(bytes));
        let listed: Vec<_> = std::iter::once(pack).chain(signatures).collect();
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": listed });
        fs::write(folder.join("index.json"), index.to_string()).unwrap();
        fs::write(
            folder.join("oci-layout"),
            r#"{"imageLayoutVersion":"1.0.0"}"#,
        )
        .unwrap();
    }
}

/// The descriptor of a signature's manifest in an index.
pub(crate) fn listed(signature: &[u8]) -> Value {
    let mut listed = descriptor(MANIFEST, signature);
    listed["artifactType"] = json!(SIGNATURE);
    listed
}

pub(crate) fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": Sha256::of(bytes).to_string(), "size": bytes.len() })
}

fn add(blobs: &mut BTreeMap<String, Vec<u8>>, media_type: &str, bytes: &[u8]) -> Value {
    blobs.insert(Sha256::of(bytes).to_string(), bytes.to_vec());
    descriptor(media_type, bytes)
}
