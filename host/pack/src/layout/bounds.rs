//! How large a layout may be.

/// Longest `index.json`, in bytes: it names a few manifests.
pub const INDEX_BYTES_MAX: usize = 256 << 10;

/// Longest manifest of OCI, in bytes. Registries take at most 4 MiB; one of a
/// pack with the most policies has about 100 KiB.
pub const OCI_MANIFEST_BYTES_MAX: usize = 1 << 20;

/// Largest blob: the largest component that is loaded.
pub const BLOB_BYTES_MAX: usize = gatewright_sandbox::COMPONENT_BYTES_MAX;

/// Most blobs in a layout, those that nothing names included.
pub const BLOBS_MAX: usize = 1024;

/// Most bytes in a layout. A layout is held in memory while it is checked.
pub const LAYOUT_BYTES_MAX: usize = 256 << 20;

/// Most manifests of signatures in a layout.
pub const SIGNATURE_MANIFESTS_MAX: usize = 16;
