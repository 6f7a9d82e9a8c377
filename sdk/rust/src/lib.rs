//! Write a Gatewright policy in Rust: one settings struct, one function, and one that
//! says what the policy is.
//!
//! ```
//! use gatewright_sdk::{ArgumentError, Denial, Description, Opinion, Powers, Request};
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Settings {
//!     roots: Vec<String>,
//! }
//!
//! fn judge(settings: &Settings, request: &Request) -> Result<Opinion, ArgumentError> {
//!     let path: String = request.argument("/path")?;
//!     if settings.roots.iter().any(|root| path.starts_with(root)) {
//!         return Ok(Opinion::allow().because("roots", ""));
//!     }
//!     let denial = Denial::invalid_arguments("stay inside the roots");
//!     Ok(Opinion::deny(denial).because("roots", ""))
//! }
//!
//! fn about() -> Description {
//!     Description::new(Powers::ALLOW | Powers::DENY).with_rule("roots", "Paths are below a root")
//! }
//!
//! gatewright_sdk::policy!(Settings, judge, about);
//!
//! let settings = Settings { roots: vec!["/srv/".into()] };
//! let request = Request::tool("read_file").with_argument("/path", "/etc/passwd");
//! assert!(judge(&settings, &request).is_ok_and(|opinion| opinion.denies()));
//! ```
//!
//! `gatewright build` makes a component of the crate (`crate-type = ["cdylib",
//! "rlib"]`). Everything else is ordinary Rust: `cargo test` runs the policy
//! natively, on requests that the test builds.
//!
//! A policy is a pure function of its settings and the call. It has no clock,
//! no randomness, no files and no network. Facts about the call are asked for one by
//! one; the time of the call is `request.at()`.

#[cfg(any(all(target_family = "wasm", feature = "allocator"), test))]
#[expect(unsafe_code, reason = "an allocator is made of it")]
mod allocator;
mod argument;
mod ask;
mod bindings;
mod budget;
mod calls;
pub mod data;
pub mod decimal;
mod describe;
mod export;
#[cfg(not(target_family = "wasm"))]
mod facts;
pub mod log;
#[cfg(not(target_family = "wasm"))]
mod memory;
mod node;
mod opinion;
mod pattern;
mod pointer;
mod report;
mod request;
mod response;
mod settings;
#[cfg(not(target_family = "wasm"))]
mod testing;

pub use argument::ArgumentError;
pub use bindings::contract::action::{HintSet as Hints, PurposeKind as Purpose};
pub use bindings::contract::budget::Reading as Budget;
pub use bindings::contract::caller::{CredentialClaim as Claim, Link, ProofKind as Proof};
pub use bindings::contract::context::{Approval, Label};
pub use bindings::contract::history::{Outcome, PastCall};
pub use bindings::contract::json::{Kind, Value};
pub use bindings::contract::types::{
    Ask, Charge, Denial, Description, Edit, Finding, Limit, Note, Obligation, OnFailure, Opinion,
    Powers, Refusal, Report, Revision, Rule, Verdict, WindowLimit,
};
pub use calls::{Calls, Hint};
pub use node::Node;
pub use pattern::Pattern;
pub use pointer::{Pointer, PointerError};
pub use request::Request;
pub use response::{Response, ResponseKind};
pub use settings::{NoSettings, SettingsError};

#[doc(hidden)]
pub use bindings::contract::types::SettingsError as RefusedSettings;
#[doc(hidden)]
pub use bindings::{editor, policy, reviewer};
#[doc(hidden)]
pub use export::Configured;
