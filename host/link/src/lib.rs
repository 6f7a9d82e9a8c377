//! Rewrites what toolchains make into components that the sandbox prepares best:
//! one core module, no nested components, no WASI. Knows WebAssembly's binary
//! format, and nothing of policies.
//!
//! Valid in, valid out: what cannot be rewritten is an error. Input that is not
//! valid WebAssembly may give an error or something that no validator accepts,
//! never a panic.

mod apart;
mod error;
mod exported;
mod flatten;
mod link;
mod merge;

pub use apart::{Apart, Global, Image, set_apart};
pub use error::LinkError;
pub use exported::export_globals;
pub use flatten::flatten;
pub use link::{link, unite};
pub use merge::merge;
