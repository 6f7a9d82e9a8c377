//! The enforcement point: MCP on one side, tool servers on the other, and
//! between them the one path of a call. Read `proxy` first.

mod proxy;

mod admin;
mod answering;
mod asked;
mod beats;
mod bodies;
mod body;
mod call;
mod clients;
pub mod connect;
mod cors;
mod descriptors;
mod elicit;
mod endings;
mod endpoint;
mod era;
mod fetch;
mod flights;
mod forward;
mod gate;
mod guarded;
mod headers;
mod host;
mod identify;
mod issuers;
mod joined;
mod listener;
mod lists;
mod looks;
mod mended;
mod message;
mod method;
mod metrics;
mod mirrored;
mod oauth;
mod oidc;
mod operators;
mod owner;
mod params;
mod pending;
mod presented;
mod proofs;
mod questions;
mod read;
mod refusal;
mod relay;
mod returned;
mod rotations;
mod server;
mod sessions;
mod sse;
mod statuses;
mod tasks;
mod telemetry;
mod tools;
mod upstream;
mod webhooks;
#[doc(hidden)]
pub mod wire;
mod workers;
pub mod wrap;

pub use descriptors::TooFewDescriptors;
pub use issuers::fetch_keys;
pub use server::{Gateway, GatewayError};
