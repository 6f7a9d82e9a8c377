//! What holds for all of the project: one program, since each would link the engine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod circles;
mod client_pages;
mod contract;
mod crates;
mod disk;
mod docs;
mod errors;
mod evidence;
mod files;
mod licences;
mod receipts;
mod skipped;
mod snippets;
