//! What is wanted, what was good, and what was wanted before.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use gatewright_policy::{Digest, Timestamp};

use super::{Store, StoreError, WANTED_FILE, Wanted, WantedPack};
use crate::name::PackName;

/// Sets that are kept for going back.
pub const HISTORY_MAX: usize = 16;

/// Packs of one name that are remembered as gone back from: the latest.
const WENT_BACK_MAX: usize = 256;

/// The file that says what was gone back from.
const WENT_BACK_FILE: &str = "went-back.json";

type WentBack = BTreeMap<PackName, Vec<Digest>>;

// === impl Store ===

impl Store {
    /// The set that the gate should run.
    pub fn wanted(&self) -> Result<Wanted, StoreError> {
        let wanted = self.read(&self.folder.join(WANTED_FILE))?;
        Ok(wanted.unwrap_or_else(Wanted::nothing))
    }

    /// Wants another set, if the revision is still the one that the caller saw.
    /// Every pack of it must be in the store. Gives what is wanted now. The same
    /// set again changes nothing.
    pub fn change(
        &self,
        seen_revision: u64,
        set: BTreeMap<PackName, WantedPack>,
        by: &str,
        now: Timestamp,
    ) -> Result<Wanted, StoreError> {
        let _lock = self.lock()?;
        let before = self.wanted()?;
        if before.revision != seen_revision {
            return Err(StoreError::Moved {
                expected: seen_revision,
                revision: before.revision,
                by: before.by,
                at: before.at,
            });
        }
        if before.set == set {
            return Ok(before);
        }
        let wanted = Wanted {
            revision: before.revision.saturating_add(1),
            set,
            by: by.to_owned(),
            at: now.to_string(),
        };
        self.check_stored(&wanted)?;
        self.note_went_back(&before, &wanted)?;
        if before.revision > 0 {
            self.write(&self.history_path(before.revision), &before)?;
            self.forget_old()?;
        }
        self.write(&self.folder.join(WANTED_FILE), &wanted)?;
        Ok(wanted)
    }

    /// Whether this pack was wanted, and then an older version in its place. It
    /// stays so until the pack is wanted again.
    pub fn went_back_from(&self, name: &PackName, pack: Digest) -> Result<bool, StoreError> {
        let all: WentBack = self.read(&self.went_back_path())?.unwrap_or_default();
        Ok(all.get(name).is_some_and(|packs| packs.contains(&pack)))
    }

    /// Before the set is replaced: what a crash leaves is noted and still wanted.
    fn note_went_back(&self, before: &Wanted, after: &Wanted) -> Result<(), StoreError> {
        let old: WentBack = self.read(&self.went_back_path())?.unwrap_or_default();
        let mut all = old.clone();
        let version = |pack| Ok(self.find(pack)?.map(|stored| stored.version));
        for (name, wanted) in &after.set {
            let packs = all.entry(name.clone()).or_default();
            packs.retain(|pack| *pack != wanted.pack);
            let Some(left) = before.set.get(name).map(|before| before.pack) else {
                continue;
            };
            if left != wanted.pack && version(wanted.pack)? <= version(left)? {
                packs.push(left);
            }
            let excess = packs.len().saturating_sub(WENT_BACK_MAX);
            packs.drain(..excess);
        }
        all.retain(|_, packs| !packs.is_empty());
        match all == old {
            true => Ok(()),
            false => self.write(&self.went_back_path(), &all),
        }
    }

    fn went_back_path(&self) -> PathBuf {
        self.folder.join(WENT_BACK_FILE)
    }

    /// The last set that the gate ran.
    pub fn good(&self) -> Result<Option<Wanted>, StoreError> {
        self.read(&self.folder.join("good.json"))
    }

    /// Says that the gate runs this set. For the gate, once that is recorded.
    pub fn set_good(&self, set: &Wanted) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        self.write(&self.folder.join("good.json"), set)
    }

    /// Sets that were wanted before, the latest first.
    pub fn history(&self) -> Result<Vec<Wanted>, StoreError> {
        let mut sets = Vec::new();
        // One that a crash left behind is the set that is wanted still.
        let current = self.wanted()?.revision;
        for revision in self.revisions()? {
            if revision != current {
                sets.extend(self.read(&self.history_path(revision))?);
            }
        }
        Ok(sets)
    }

    /// The set of a revision, or the one before the set that is wanted.
    pub fn earlier(&self, revision: Option<u64>) -> Result<Wanted, StoreError> {
        let sets = self.history()?;
        let known: Vec<_> = sets.iter().map(|set| set.revision.to_string()).collect();
        let mut sets = sets.into_iter();
        let found = match revision {
            Some(revision) => sets.find(|set| set.revision == revision),
            None => sets.next(),
        };
        found.ok_or_else(|| StoreError::NoRevision {
            revision: revision.map_or_else(|| "before".to_owned(), |number| number.to_string()),
            known: match known.is_empty() {
                true => "none".to_owned(),
                false => known.join(", "),
            },
        })
    }

    fn check_stored(&self, wanted: &Wanted) -> Result<(), StoreError> {
        for (name, pack) in wanted.packs() {
            let stored = self.find(pack)?.ok_or(StoreError::NotStored(pack))?;
            if stored.name != *name {
                return Err(StoreError::OtherName {
                    pack,
                    expected: name.to_string(),
                    found: stored.name.to_string(),
                });
            }
        }
        Ok(())
    }

    /// The revisions in the history, the latest first.
    fn revisions(&self) -> Result<Vec<u64>, StoreError> {
        let folder = self.folder.join("history");
        let unreadable = |error| StoreError::disk(&folder, error);
        let mut revisions = Vec::new();
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".json"));
            revisions.extend(number.and_then(|number| number.parse::<u64>().ok()));
        }
        revisions.sort_unstable_by(|one, other| other.cmp(one));
        Ok(revisions)
    }

    fn forget_old(&self) -> Result<(), StoreError> {
        for revision in self.revisions()?.into_iter().skip(HISTORY_MAX) {
            let path = self.history_path(revision);
            self.disk
                .remove(&path)
                .map_err(|error| StoreError::disk(&path, error))?;
        }
        Ok(())
    }

    fn history_path(&self, revision: u64) -> PathBuf {
        self.folder.join("history").join(format!("{revision}.json"))
    }
}
