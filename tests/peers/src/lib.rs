//! Agents on the official MCP clients, and tool servers that others wrote.
//!
//! The tests put a gate between the two and check what each side saw.

mod agent;
mod libraries;
mod servers;
mod sign_in;

pub use agent::{Agent, Era, Language, Report, Step};
pub use libraries::Library;
pub use servers::{EverythingOverHttp, PythonOverSse, everything_over_stdio, files_over_stdio};
pub use sign_in::{AuthorizationServer, Desktop};
