//! Write a Gatewright policy in Rust: one function and one settings struct.
//!
//! ```
//! use gatewright_sdk::{ArgumentError, Denial, Request, Verdict};
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Settings {
//!     roots: Vec<String>,
//! }
//!
//! fn judge(settings: &Settings, request: &Request) -> Result<Verdict, ArgumentError> {
//!     let path: String = request.argument("/path")?;
//!     if settings.roots.iter().any(|root| path.starts_with(root)) {
//!         return Ok(Verdict::allow());
//!     }
//!     Ok(Verdict::deny(Denial::invalid_arguments("stay inside the roots")))
//! }
//!
//! gatewright_sdk::policy!(Settings, judge);
//!
//! let settings = Settings { roots: vec!["/srv/".into()] };
//! let request = Request::tool("read_file").with_argument("/path", "/etc/passwd");
//! assert!(matches!(judge(&settings, &request), Ok(Verdict::Deny(_))));
//! ```
//!
//! `gatewright build` makes a component of the crate (`crate-type = ["cdylib",
//! "rlib"]`). Everything else is ordinary Rust: `cargo test` runs the policy
//! natively, on requests that the test builds.
//!
//! A policy is a pure function of its settings and the request. It has no clock,
//! no randomness, no files and no network; the time of the call is
//! `request.context.at`.

mod argument;
mod bindings;
mod document;
mod edit;
mod export;
mod finding;
pub mod log;
mod pattern;
mod pointer;
mod request;
mod response;
#[cfg(not(target_family = "wasm"))]
mod testing;
pub mod v0_2;
mod verdict;

pub use argument::ArgumentError;
pub use bindings::contract::history::{Outcome, PastCall};
pub use bindings::contract::types::{
    Action, ApprovalRequest, Context, Denial, Edit, Finding, Hints, Obligation, Passage, Proof,
    Quota, Refusal, Subject, Value, Verdict,
};
pub use export::NoSettings;
pub use pattern::Pattern;
pub use pointer::{Pointer, PointerError};
pub use request::Request;
pub use response::Response;

#[doc(hidden)]
pub use bindings::{editor, policy, reviewer};
#[doc(hidden)]
pub use export::Configured;
