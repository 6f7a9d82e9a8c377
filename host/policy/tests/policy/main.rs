//! Who may go on, what credentials say, and the laws of verdicts and approvals.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod agents;
mod approval_laws;
mod credentials;
mod delegation;
mod proofs;
mod status_lists;
mod tally_laws;
