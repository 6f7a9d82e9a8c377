//! The enforcement point: MCP on one side, tool servers on the other, and
//! between them the one path of a call. Read `proxy` first.

mod proxy;

mod admin;
mod body;
mod call;
mod decimal;
mod endpoint;
mod era;
mod flights;
mod headers;
mod host;
mod lists;
mod message;
mod method;
mod metrics;
mod mirrored;
mod params;
mod questions;
mod read;
mod refusal;
mod relay;
mod server;
mod sessions;
mod sse;
mod tasks;
mod telemetry;
mod upstream;
mod workers;
pub mod wrap;

pub use server::{Gateway, GatewayError};
