//! Proofs about entries of a record: whatever is taken proves an entry that was signed for,
//! at its place.

use gatewright_evidence::verify::open_proof;
use gatewright_evidence::{Checkpoint, Hash, LogKey, Nodes, Tile, Tree, inclusion, proof_text};

const SIZE: u64 = 21;

/// All of a small tree.
struct Leaves(Vec<Hash>);

impl Nodes for Leaves {
    type Error = Tile;

    fn hash(&mut self, level: u8, index: u64) -> Result<Hash, Tile> {
        let at = usize::try_from(index).unwrap();
        let hash = self.0.get(at).filter(|_| level == 0);
        hash.copied().ok_or(Tile { level, index })
    }
}

fn key() -> LogKey {
    LogKey::new(Some("example.com/gate"), &[7; 32]).unwrap()
}

fn entry(sequence: u64) -> String {
    format!("{{\"sequence\":{sequence},\"at\":{sequence},\"event\":\"stopped\"}}")
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut tree = Tree::default();
    let mut leaves = Leaves(Vec::new());
    for sequence in 0..SIZE {
        let hash = Hash::of_entry(entry(sequence).as_bytes());
        leaves.0.push(hash);
        tree.append(hash, |_| ());
    }
    let checkpoint = Checkpoint {
        origin: "example.com/gate".to_owned(),
        size: SIZE,
        root: tree.root(),
    };
    let note = checkpoint.signed(&key());
    let proof = |sequence| {
        let path = inclusion(&mut leaves, sequence, SIZE).unwrap();
        proof_text(entry(sequence).as_bytes(), sequence, &path, &note).into_bytes()
    };
    [0, 7, 8, 20].map(proof).to_vec()
}

pub(super) fn run(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let Ok(proven) = open_proof(text, &key().public_text(), &[]) else {
        return false;
    };
    assert_eq!(proven.signed_until, SIZE);
    assert_eq!(proven.entry, entry(proven.sequence));
    assert_eq!(proven.origin, "example.com/gate");
    true
}
