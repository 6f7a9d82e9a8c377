//! The tools of each server as somebody knows them: what their definitions are, whether
//! somebody agreed to that, and what becomes of those that changed.
//!
//! What is pinned are rows of the registry ([`gatewright_policy::Registry`]), shared and
//! kept as everything in it. What servers say now is [`Seen`], in memory, and seen anew
//! after a start.

mod ask;
mod engine;
mod learn;
mod listing;
mod operator;
mod seen;
mod stand;
mod standing;

pub use learn::{Listed, Shown};
pub use listing::{ListedServer, ListedTool, ToolDetail};
pub use operator::{AskedPin, AskedTool, PinError};
pub use seen::{Given, SEEN_MAX, Seen};
pub use stand::Stand;

pub(crate) use ask::{BY_GATE, asked};
pub(crate) use standing::{Standing, admit, standing_of};
