//! Trees and proofs, against a reference that is as plain as the
//! specification.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod reference;
mod trees;
