//! The gate from its outside: an agent's HTTP on one side, a tool server written
//! by hand on the other, and the ledger in between.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    dead_code,
    reason = "test code"
)]

#[path = "../../../sandbox/tests/sandbox/guests.rs"]
mod guests;

#[path = "../../../policy/tests/tokens/signer.rs"]
mod signer;

mod agent;
mod fake;
mod raw;
mod scene;

mod agents;
mod approvals;
mod bad_input;
mod bad_servers;
mod bound_tokens;
mod browsers;
mod compressed;
mod connect;
mod crashes;
mod credentials;
mod disconnected;
mod edges;
mod forwarding;
mod http_sse;
mod issuers;
mod joined;
mod joined_callers;
mod joined_comebacks;
mod joined_lists;
mod joined_sessions;
mod joined_streams;
mod joined_subscriptions;
mod listings;
mod operators;
mod params;
mod possession;
mod possession_delegates;
mod results;
mod room;
mod secrets;
mod sessions;
mod shares;
mod siege;
mod sign_in;
mod slowness;
mod statuses;
mod stopping;
mod strangers;
mod streams;
mod tasks;
mod tool_lists;
mod tooled;
mod tools;
mod waiting;
mod webhooks;
