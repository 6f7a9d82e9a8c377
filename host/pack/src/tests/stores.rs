//! A store that works, and several who use it at once.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Barrier;

use gatewright_policy::Share;
use gatewright_policy::credential::did_key;
use tempfile::TempDir;

use super::fixture::{acme, key, now, signed, trust, unsigned, verified};
use crate::{
    Age, Candidate, CandidateMode, HISTORY_MAX, Layout, PackName, Publisher, Refusal, Store,
    StoreError, VerifiedPack, Wanted, WantedPack, sign, verify,
};

pub(super) fn name() -> PackName {
    "acme/guards".parse().unwrap()
}

pub(super) fn set_of(pack: &VerifiedPack) -> BTreeMap<PackName, WantedPack> {
    let wanted = WantedPack {
        pack: pack.digest(),
        granted: Vec::new(),
        older: false,
        candidate: None,
    };
    [(name(), wanted)].into()
}

fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("packs")).unwrap();
    (folder, store)
}

/// Imports a version and wants it.
fn want(store: &Store, version: u64) -> Wanted {
    let pack = verified(version);
    store.import(&pack, now()).unwrap();
    let revision = store.wanted().unwrap().revision;
    store
        .change(revision, set_of(&pack), "tests", now())
        .unwrap()
}

#[test]
fn what_was_imported_is_loaded_again() {
    let (_folder, store) = store();
    let pack = verified(3);
    let stored = store.import(&pack, now()).unwrap();
    assert_eq!(store.list().unwrap(), std::slice::from_ref(&stored));
    assert_eq!(store.seen(&name()).unwrap(), Some(3));
    let loaded = store.load(pack.digest(), &trust(acme()), now()).unwrap();
    assert_eq!(loaded.digest(), pack.digest());
    assert_eq!(loaded.signers(), [did_key(&key(1).verifying_key())]);
    assert_eq!(loaded.layout().reference(), Some("1.3.0"));
    // Once more changes nothing.
    assert_eq!(store.import(&pack, now()).unwrap(), stored);
}

#[test]
fn the_same_pack_in_another_image_takes_no_room() {
    let (_folder, store) = store();
    let stored = store.import(&verified(1), now()).unwrap();
    let files = || {
        std::fs::read_dir(store.folder().join("blobs/sha256"))
            .unwrap()
            .count()
    };
    let before = files();
    // Nobody signs annotations.
    let layout = unsigned(1);
    let image = layout.shared_blob(&layout.image().digest).unwrap();
    let mut image: serde_json::Value = serde_json::from_slice(&image).unwrap();
    image["annotations"]["note"] = "another".into();
    let blobs = layout
        .blobs()
        .map(|(_, blob)| blob.to_vec())
        .collect::<Vec<_>>();
    let image = serde_json::to_vec(&image).unwrap();
    let other = Layout::assemble(Some("1.1.0"), image, Vec::new(), blobs).unwrap();
    let other = sign(&other, &key(1)).unwrap();
    let other = verify(other, &trust(acme()), Age::Any, now()).unwrap();
    assert_eq!(store.import(&other, now()).unwrap(), stored);
    assert_eq!(files(), before);
    // Somebody else who signs it is news.
    let both = sign(&signed(1), &key(2)).unwrap();
    let two = Publisher {
        keys: vec![key(1).verifying_key(), key(2).verifying_key()],
        ..acme()
    };
    let both = verify(both, &trust(two), Age::Any, now()).unwrap();
    assert_eq!(store.import(&both, now()).unwrap().signers.len(), 2);
}

#[test]
fn what_was_gone_back_from_is_remembered_until_it_is_wanted_again() {
    let (_folder, store) = store();
    let second = verified(2).digest();
    let went_back = || store.went_back_from(&name(), second).unwrap();
    want(&store, 1);
    want(&store, 2);
    assert!(!went_back());
    want(&store, 1);
    assert!(went_back());
    // However many sets there are meanwhile.
    for _ in 0..=HISTORY_MAX {
        want(&store, 3);
        want(&store, 1);
    }
    assert!(went_back());
    want(&store, 2);
    assert!(!went_back());
}

#[test]
fn the_same_set_again_is_no_other_revision() {
    let (_folder, store) = store();
    want(&store, 1);
    let second = want(&store, 2);
    assert_eq!(want(&store, 2), second);
    assert_eq!(store.history().unwrap().len(), 1);
}

#[test]
fn what_is_not_trusted_any_more_is_not_loaded() {
    let (_folder, store) = store();
    let pack = verified(1);
    store.import(&pack, now()).unwrap();
    let rotated = Publisher {
        keys: vec![key(2).verifying_key()],
        ..acme()
    };
    let error = store
        .load(pack.digest(), &trust(rotated), now())
        .unwrap_err();
    let StoreError::Refused { refusal, .. } = error else {
        panic!("{error}");
    };
    assert!(
        matches!(*refusal, Refusal::UntrustedKeys { .. }),
        "{refusal}"
    );
}

