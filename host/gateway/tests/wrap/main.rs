//! `gatewright wrap` as a desktop client sees it: lines in, lines out, and a
//! tool server behind that tells what reached it.
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

mod approvals;
mod desktop;
mod endings;
mod messages;
