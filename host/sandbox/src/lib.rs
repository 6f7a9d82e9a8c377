//! Runs one policy component once, under limits. Beside `gatewright-artifact`, the only crate
//! that knows wasmtime.
//!
//! [`Sandbox::load`] checks a component, configures it once and keeps a
//! snapshot of what it built; every call of the resulting [`Guest`] starts from
//! that snapshot in a fresh instance. What a guest may do wrong comes back as a
//! `Fault`; the sandbox does not know what a deny is.

mod accessors;
mod answer;
mod apart;
mod asked;
mod bounds;
mod builder;
mod built;
mod cache;
mod call;
mod caller;
mod code;
mod compile;
mod compiler;
mod contract;
mod excess;
mod fault;
mod functions;
mod guest;
mod inspection;
mod job;
mod lane;
mod limits;
mod listed;
mod load;
mod load_error;
mod machine;
mod priority;
mod process;
mod program;
mod reads;
mod rehearsal;
mod running_time;
mod sandbox;
mod size;
mod snapshot;
mod snapshot_error;
mod state;
mod ticker;
mod united;

pub use gatewright_artifact::private_folder;

pub use answer::{Answer, LOG_LINE_BYTES_MAX, LOG_LINES_MAX, LogLevel, LogLine, Unread};
pub use compile::compile;
pub use compiler::{Compiler, CompilerLimits, CompilerProcess};
pub use contract::{Contract, Description, Rule, SettingsError, World};
pub use excess::Excess;
pub use guest::Guest;
pub use inspection::Inspection;
pub use limits::{CONFIGURE_DEADLINE, CONFIGURE_FUEL, Limits};
pub use load_error::{COMPONENT_BYTES_MAX, LoadError, SETTINGS_BYTES_MAX};
pub use reads::{READS_MAX, Read, Reads};
pub use rehearsal::Rehearsal;
pub use sandbox::Sandbox;
pub use size::{SandboxConfig, SandboxError};