#[test]
fn the_highest_version_stays_seen() {
    let (folder, store) = store();
    for (version, seen) in [(3, 3), (1, 3), (7, 7), (5, 7)] {
        store.import(&verified(version), now()).unwrap();
        assert_eq!(store.seen(&name()).unwrap(), Some(seen));
    }
    store.gc().unwrap();
    assert!(store.list().unwrap().is_empty());
    let again = Store::open(folder.path().join("packs")).unwrap();
    assert_eq!(again.seen(&name()).unwrap(), Some(7));
}

#[test]
fn a_damaged_blob_is_refused_and_an_import_mends_it() {
    let (_folder, store) = store();
    let pack = verified(1);
    store.import(&pack, now()).unwrap();
    for (digest, blob) in pack.layout().blobs() {
        let path = store.folder().join("blobs/sha256").join(digest.hex());
        let mut damaged = blob.to_vec();
        damaged[0] ^= 1;
        fs::write(&path, damaged).unwrap();
        assert!(store.load(pack.digest(), &trust(acme()), now()).is_err());
        fs::remove_file(&path).unwrap();
        assert!(store.load(pack.digest(), &trust(acme()), now()).is_err());
        store.import(&pack, now()).unwrap();
        store.load(pack.digest(), &trust(acme()), now()).unwrap();
    }
}

