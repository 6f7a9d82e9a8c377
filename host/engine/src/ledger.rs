//! The ledger: what was decided, kept before it takes effect.

mod approvals;
mod beside;
mod disk;
mod file;
mod health;
mod keeper;
mod key;
mod line;
mod open;
mod open_error;
mod outcomes;
mod past;
mod payloads;
mod port;
mod renamed;
mod repair;
mod replay;
mod rotate;
mod rotate_key;
mod salt;
mod segment;
mod set_clock;
mod shared;
mod syncer;
mod torn;
mod tree;
mod tree_open;
mod unsigned;
mod watch;

pub use approvals::Approvals;
pub use file::FileLedger;
pub use health::Health;
pub use line::Line;
pub use open_error::LedgerOpenError;
pub use past::Past;
pub use port::{
    Appending, Durability, Ledger, LedgerError, Receipt, RotateWhen, Rotated, Rotating,
    SegmentStatus,
};
pub use repair::{Mended, repair};
pub use rotate_key::{RotatedKey, rotate_key};
pub use salt::{operator, record_keys};
pub use segment::sealed_segments;
pub use set_clock::{ClockSet, ClockSetError, set_clock};

#[cfg(test)]
pub(crate) use replay::{End, past_of};
