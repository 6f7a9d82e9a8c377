//! The tree that grows, its tiles and its proofs.

use std::collections::HashMap;

use gatewright_evidence::verify::{ProofFileError, compare, open_proof};
use gatewright_evidence::{
    Checkpoint, Hash, LogKey, Nodes, ProofError, Tile, Tree, consistency, inclusion, proof_text,
};
use proptest::prelude::*;

use crate::reference;

/// Tiles in memory.
#[derive(Default)]
struct Kept {
    rows: HashMap<Tile, Vec<Hash>>,
}

impl Nodes for Kept {
    type Error = String;

    fn hash(&mut self, level: u8, index: u64) -> Result<Hash, String> {
        let (tile, place) = Tile::of(level, index);
        let hash = self.rows.get(&tile).and_then(|row| row.get(place));
        hash.copied().ok_or_else(|| format!("no {level} {index}"))
    }
}

fn entry(at: u64) -> String {
    format!("{{\"sequence\":{at},\"at\":{at},\"event\":\"stopped\"}}")
}

fn grown(size: u64) -> (Tree, Kept, Vec<Hash>) {
    let (mut tree, mut kept, mut entries) = (Tree::default(), Kept::default(), Vec::new());
    for at in 0..size {
        let hash = Hash::of_entry(entry(at).as_bytes());
        entries.push(hash);
        tree.append(hash, |full| {
            kept.rows.insert(full.tile, full.hashes);
        });
    }
    let partial = tree.partial().map(|(tile, row)| (tile, row.to_vec()));
    kept.rows.extend(partial);
    (tree, kept, entries)
}

fn hex(hash: Hash) -> String {
    let bytes = hash.as_bytes().iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn roots_are_those_of_rfc_6962() {
    let entries: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"@ABC",
        b"PQRSTUVW",
        b"`abcdefghijklmno",
    ];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut tree = Tree::default();
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(hex(tree.root()), nothing);
    for (entry, root) in entries.into_iter().zip(roots) {
        tree.append(Hash::of_entry(entry), |_| ());
        assert_eq!(hex(tree.root()), root, "size {}", tree.size());
    }
}

