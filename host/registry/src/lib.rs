//! Carries packs, which are OCI image layouts, to and from OCI registries.
//!
//! A registry is not trusted: every size, count and time has a bound, every byte
//! is checked against the digest that names it, and nothing half-written stays.
//! Whether a pack is *good* is not decided here.

mod ask;
mod auth;
mod blobs;
mod credentials;
mod error;
mod follow;
mod http;
mod layout;
mod limits;
mod manifests;
mod pull;
mod push;
mod reference;
mod referrers;
mod registry;
mod resolve;
mod retry;
mod staging;

pub use self::credentials::{CredentialError, Credentials};
pub use self::error::RegistryError;
pub use self::follow::{Follower, Heard};
pub use self::limits::Limits;
pub use self::pull::Pulled;
pub use self::push::Pushed;
pub use self::reference::{Reference, ReferenceError, Version};
pub use self::registry::{Registry, Settings};
pub use self::retry::Backoff;
