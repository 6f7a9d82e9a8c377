//! What a pack of policies is: an OCI image layout with a manifest, components
//! and signatures; whose packs are trusted with what; where verified packs are
//! kept, and which of them are wanted.
//!
//! Only [`verify()`] and [`Store::load`], which verifies again, give a
//! [`VerifiedPack`]. This crate knows no network, no bindings and no clock: time
//! and keys arrive as arguments.

mod build;
mod canonical;
mod drift;
mod dsse;
mod layout;
mod manifest;
mod name;
mod refusal;
mod sha256;
mod sign;
mod store;
#[cfg(test)]
mod tests;
mod trust;
mod verify;

pub use build::{BuildError, PackDraft, PolicyDraft};
pub use drift::{Ask, Drift};
pub use dsse::{
    ENVELOPE_BYTES_MAX, Envelope, EnvelopeError, PAYLOAD_TYPE, PREDICATE_TYPE, SIGNATURES_MAX,
};
pub use layout::{
    BLOB_BYTES_MAX, BLOBS_MAX, CONFIG_MEDIA_TYPE, Descriptor, EMPTY_MEDIA_TYPE,
    ENVELOPE_MEDIA_TYPE, IMAGE_MEDIA_TYPE, INDEX_BYTES_MAX, ImageManifest, LAYOUT_BYTES_MAX,
    Layout, LayoutError, MANIFEST_MEDIA_TYPE, OCI_MANIFEST_BYTES_MAX, PACK_MEDIA_TYPE,
    SIGNATURE_MANIFESTS_MAX, WASM_MEDIA_TYPE,
};
pub use manifest::{
    FORMAT, ManifestError, PACK_MANIFEST_BYTES_MAX, POLICIES_MAX, PackManifest, PolicyEntry,
};
pub use name::{NAME_BYTES_MAX, NameError, PackName};
pub use refusal::Refusal;
pub use sha256::{Sha256, Sha256Error};
pub use sign::{SignError, Signer, sign, signed_by};
pub use store::{
    Candidate, CandidateMode, HISTORY_MAX, PACKS_MAX, Removed, Store, StoreError, StoredPack,
    WANTED_FILE, Wanted, WantedPack,
};
pub use trust::{Publisher, TrustPolicy};
pub use verify::{Age, VerifiedPack, VerifiedPolicy, verify};
