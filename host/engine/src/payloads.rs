//! Calls that are kept in full, where the operator says so: sealed, in files of their own
//! beside the ledger, which commits to each by a digest.
//!
//! What is kept can be erased, and the record stays whole. A call that cannot be kept is
//! refused: what the operator wants to be able to judge again never goes ahead unseen.

mod begun;
mod erase;
mod erased;
mod erasure;
mod file;
mod read;
mod rules;
mod stamp;
mod store;

pub use erase::{EraseError, Wanted, erase};
pub use erasure::{Erasure, erasures};
pub use read::{NotThere, PayloadReader};
pub use store::PayloadStore;
