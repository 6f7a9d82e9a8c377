//! The tree of RFC 6962, made again entry by entry.

use sha2::{Digest as _, Sha256};

/// A hash of the tree.
pub(super) type Node = [u8; 32];

/// The hash of an entry.
pub(super) fn leaf(entry: &[u8]) -> Node {
    Sha256::new()
        .chain_update([0x00])
        .chain_update(entry)
        .finalize()
        .into()
}

/// The hash over two others.
pub(super) fn parent(left: &Node, right: &Node) -> Node {
    Sha256::new()
        .chain_update([0x01])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The complete subtrees of a tree, from the left: one for each bit of its size.
#[derive(Clone, Debug, Default)]
pub(super) struct Peaks {
    size: u64,
    peaks: Vec<Node>,
}

// === impl Peaks ===

impl Peaks {
    /// Those of a tree of this size.
    pub(super) const fn of(size: u64, peaks: Vec<Node>) -> Self {
        Self { size, peaks }
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Adds an entry, and tells each subtree that it completes: its height and its hash.
    pub(super) fn push(&mut self, entry: Node, mut complete: impl FnMut(u32, &Node)) {
        let mut node = entry;
        for height in 0..self.size.trailing_ones() {
            complete(height, &node);
            if let Some(left) = self.peaks.pop() {
                node = parent(&left, &node);
            }
        }
        complete(self.size.trailing_ones(), &node);
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root: the peaks, joined from the right.
    pub(super) fn root(&self) -> Node {
        let joined = self.peaks.iter().rev().copied();
        let root = joined.reduce(|right, left| parent(&left, &right));
        root.unwrap_or_else(|| Sha256::digest([]).into())
    }
}
