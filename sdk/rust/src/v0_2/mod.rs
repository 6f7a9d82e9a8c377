//! The contract 0.2: facts are asked for one by one, obligations stand beside any
//! verdict, and a policy says why it answered as it did.
//!
//! ```
//! use gatewright_sdk::v0_2::{ArgumentError, Denial, Description, Opinion, Powers, Request};
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
//! gatewright_sdk::v0_2::policy!(Settings, judge, about);
//!
//! let settings = Settings { roots: vec!["/srv/".into()] };
//! let request = Request::tool("read_file").with_argument("/path", "/etc/passwd");
//! assert!(judge(&settings, &request).is_ok_and(|opinion| opinion.denies()));
//! ```

mod bindings;
mod describe;
mod export;
#[cfg(not(target_family = "wasm"))]
mod facts;
pub mod log;
mod node;
mod opinion;
mod report;
mod request;
mod response;
mod settings;

pub use crate::argument::ArgumentError;
pub use crate::{NoSettings, Pattern, Pointer, PointerError};
#[doc(inline)]
pub use crate::{editor_v0_2 as editor, policy_v0_2 as policy, reviewer_v0_2 as reviewer};
pub use bindings::contract::action::{HintSet as Hints, PurposeKind as Purpose};
pub use bindings::contract::caller::{Link, ProofKind as Proof};
pub use bindings::contract::context::{Approval, Label};
pub use bindings::contract::history::{Outcome, PastCall};
pub use bindings::contract::json::{Kind, Value};
pub use bindings::contract::types::{
    Ask, Charge, Denial, Description, Edit, Finding, Limit, Note, Obligation, OnFailure, Opinion,
    Powers, Refusal, Report, Revision, Rule, Verdict, WindowLimit,
};
pub use node::Node;
pub use request::Request;
pub use response::{Response, ResponseKind};
pub use settings::SettingsError;

#[doc(hidden)]
pub use bindings::contract::types::SettingsError as RefusedSettings;
#[doc(hidden)]
pub use bindings::{
    editor as editor_bindings, policy as bindings_of_policy, reviewer as reviewer_bindings,
};
#[doc(hidden)]
pub use export::configured;
