//! The right edge of a tree, which is all that growing needs of it.

use crate::hash::Hash;
use crate::tile::{TILE_WIDTH, Tile};

/// A tree that grows. What it keeps is bounded: fewer than 256 hashes for each of at most
/// eight levels of tiles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// What there is of the last tile of each level that is not full.
    rows: Vec<Vec<Hash>>,
}

/// A tile that became full, and stays as it is for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullTile {
    /// Its place.
    pub tile: Tile,
    /// All of its hashes.
    pub hashes: Vec<Hash>,
}

// === impl Tree ===

impl Tree {
    /// The tree of this size of which somebody has the tiles. `hash` gives the hash at a
    /// place of a level.
    pub fn resume<E>(
        size: u64,
        mut hash: impl FnMut(u8, u64) -> Result<Hash, E>,
    ) -> Result<Self, E> {
        let mut rows = Vec::new();
        for level in 0..8_u8 {
            let end = size >> (8 * u32::from(level));
            if end == 0 {
                break;
            }
            let first = end - end % TILE_WIDTH as u64;
            let row = (first..end).map(|index| hash(level, index));
            rows.push(row.collect::<Result<_, E>>()?);
        }
        Ok(Self { size, rows })
    }

    /// Entries in it.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds an entry; gives each tile that became full.
    pub fn append(&mut self, entry: Hash, mut full: impl FnMut(FullTile)) {
        self.size += 1;
        let mut hash = entry;
        for level in 0..8_u8 {
            let at = usize::from(level);
            if self.rows.len() <= at {
                self.rows.push(Vec::with_capacity(TILE_WIDTH));
            }
            let Some(row) = self.rows.get_mut(at) else {
                return;
            };
            row.push(hash);
            if row.len() < TILE_WIDTH {
                return;
            }
            let hashes = std::mem::replace(row, Vec::with_capacity(TILE_WIDTH));
            hash = Hash::of_row(&hashes);
            // It is full: one of its level or more ended with this entry.
            let ended = self.size.checked_shr(8 * (u32::from(level) + 1));
            let index = ended.unwrap_or_default().saturating_sub(1);
            full(FullTile {
                tile: Tile { level, index },
                hashes,
            });
        }
    }

    /// The root of the tree (RFC 6962, 2.1).
    pub fn root(&self) -> Hash {
        let mut root = None;
        for row in &self.rows {
            let mut left = row.as_slice();
            // Complete subtrees, the smallest first: it is the last.
            while !left.is_empty() {
                let width = 1_usize << left.len().trailing_zeros();
                let (before, last) = left.split_at(left.len() - width);
                let subtree = Hash::of_row(last);
                root = Some(match root {
                    None => subtree,
                    Some(right) => Hash::of_pair(subtree, right),
                });
                left = before;
            }
        }
        root.unwrap_or_else(Hash::of_nothing)
    }

    /// The tiles that are not full, without those that are empty.
    pub fn partial(&self) -> impl Iterator<Item = (Tile, &[Hash])> {
        let levels = (0_u8..).zip(&self.rows);
        levels
            .filter(|(_, row)| !row.is_empty())
            .map(|(level, row)| {
                let ended = self.size.checked_shr(8 * (u32::from(level) + 1));
                let index = ended.unwrap_or_default();
                (Tile { level, index }, row.as_slice())
            })
    }
}
