//! Proofs, made from tiles: that an entry is in a tree, and that one tree goes on from
//! another (RFC 6962, 2.1.1 and 2.1.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::Hash;

/// The first line of a proof (C2SP `tlog-proof`).
const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// Hashes that somebody keeps.
pub trait Nodes {
    /// Why there is none.
    type Error;

    /// The hash at a place of a level of tiles.
    fn hash(&mut self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// Why there is no proof.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError<E> {
    /// The tree is smaller.
    #[error("a tree of {size} entries does not reach there")]
    Beyond {
        /// Its size.
        size: u64,
    },
    /// A hash is missing.
    #[error(transparent)]
    Nodes(E),
}

/// That the entry at this place is in the tree of this size: the hashes beside the way
/// from it to the root.
pub fn inclusion<N: Nodes>(
    nodes: &mut N,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ProofError<N::Error>> {
    if index >= size {
        return Err(ProofError::Beyond { size });
    }
    let mut way = Way(nodes);
    way.inclusion(index, 0, size).map_err(ProofError::Nodes)
}

/// That the tree of the first size is the beginning of that of the second.
pub fn consistency<N: Nodes>(
    nodes: &mut N,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, ProofError<N::Error>> {
    if old > new {
        return Err(ProofError::Beyond { size: new });
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    let mut way = Way(nodes);
    let proof = way.consistency(old, 0, new, true);
    proof.map_err(ProofError::Nodes)
}

/// A proof about one entry, with the entry and the checkpoint, as one text.
pub fn proof_text(entry: &[u8], index: u64, hashes: &[Hash], checkpoint: &str) -> String {
    let mut text = format!(
        "{FIRST_LINE}\nextra {}\nindex {index}\n",
        STANDARD.encode(entry)
    );
    for hash in hashes {
        text.push_str(&hash.to_base64());
        text.push('\n');
    }
    format!("{text}\n{checkpoint}")
}

struct Way<'a, N>(&'a mut N);

impl<N: Nodes> Way<'_, N> {
    fn inclusion(&mut self, at: u64, first: u64, count: u64) -> Result<Vec<Hash>, N::Error> {
        if count <= 1 {
            return Ok(Vec::new());
        }
        let left = left_of(count);
        let (mut hashes, beside) = match at < left {
            true => (
                self.inclusion(at, first, left)?,
                self.root(first + left, count - left)?,
            ),
            false => (
                self.inclusion(at - left, first + left, count - left)?,
                self.root(first, left)?,
            ),
        };
        hashes.push(beside);
        Ok(hashes)
    }

    fn consistency(
        &mut self,
        old: u64,
        first: u64,
        count: u64,
        is_known: bool,
    ) -> Result<Vec<Hash>, N::Error> {
        if old == count {
            return match is_known {
                true => Ok(Vec::new()),
                false => Ok(vec![self.root(first, count)?]),
            };
        }
        let left = left_of(count);
        let (mut hashes, beside) = match old <= left {
            true => (
                self.consistency(old, first, left, is_known)?,
                self.root(first + left, count - left)?,
            ),
            false => (
                self.consistency(old - left, first + left, count - left, false)?,
                self.root(first, left)?,
            ),
        };
        hashes.push(beside);
        Ok(hashes)
    }

    fn root(&mut self, first: u64, count: u64) -> Result<Hash, N::Error> {
        if count.is_power_of_two() {
            let height = count.trailing_zeros();
            return self.complete(height, first >> height);
        }
        let left = left_of(count);
        let right = self.root(first + left, count - left)?;
        Ok(Hash::of_pair(self.root(first, left)?, right))
    }

    /// The subtree of 2^height entries at this place.
    fn complete(&mut self, height: u32, index: u64) -> Result<Hash, N::Error> {
        if height.is_multiple_of(8) {
            let level = u8::try_from(height / 8).unwrap_or(u8::MAX);
            return self.0.hash(level, index);
        }
        let left = self.complete(height - 1, 2 * index)?;
        Ok(Hash::of_pair(
            left,
            self.complete(height - 1, 2 * index + 1)?,
        ))
    }
}

/// The largest power of two below a number that is 2 or more.
const fn left_of(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}
