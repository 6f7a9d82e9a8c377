//! Scopes with constraints on arguments: what they admit, when one is within another, and
//! that the two agree.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code"
)]

mod admitting;
mod laws;
mod reading;
mod within;
mod written;
