//! Calls that are kept in full, where the operator says so: sealed, in files of their own
//! beside the ledger, which commits to each by a digest.
//!
//! What is kept can be erased, and the record stays whole. A call that cannot be kept is
//! refused: what the operator wants to be able to judge again never goes ahead unseen.

mod erase;
mod erased;
mod file;
mod read;
mod rules;
mod store;

pub use erase::{EraseError, Erasure, Wanted, erase, erasures};
pub use read::{NotThere, PayloadReader};
pub use store::PayloadStore;
