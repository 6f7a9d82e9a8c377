//! How much a registry may send, how often, and for how long.

use std::time::Duration;

/// The bounds of one push, pull or question. What goes beyond one is an error;
/// nothing is cut short and kept.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Longest manifest, index, list of tags or other answer in JSON, in bytes.
    pub manifest_bytes_max: u64,
    /// Longest blob, in bytes. A blob being pushed is held in memory.
    pub blob_bytes_max: u64,
    /// All blobs of a pack and of its signatures together, in bytes.
    pub pack_bytes_max: u64,
    /// Most layers of a manifest.
    pub layers_max: usize,
    /// Most manifests that may refer to a pack.
    pub referrers_max: usize,
    /// Most tags that a version range is looked for in.
    pub tags_max: usize,
    /// Most redirects that one request follows.
    pub redirects_max: usize,
    /// Until an answer begins, and between two pieces of it.
    pub silence_max: Duration,
    /// The whole of a push, a pull or a question, retries and waits with it.
    pub total_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            manifest_bytes_max: 4 << 20,
            blob_bytes_max: 64 << 20,
            pack_bytes_max: 256 << 20,
            layers_max: 256,
            referrers_max: 64,
            tags_max: 10_000,
            redirects_max: 3,
            silence_max: Duration::from_secs(15),
            total_max: Duration::from_secs(300),
        }
    }
}
