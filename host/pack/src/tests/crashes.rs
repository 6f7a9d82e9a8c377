//! A store whose process dies after each step in turn. A write that was under
//! way is half there.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gatewright_disk::{Access, Disk, Files};

use super::fixture::{acme, now, trust, verified};
use super::stores::{name, set_of};
use crate::{Store, VerifiedPack};

/// Does so many steps and then none.
struct Dying {
    left: AtomicUsize,
}

// === impl Dying ===

impl Dying {
    fn step(&self) -> io::Result<()> {
        let before = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                Some(left.saturating_sub(1))
            });
        match before {
            Ok(0) | Err(_) => Err(io::Error::other("the process died")),
            Ok(_) => Ok(()),
        }
    }
}

impl Disk for Dying {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| Files.create_folder(path))
    }

    fn write(&self, path: &Path, access: Access, bytes: &[u8]) -> io::Result<()> {
        let died = self.step();
        let there = match died {
            Ok(()) => bytes,
            Err(_) => &bytes[..bytes.len() / 2],
        };
        // Only the write that was under way; none after it.
        if died.is_ok() || !path.exists() {
            Files.write(path, access, there)?;
        }
        died
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step().and_then(|()| Files.rename(from, to))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| Files.sync_folder(path))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| Files.remove(path))
    }
}

/// A store in which version 1 is wanted and good.
fn first(folder: &Path) -> VerifiedPack {
    let store = Store::open(folder).unwrap();
    let pack = verified(1);
    store.import(&pack, now()).unwrap();
    let wanted = store.change(0, set_of(&pack), "tests", now()).unwrap();
    store.set_good(&wanted).unwrap();
    pack
}

/// Runs a change that dies after each step until it does not die any more; in
/// between, `check` sees the store after a restart. Gives the number of steps.
fn dying_at_each_step(
    change: impl Fn(&Store) -> Result<(), crate::StoreError>,
    check: impl Fn(&Store, bool),
) -> usize {
    for steps in 0..1_000 {
        let folder = tempfile::tempdir().unwrap();
        first(folder.path());
        let disk = Arc::new(Dying {
            // Three for opening it.
            left: AtomicUsize::new(3 + steps),
        });
        let dying = Store::on(folder.path().to_owned(), disk).unwrap();
        let done = change(&dying).is_ok();
        let restarted = Store::open(folder.path()).unwrap();
        check(&restarted, done);
        if done {
            return steps;
        }
    }
    panic!("it does not end");
}

/// What is wanted is version 1 or version 2, whole, and so is what was good.
fn old_or_new(store: &Store) -> u64 {
    let wanted = store.wanted().unwrap();
    let pack = wanted.set[&name()].pack;
    let loaded = store.load(pack, &trust(acme()), now()).unwrap();
    let version = loaded.manifest().version;
    assert_eq!(wanted.revision, version, "{wanted:?}");
    assert_eq!(wanted.set, set_of(&verified(version)));
    let good = store.good().unwrap().unwrap();
    store
        .load(good.set[&name()].pack, &trust(acme()), now())
        .unwrap();
    assert!(store.seen(&name()).unwrap() >= Some(version));
    for pack in store.list().unwrap() {
        store.load(pack.pack, &trust(acme()), now()).unwrap();
    }
    version
}

#[test]
fn a_crash_at_any_point_of_an_import_leaves_the_store_whole() {
    let second = verified(2);
    let steps = dying_at_each_step(
        |store| store.import(&second, now()).map(drop),
        |store, done| {
            assert_eq!(old_or_new(store), 1);
            let is_there = store.find(second.digest()).unwrap().is_some();
            assert!(is_there || !done);
            // A version that is here was seen.
            assert!(!is_there || store.seen(&name()).unwrap() == Some(2));
            // It can be done again, and cleaned up.
            store.import(&second, now()).unwrap();
            store.gc().unwrap();
            assert_eq!(old_or_new(store), 1);
        },
    );
    assert!(steps > 10, "{steps}");
}

#[test]
fn a_crash_at_any_point_of_an_activation_leaves_the_old_set_or_the_new_one() {
    let second = verified(2);
    let steps = dying_at_each_step(
        |store| {
            store.import(&second, now())?;
            let wanted = store.change(1, set_of(&second), "tests", now())?;
            store.set_good(&wanted)
        },
        |store, done| {
            let version = old_or_new(store);
            assert!(version == 2 || !done);
            // Going on from there works.
            store.import(&second, now()).unwrap();
            if version == 1 {
                assert!(store.history().unwrap().is_empty());
                store.change(1, set_of(&second), "tests", now()).unwrap();
            }
            assert_eq!(old_or_new(store), 2);
            assert_eq!(store.earlier(None).unwrap().revision, 1);
            store.gc().unwrap();
            assert_eq!(old_or_new(store), 2);
        },
    );
    assert!(steps > 16, "{steps}");
}

#[test]
fn a_crash_at_any_point_of_gc_leaves_what_is_wanted() {
    let (second, third) = (verified(2), verified(3));
    let steps = dying_at_each_step(
        |store| {
            let whole = Store::open(store.folder())?;
            whole.import(&second, now())?;
            whole.import(&third, now())?;
            store.gc().map(drop)
        },
        |store, done| {
            assert_eq!(old_or_new(store), 1);
            assert!(!done || store.list().unwrap().len() == 1);
            store.gc().unwrap();
            assert_eq!(store.list().unwrap().len(), 1);
            assert_eq!(old_or_new(store), 1);
        },
    );
    assert!(steps > 4, "{steps}");
}
