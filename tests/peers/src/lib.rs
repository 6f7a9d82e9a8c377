//! Agents on the official MCP clients and on frameworks, and tool servers that others wrote.
//!
//! The tests put a gate between the two and check what each side saw.

mod agent;
mod framework;
mod libraries;
mod servers;
mod sign_in;

pub use agent::{Agent, Era, Language, Report, Step};
pub use framework::{Entries, Framework, Shown};
pub use libraries::Library;
pub use servers::{
    EverythingOverHttp, PythonOneMounted, PythonOverSse, everything_over_stdio, fastmcp_over_stdio,
    files_over_stdio, memory_over_stdio, python_one_over_stdio, thinking_over_stdio,
    typescript_one_over_stdio,
};
pub use sign_in::{AuthorizationServer, Desktop};
