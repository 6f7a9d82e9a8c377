//! The enforcement point: MCP on one side, tool servers on the other, and
//! between them the one path of a call.

mod call;
mod era;
mod sse;
mod upstream;