/// The record of a pack is not proof of anything.
#[test]
fn a_record_that_names_another_pack_is_refused() {
    let (_folder, store) = store();
    let (one, other) = (verified(1), verified(2));
    store.import(&one, now()).unwrap();
    store.import(&other, now()).unwrap();
    let record = |pack: &VerifiedPack| {
        let name = format!("{}.json", &pack.digest().to_string()["blake3:".len()..]);
        store.folder().join("packs").join(name)
    };
    fs::copy(record(&other), record(&one)).unwrap();
    let error = store.load(one.digest(), &trust(acme()), now()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn damaged_state_is_named_and_never_taken_for_none() {
    for file in ["wanted.json", "good.json", "seen.json"] {
        for text in ["", "{", "[]", "{\"revision\":-1}"] {
            let (_folder, store) = store();
            let wanted = want(&store, 1);
            store.set_good(&wanted).unwrap();
            fs::write(store.folder().join(file), text).unwrap();
            let error = match file {
                "wanted.json" => store.wanted().unwrap_err(),
                "good.json" => store.good().unwrap_err(),
                _ => store.seen(&name()).unwrap_err(),
            };
            assert!(error.to_string().contains(file), "{error}");
        }
    }
}

#[test]
fn only_a_set_whose_packs_are_here_is_wanted() {
    let (_folder, store) = store();
    let pack = verified(1);
    let error = store.change(0, set_of(&pack), "tests", now()).unwrap_err();
    assert!(matches!(error, StoreError::NotStored(_)), "{error}");
    store.import(&pack, now()).unwrap();
    let misnamed = set_of(&pack)
        .into_values()
        .map(|wanted| ("acme/other".parse().unwrap(), wanted))
        .collect();
    let error = store.change(0, misnamed, "tests", now()).unwrap_err();
    assert!(matches!(error, StoreError::OtherName { .. }), "{error}");
    assert_eq!(store.wanted().unwrap().revision, 0);
}

#[test]
fn whoever_saw_an_older_revision_is_told_and_changes_nothing() {
    let (_folder, store) = store();
    let wanted = want(&store, 1);
    let error = store
        .change(0, set_of(&verified(1)), "late", now())
        .unwrap_err();
    let StoreError::Moved { revision, by, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((revision, by.as_str()), (1, "tests"));
    assert_eq!(store.wanted().unwrap(), wanted);
}

#[test]
fn of_two_changes_at_once_one_wins_and_the_other_is_told() {
    const THREADS: usize = 8;
    let (_folder, store) = store();
    // The same set twice would be no change.
    let packs = [verified(1), verified(2)];
    for pack in &packs {
        store.import(pack, now()).unwrap();
    }
    for (round, pack) in (0..20_u64).zip(packs.iter().cycle()) {
        let barrier = Barrier::new(THREADS);
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|number| {
                    let (store, barrier, set) = (store.clone(), &barrier, set_of(pack));
                    scope.spawn(move || {
                        barrier.wait();
                        store.change(round, set, &format!("thread {number}"), now())
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let won: Vec<_> = results.iter().flatten().collect();
        assert_eq!(won.len(), 1, "{results:?}");
        assert_eq!(*won[0], store.wanted().unwrap());
        for lost in results.iter().filter_map(|result| result.as_ref().err()) {
            let StoreError::Moved { revision, by, .. } = lost else {
                panic!("{lost}");
            };
            assert_eq!((*revision, by), (round + 1, &won[0].by));
        }
    }
}

#[test]
fn imports_at_once_lose_nothing() {
    let (_folder, store) = store();
    std::thread::scope(|scope| {
        for version in 1..=8 {
            let store = store.clone();
            scope.spawn(move || store.import(&verified(version), now()).unwrap());
        }
    });
    assert_eq!(store.list().unwrap().len(), 8);
    assert_eq!(store.seen(&name()).unwrap(), Some(8));
}

#[test]
fn earlier_sets_are_kept_and_found() {
    let (_folder, store) = store();
    assert!(matches!(
        store.earlier(None),
        Err(StoreError::NoRevision { .. })
    ));
    for version in 1..=20 {
        want(&store, version);
    }
    let history = store.history().unwrap();
    let revisions: Vec<_> = history.iter().map(|set| set.revision).collect();
    let expected: Vec<_> = (4..20).rev().collect();
    assert_eq!(revisions, expected);
    assert_eq!(revisions.len(), HISTORY_MAX);
    assert_eq!(store.earlier(None).unwrap().revision, 19);
    assert_eq!(store.earlier(Some(5)).unwrap().set, set_of(&verified(5)));
    let error = store.earlier(Some(2)).unwrap_err().to_string();
    assert!(
        error.contains("revision 2") && error.contains("19"),
        "{error}"
    );
}

#[test]
fn gc_keeps_what_somebody_may_want_and_nothing_else() {
    let (_folder, store) = store();
    for version in 1..=3 {
        want(&store, version);
    }
    store.set_good(&store.wanted().unwrap()).unwrap();
    let candidate = verified(4);
    store.import(&candidate, now()).unwrap();
    let mut set = store.wanted().unwrap().set;
    set.get_mut(&name()).unwrap().candidate = Some(Candidate {
        pack: candidate.digest(),
        mode: CandidateMode::Canary("5%".parse::<Share>().unwrap()),
        granted: Vec::new(),
        older: false,
    });
    store.change(3, set, "tests", now()).unwrap();
    let nobodys = verified(5);
    store.import(&nobodys, now()).unwrap();
    fs::write(store.folder().join("blobs/sha256/x.part"), b"half").unwrap();
    let removed = store.gc().unwrap();
    let packs: Vec<_> = removed.packs.iter().map(|pack| pack.version).collect();
    assert_eq!(packs, [5]);
    // The components are those of the other versions.
    assert!(removed.blobs >= 3, "{removed:?}");
    for version in 1..=4 {
        let pack = verified(version).digest();
        store.load(pack, &trust(acme()), now()).unwrap();
    }
    let error = store
        .load(nobodys.digest(), &trust(acme()), now())
        .unwrap_err();
    assert!(matches!(error, StoreError::NotStored(_)), "{error}");
    assert!(!store.folder().join("blobs/sha256/x.part").exists());
    assert_eq!(store.gc().unwrap(), crate::Removed::default());
}

#[test]
fn the_set_is_written_as_documented() {
    let (_folder, store) = store();
    let pack = verified(1);
    store.import(&pack, now()).unwrap();
    let mut set = set_of(&pack);
    set.get_mut(&name()).unwrap().candidate = Some(Candidate {
        pack: pack.digest(),
        mode: CandidateMode::Canary("5%".parse().unwrap()),
        granted: Vec::new(),
        older: true,
    });
    let wanted = store.change(0, set, "alice", now()).unwrap();
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(store.folder().join("wanted.json")).unwrap()).unwrap();
    let pack = pack.digest().to_string();
    assert_eq!(
        json,
        serde_json::json!({
            "revision": 1,
            "set": { "acme/guards": {
                "pack": pack,
                "candidate": { "pack": pack, "mode": "canary:5%", "older": true },
            } },
            "by": "alice",
            "at": "2026-11-26T08:00:00Z",
        })
    );
    assert_eq!(store.wanted().unwrap(), wanted);
    for (text, good) in [
        ("observe", true),
        ("canary:100%", true),
        ("canary:", false),
        ("canary:101%", false),
        ("enforce", false),
    ] {
        assert_eq!(text.parse::<CandidateMode>().is_ok(), good, "{text}");
    }
}

#[test]
fn what_is_in_a_store_is_for_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, store) = store();
    want(&store, 1);
    let mode = |path: &str| {
        let found = fs::metadata(store.folder().join(path)).unwrap();
        found.permissions().mode() & 0o777
    };
    assert_eq!(mode(""), 0o700);
    assert_eq!(mode("packs"), 0o700);
    assert_eq!(mode("wanted.json"), 0o600);
    assert_eq!(mode("lock"), 0o600);
}
