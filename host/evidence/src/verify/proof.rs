//! Proofs, as they are checked by who has nothing but them and a key: that an entry is in
//! a tree that was signed, and that one such tree goes on from another (RFC 9162, 2.1.3.2
//! and 2.1.4.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::entry::Entry;
use super::hashes::{Node, leaf, parent};
use super::note::{Head, Note, NoteError, PublicKey, Standing};

/// Longest proof, in bytes: the entry is in it.
pub const PROOF_BYTES_MAX: usize = 32 << 20;

/// Hashes of a proof: one for each level of a tree.
const HASHES_MAX: usize = 64;

/// What a proof proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// Which log.
    pub origin: String,
    /// The sequence of the entry.
    pub sequence: u64,
    /// The sequence after the last entry of the tree that it is in.
    pub signed_until: u64,
    /// Witnesses that cosigned this tree, and when, in seconds.
    pub witnesses: Vec<(String, u64)>,
    /// The entry.
    pub entry: String,
}

/// Why nothing is proven.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofFileError {
    /// It has another form.
    #[error("it is no proof: {0}")]
    Form(&'static str),
    /// The key cannot be used.
    #[error("the key {0}")]
    Key(&'static str),
    /// Its checkpoint cannot be read.
    #[error("its checkpoint: {cause}")]
    Note {
        /// Why.
        cause: NoteError,
    },
    /// Its checkpoint is not signed with the key.
    #[error("its checkpoint is not signed with the key of `{0}`")]
    Unsigned(String),
    /// Its checkpoint is of another log.
    #[error("its checkpoint is of `{0}`, which is another log")]
    OtherLog(String),
    /// A witness did not cosign.
    #[error("its checkpoint is not cosigned by `{0}`")]
    Unwitnessed(String),
    /// The hashes lead elsewhere.
    #[error("the entry is not in the tree that was signed")]
    NotIncluded,
    /// The entry is at another place than it says.
    #[error("the entry has sequence {said} and is at the place of {place}")]
    Place {
        /// What it says.
        said: u64,
        /// Where it is.
        place: u64,
    },
    /// One tree does not go on from the other.
    #[error("`{newer}` does not go on from `{older}`: they tell of different pasts")]
    Inconsistent {
        /// The checkpoint with fewer entries.
        older: &'static str,
        /// The other one.
        newer: &'static str,
    },
}

/// What a proof proves to somebody with the key of the log, and those of witnesses who all
/// must have cosigned.
pub fn open_proof(text: &str, key: &str, witnesses: &[String]) -> Result<Proven, ProofFileError> {
    if text.len() > PROOF_BYTES_MAX {
        return Err(ProofFileError::Form("it is too long"));
    }
    let (proof, note) = text
        .split_once("\n\n")
        .ok_or(ProofFileError::Form("it has no checkpoint"))?;
    let mut lines = proof.split('\n');
    let mut part = |before: &str, problem| {
        let line = lines.next().and_then(|line| line.strip_prefix(before));
        line.ok_or(ProofFileError::Form(problem))
    };
    if !part("c2sp.org/tlog-proof@v1", "its first line is another one")?.is_empty() {
        return Err(ProofFileError::Form("its first line is another one"));
    }
    let entry = part("extra ", "it has no entry")?;
    let index = part("index ", "it has no place")?;
    let entry = STANDARD
        .decode(entry)
        .map_err(|_| ProofFileError::Form("its entry cannot be read"))?;
    let place = index
        .parse::<u64>()
        .ok()
        .filter(|place| place.to_string() == index);
    let index = place.ok_or(ProofFileError::Form("its place is no number"))?;
    let hashes = hashes(lines)?;

    let (head, first, witnesses) = opened(note, key, witnesses)?;
    if !is_included(&leaf(&entry), index, head.size, &hashes, &head.root) {
        return Err(ProofFileError::NotIncluded);
    }
    let entry =
        String::from_utf8(entry).map_err(|_| ProofFileError::Form("its entry is no text"))?;
    let said = serde_json::from_str::<Entry<'_>>(&entry)
        .map_err(|_| ProofFileError::Form("its entry is none"))?
        .sequence;
    let sequence = first.saturating_add(index);
    if said != sequence {
        return Err(ProofFileError::Place {
            said,
            place: sequence,
        });
    }
    Ok(Proven {
        signed_until: first.saturating_add(head.size),
        origin: head.origin,
        sequence,
        witnesses,
        entry,
    })
}

/// Holds two checkpoints of a log against each other, with a proof that the second goes on
/// from the first; gives how many entries each is over.
pub fn compare(
    old: &str,
    new: &str,
    key: &str,
    proof: &[[u8; 32]],
) -> Result<(u64, u64), ProofFileError> {
    let (old, ..) = opened(old, key, &[])?;
    let (new, ..) = opened(new, key, &[])?;
    if old.origin != new.origin {
        return Err(ProofFileError::OtherLog(new.origin));
    }
    match goes_on(&old, &new, proof) {
        true => Ok((old.size, new.size)),
        false => Err(ProofFileError::Inconsistent {
            older: "the first checkpoint",
            newer: "the second",
        }),
    }
}

fn hashes<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Vec<Node>, ProofFileError> {
    let mut hashes = Vec::new();
    for line in lines {
        let bytes = STANDARD.decode(line).ok();
        let hash = bytes.and_then(|bytes| Node::try_from(bytes).ok());
        match hash {
            Some(hash) if hashes.len() < HASHES_MAX => hashes.push(hash),
            _other => return Err(ProofFileError::Form("one of its hashes is none")),
        }
    }
    Ok(hashes)
}

/// A checkpoint, the first entry of its tree, and who cosigned it.
type Opened = (Head, u64, Vec<(String, u64)>);

fn opened(note: &str, key: &str, witnesses: &[String]) -> Result<Opened, ProofFileError> {
    let of_note = |cause| ProofFileError::Note { cause };
    let key = PublicKey::parse(key).map_err(ProofFileError::Key)?;
    let note = Note::parse(note).map_err(of_note)?;
    let Standing::Signed(_) = note.standing(&key) else {
        return Err(ProofFileError::Unsigned(key.name));
    };
    let head = Head::of(&note).map_err(of_note)?;
    let Some(first) = head.first_of(&key.name) else {
        return Err(ProofFileError::OtherLog(head.origin));
    };
    let mut cosigned = Vec::new();
    for witness in witnesses {
        let witness = PublicKey::parse(witness).map_err(ProofFileError::Key)?;
        let Standing::Signed(at) = note.standing(&witness) else {
            return Err(ProofFileError::Unwitnessed(witness.name));
        };
        cosigned.push((witness.name, at));
    }
    Ok((head, first, cosigned))
}

fn is_included(entry: &Node, index: u64, size: u64, proof: &[Node], root: &Node) -> bool {
    let Some(mut last) = size.checked_sub(1).filter(|last| index <= *last) else {
        return false;
    };
    let (mut place, mut node) = (index, *entry);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            node = parent(beside, &node);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            node = parent(&node, beside);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && node == *root
}

fn goes_on(old: &Head, new: &Head, proof: &[Node]) -> bool {
    if old.size == new.size {
        return proof.is_empty() && old.root == new.root;
    }
    if old.size == 0 {
        // A tree goes on from nothing; that its root is that of nothing is its own matter.
        return proof.is_empty();
    }
    if old.size > new.size {
        return false;
    }
    let whole = old.size.is_power_of_two().then_some(old.root);
    let mut nodes = whole.iter().chain(proof);
    let Some(first) = nodes.next() else {
        return false;
    };
    let down = (old.size - 1).trailing_ones();
    let (mut place, mut last) = ((old.size - 1) >> down, (new.size - 1) >> down);
    let (mut older, mut newer) = (*first, *first);
    for node in nodes {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            (older, newer) = (parent(node, &older), parent(node, &newer));
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            newer = parent(&newer, node);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && older == old.root && newer == new.root
}
