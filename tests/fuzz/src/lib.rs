//! What reads bytes from outside, held to its laws on bytes that nobody would send
//! in good faith. Each target is a function of bytes that panics where a law does
//! not hold. `make test` runs each on its seeds and on a bounded number of mutations
//! (`tests/bounded.rs`); `make fuzz` runs them under libFuzzer, for as long as you like.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code: a broken law is a panic"
)]

pub mod mutate;
pub mod seeds;
mod targets;

pub use targets::{TARGETS, Target};
