//! RFC 6962 as it is written: slow, and plain.

use gatewright_evidence::Hash;

/// MTH (2.1).
pub(crate) fn root(entries: &[Hash]) -> Hash {
    match entries {
        [] => Hash::of_nothing(),
        [one] => *one,
        more => {
            let (left, right) = more.split_at(split(more.len()));
            Hash::of_pair(root(left), root(right))
        }
    }
}

/// PATH (2.1.1).
pub(crate) fn path(at: usize, entries: &[Hash]) -> Vec<Hash> {
    if entries.len() < 2 {
        return Vec::new();
    }
    let (left, right) = entries.split_at(split(entries.len()));
    if at < left.len() {
        return [path(at, left), vec![root(right)]].concat();
    }
    [path(at - left.len(), right), vec![root(left)]].concat()
}

/// PROOF (2.1.2).
pub(crate) fn proof(old: usize, entries: &[Hash]) -> Vec<Hash> {
    subproof(old, entries, true)
}

fn subproof(old: usize, entries: &[Hash], known: bool) -> Vec<Hash> {
    if old == entries.len() {
        return match known {
            true => Vec::new(),
            false => vec![root(entries)],
        };
    }
    let (left, right) = entries.split_at(split(entries.len()));
    if old <= left.len() {
        return [subproof(old, left, known), vec![root(right)]].concat();
    }
    let mut hashes = subproof(old - left.len(), right, false);
    hashes.push(root(left));
    hashes
}

/// The largest power of two that is smaller.
fn split(count: usize) -> usize {
    let mut split = 1;
    while split * 2 < count {
        split *= 2;
    }
    split
}
