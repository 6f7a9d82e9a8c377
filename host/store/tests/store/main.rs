//! What every memory does, whatever it keeps things in, and what only those in SQL do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod agents;
mod calls;
mod crashes;
mod full;
mod gates;
mod held;
mod histories;
mod opening;
mod outcomes;
mod postgres;
mod reach;
mod secrets;
mod status_lists;
mod suite;
mod timing;
mod uses;
mod world;
