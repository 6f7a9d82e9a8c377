//! The decision point: which policies judge a call, what they decide together,
//! and the durable record without which nothing goes ahead.
//!
//! Read it in this order: [`config`], [`snapshot`], [`judge`], [`permit`],
//! [`ledger`], [`reload`]. It knows nothing of HTTP or of MCP framing.

mod activation;
pub mod agents;
pub mod approvals;
mod approved;
mod attempt;
mod awaited;
mod beside;
pub mod binding;
pub mod call;
pub mod config;
mod covered;
pub mod dead_letters;
mod denied;
mod durable;
mod effects;
mod engine;
mod entry;
pub mod held;
pub mod judge;
pub mod judgements;
mod keeping;
pub mod keyring;
pub mod ledger;
pub mod memory;
pub mod packs;
pub mod payloads;
pub mod permit;
mod questions;
pub mod quota;
mod reading;
mod recorder;
mod refusals;
pub mod rejudge;
pub mod reload;
pub mod review;
pub mod session;
pub mod snapshot;
pub mod status;
#[cfg(test)]
mod tests;
mod time;
pub mod tools;
mod trust;
mod verified;

pub use approvals::{Accounts, ApprovalPage, GivenAgain, Shown};
pub use awaited::Awaited;
pub use call::{Call, Heard, Judgement, Kind, Refused};
pub use engine::{Engine, Since, StartError};
pub use judgements::Judgements;
pub use keyring::{KeySource, Keyring, Look};
pub use permit::{Denial, Pending, Permit, Ruling, Ticket};
pub use review::Reviewed;
pub use snapshot::{Server, Snapshot, Transport, UpstreamCredential, Webhook, WebhookUrl};
pub use status::{Status, Taken};
pub use trust::Issuer;
