//! Agents as operators know them: who answers for which, what each may reach, which of
//! them were stopped, which credentials count no more, and which tools are pinned as they
//! are.
//!
//! All of it is a [`Registry`], a value: a [`Change`] gives the rows that it changes, and
//! a registry in which they stand. Whoever keeps registries keeps rows.

mod asker;
mod change;
mod draft;
mod key;
mod registry;
mod row;
mod state;
mod tools;

pub use asker::{Asker, Stopped, Unregistered};
pub use change::{
    CHANGED_MAX, Change, ChangeError, NAME_BYTES_MAX, Target, ToolDiffers, ToolPin, What,
};
pub use draft::{AGENTS_MAX, REVOKED_MAX, STOPS_MAX};
pub use key::AgentKey;
pub use registry::{Registry, Tool};
pub use row::{Changed, PinnedTool, Registered, Registration, Revoked, Row, Stop};
pub use state::{AgentState, Final, Turn};
pub use tools::{PINNED_BYTES_MAX, PINS_MAX};
