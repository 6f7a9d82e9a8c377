//! What the gate remembers: what sessions did and carry, what is spent of budgets, and
//! the record. One commit makes a decision count in all of them, or in none.
//!
//! The engine owns this port. [`FileMemory`] keeps everything in the memory of one
//! gate and in its ledger; other crates keep it for several gates, and change it by the
//! same rules with an [`Excerpt`].

mod changing;
mod commit;
mod excerpt;
mod file;
mod holds;
mod outcomes;
mod port;
mod reserved;
mod settling;
mod step;
mod stepping;
mod uses;

pub use commit::{Commit, Effects, Ended, NotCommitted};
pub use excerpt::Excerpt;
pub use file::FileMemory;
pub use holds::{Hold, HoldRoom, Holding, HoldsFull, UsedBefore};
pub use port::{KeptCall, Memory, UsedCall};
pub use step::{ApprovalChange, ApprovalMoved, ApprovalStep, HeldLook, UseOnce, UseRoom};
