//! What may come in the place of a pack, and what a store survives.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod bytes;
mod crashes;
mod fixture;
mod layouts;
mod manifests;
mod refusals;
mod stores;
mod tars;