#[test]
fn tiles_are_those_of_the_specification() {
    let (tree, kept, _) = grown(70_000);
    let full = |level| {
        let of_level = kept.rows.iter().filter(|(tile, _)| tile.level == level);
        of_level.filter(|(_, row)| row.len() == 256).count()
    };
    assert_eq!((full(0), full(1), full(2)), (273, 1, 0));
    let partial: Vec<_> = tree
        .partial()
        .map(|(tile, row)| (tile.level, tile.index, row.len()))
        .collect();
    assert_eq!(partial, [(0, 273, 112), (1, 1, 17), (2, 0, 1)]);
    let (tree, ..) = grown(256);
    let partial: Vec<_> = tree
        .partial()
        .map(|(tile, row)| (tile, row.len()))
        .collect();
    assert_eq!(partial, [(Tile { level: 1, index: 0 }, 1)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn roots_and_proofs_are_those_of_the_reference(size in 1_u64..1200, a in 0_u64..1200, b in 1_u64..1200) {
        let (tree, mut kept, entries) = grown(size);
        prop_assert_eq!(tree.root(), reference::root(&entries));
        let (index, old) = (a % size, b % size + 1);
        let path = inclusion(&mut kept, index, size).unwrap();
        prop_assert_eq!(&path, &reference::path(index as usize, &entries));
        let proof = consistency(&mut kept, old, size).unwrap();
        prop_assert_eq!(&proof, &reference::proof(old as usize, &entries));

        // Who shares no code with it agrees, and with nothing else.
        let key = LogKey::new(Some("example.com/log"), &[7; 32]).unwrap();
        let note = |size: u64| {
            let root = reference::root(&entries[..size as usize]);
            Checkpoint { origin: "example.com/log".to_owned(), size, root }.signed(&key)
        };
        let public = key.public_text();
        let text = proof_text(entry(index).as_bytes(), index, &path, &note(size));
        let proven = open_proof(&text, &public, &[]).unwrap();
        prop_assert_eq!((proven.sequence, proven.entry), (index, entry(index)));
        let other = proof_text(entry(index + 1).as_bytes(), index, &path, &note(size));
        prop_assert_eq!(open_proof(&other, &public, &[]), Err(ProofFileError::NotIncluded));

        let hashes: Vec<_> = proof.iter().map(|hash| *hash.as_bytes()).collect();
        prop_assert_eq!(compare(&note(old), &note(size), &public, &hashes), Ok((old, size)));
        let mut bad = hashes.clone();
        match bad.first_mut() {
            Some(hash) => hash[0] ^= 1,
            None => bad.push([0; 32]),
        }
        prop_assert!(compare(&note(old), &note(size), &public, &bad).is_err());
    }

    #[test]
    fn a_tree_goes_on_from_its_tiles(size in 0_u64..1200, more in 0_u64..600) {
        let (tree, mut kept, _) = grown(size);
        let mut again = Tree::resume(size, |level, index| kept.hash(level, index)).unwrap();
        prop_assert_eq!(&again, &tree);
        let (whole, ..) = grown(size + more);
        for at in size..size + more {
            again.append(Hash::of_entry(entry(at).as_bytes()), |_| ());
        }
        prop_assert_eq!(again.root(), whole.root());
    }
}

#[test]
fn there_is_no_proof_beyond_the_tree() {
    let (_, mut kept, _) = grown(10);
    let beyond = Err(ProofError::Beyond { size: 10 });
    assert_eq!(inclusion(&mut kept, 10, 10), beyond);
    let beyond = Err(ProofError::Beyond { size: 10 });
    assert_eq!(consistency(&mut kept, 11, 10), beyond);
    assert_eq!(consistency(&mut kept, 0, 10), Ok(Vec::new()));
    kept.rows.clear();
    assert!(matches!(
        inclusion(&mut kept, 1, 10),
        Err(ProofError::Nodes(_))
    ));
}

#[test]
fn a_proof_that_was_changed_proves_nothing() {
    let key = LogKey::new(Some("example.com/log"), &[7; 32]).unwrap();
    let other = LogKey::new(Some("example.com/log"), &[8; 32]).unwrap();
    let (tree, mut kept, _) = grown(300);
    let path = inclusion(&mut kept, 17, 300).unwrap();
    let note = Checkpoint {
        origin: "example.com/log".to_owned(),
        size: 300,
        root: tree.root(),
    };
    let good = proof_text(entry(17).as_bytes(), 17, &path, &note.signed(&key));
    assert!(open_proof(&good, &key.public_text(), &[]).is_ok());
    let line = |number: usize| good.lines().nth(number).unwrap().to_owned();
    let moved = proof_text(entry(16).as_bytes(), 17, &path, &note.signed(&key));
    let renamed = Checkpoint {
        origin: "example.com/log/from/1".to_owned(),
        ..note.clone()
    };
    let renamed = proof_text(entry(17).as_bytes(), 17, &path, &renamed.signed(&key));
    for (name, bad) in [
        ("another entry", moved),
        ("another first line", good.replacen("@v1", "@v2", 1)),
        ("another place", good.replace("index 17", "index 18")),
        ("no number", good.replace("index 17", "index 017")),
        (
            "a hash less",
            good.replacen(&format!("{}\n", line(3)), "", 1),
        ),
        (
            "a hash more",
            good.replacen(&line(3), &format!("{0}\n{0}", line(3)), 1),
        ),
        ("another size", good.replacen("\n300\n", "\n299\n", 1)),
        ("a hash that is none", good.replacen(&line(3), "AAAA", 1)),
        (
            "no checkpoint",
            good.split_once("\n\n").unwrap().0.to_owned(),
        ),
        ("another tree of the log", renamed),
    ] {
        assert_ne!(bad, good, "{name}");
        let opened = open_proof(&bad, &key.public_text(), &[]);
        assert!(opened.is_err(), "{name}: {opened:?}");
    }
    let unsigned = open_proof(&good, &other.public_text(), &[]);
    assert!(matches!(unsigned, Err(ProofFileError::Unsigned(_))));
    let witness = other.public_text();
    let unwitnessed = open_proof(&good, &key.public_text(), &[witness]);
    assert!(matches!(unwitnessed, Err(ProofFileError::Unwitnessed(_))));
}
