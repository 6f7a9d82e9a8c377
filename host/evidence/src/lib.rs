//! What makes a record evidence: a Merkle tree over its entries (RFC 6962), kept as tiles
//! (C2SP `tlog-tiles`), checkpoints of it that are signed (C2SP `signed-note`), and proofs.
//!
//! An entry is the bytes of one line of the record, without its line feed. Who writes the
//! tree uses [`Tree`], [`Checkpoint`] and [`LogKey`]; who reads it uses [`TileFolder`], and
//! [`inclusion`] and [`consistency`]. [`verify`] trusts none of these, and shares no code
//! with them.

mod checkpoint;
mod hash;
mod key;
mod proof;
mod rotation;
mod tile;
mod tile_folder;
mod tree;
pub mod verify;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use hash::{Hash, HashError};
pub use key::{KeyError, LogKey, NAME_BYTES_MAX, name_problem};
pub use proof::{Nodes, ProofError, consistency, inclusion, proof_text};
pub use rotation::rotation;
pub use tile::{TILE_WIDTH, Tile};
pub use tile_folder::TileFolder;
pub use tree::{FullTile, Tree};
