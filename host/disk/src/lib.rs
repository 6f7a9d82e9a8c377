//! Files that are there after a crash, whole, and folders that one process at a
//! time changes.
//!
//! Everything that is written to be found again is written here, so that no step
//! is forgotten: the bytes are synced before the name is given, and the folder
//! after it.

mod files;
mod lock;
mod replace;

pub use files::{Access, Disk, Files, folder_of};
pub use lock::{Lock, LockError};
pub use replace::{PART, Target, create, replace, replace_in_kind, replace_with};
