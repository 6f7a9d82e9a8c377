//! The tree over the entries of a ledger, in the folder beside it: tiles, and signed
//! checkpoints. A checkpoint speaks only of entries that are on disk.
//!
//! Tiles of the newest segment are not synced, because a start makes them again from its
//! entries. They are before a new segment is put in force, from which nothing before it is
//! read again.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use gatewright_disk::{Access, Disk as _, Files, PART, Target, folder_of, replace};
use gatewright_evidence::{Checkpoint, Hash, LogKey, Tile, TileFolder, Tree};

use super::disk::beside;

/// The latest checkpoint, where C2SP `tlog-tiles` has it.
const CHECKPOINT: &str = "checkpoint";

/// The folder of those that were made when a segment was sealed.
const CHECKPOINTS: &str = "checkpoints";

/// The folder of notes about keys that followed one another.
const ROTATIONS: &str = "keys";

/// What checkpoints are verified with.
const PUBLIC_KEY: &str = "key.pub";

/// Digits of a size in a name, so that names sort as their sizes do.
const DIGITS: usize = 12;

/// The tree of a ledger.
pub(super) struct LedgerTree {
    folder: PathBuf,
    key: LogKey,
    /// The sequence of its first entry.
    first: u64,
    tree: Tree,
    /// Entries that the checkpoint on disk is over.
    signed: u64,
    /// Tiles that are full and not written yet.
    unwritten: Vec<(PathBuf, Vec<Hash>)>,
    /// Tiles that became full since a segment was sealed.
    full: Vec<Tile>,
    /// What was written since then.
    unsynced: BTreeSet<PathBuf>,
    /// What there is of tiles that are not full.
    partial: BTreeSet<PathBuf>,
    /// Those of them that a start needs.
    sealed: BTreeSet<PathBuf>,
}

// === impl LedgerTree ===

impl LedgerTree {
    /// A tree as it is when the segment begins that is read, in its folder.
    pub(super) fn new(folder: PathBuf, key: LogKey, first: u64, tree: Tree) -> Self {
        let mut grown = Self {
            folder,
            key,
            first,
            signed: 0,
            unwritten: Vec::new(),
            full: Vec::new(),
            unsynced: BTreeSet::new(),
            partial: BTreeSet::new(),
            sealed: BTreeSet::new(),
            tree,
        };
        grown.sealed = grown.paths_of_partial();
        grown
    }

    /// Its key, as those need it who verify.
    pub(super) fn public_key(&self) -> String {
        self.key.public_text()
    }

    /// The sequence after the last entry that is signed for.
    pub(super) const fn signed_until(&self) -> u64 {
        self.first.saturating_add(self.signed)
    }

    pub(super) fn root(&self) -> Hash {
        self.tree.root()
    }

    /// Its checkpoint on disk is over this many entries.
    pub(super) const fn was_signed(&mut self, size: u64) {
        self.signed = size;
    }

    /// Whether everything that it holds is on disk.
    pub(super) const fn is_written(&self) -> bool {
        self.unwritten.is_empty() && self.signed == self.tree.size()
    }

    /// Adds entries. [`LedgerTree::write`] must follow before more are added.
    pub(super) fn grow(&mut self, entries: impl IntoIterator<Item = Hash>) {
        for entry in entries {
            let (unwritten, full) = (&mut self.unwritten, &mut self.full);
            self.tree.append(entry, |tile| {
                unwritten.push((tile.tile.path(), tile.hashes));
                full.push(tile.tile);
            });
        }
    }

    /// Forgets to write what is there already.
    pub(super) fn compare(&mut self) -> io::Result<()> {
        let there = TileFolder::new(&self.folder);
        let mut missing = Vec::new();
        let tiles = self.full.iter().zip(std::mem::take(&mut self.unwritten));
        for (tile, (path, hashes)) in tiles {
            if there.row(*tile)? != hashes {
                missing.push((path, hashes));
            } else {
                self.unsynced.insert(path);
            }
        }
        self.unwritten = missing;
        Ok(())
    }

    /// Writes the tiles of what was added, and then the checkpoint.
    pub(super) fn write(&mut self) -> io::Result<()> {
        if !self.folder.is_dir() {
            // It is not made again: whoever moved it may put it back.
            let problem = format!("`{}` is gone", self.folder.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, problem));
        }
        while let Some((path, hashes)) = self.unwritten.last() {
            write_tile(&self.folder.join(path), hashes)?;
            self.unsynced.insert(path.clone());
            self.unwritten.pop();
        }
        let rows = self.tree.partial();
        for (tile, hashes) in rows {
            let path = tile.partial_path(hashes.len());
            if !self.partial.contains(&path) {
                write_tile(&self.folder.join(&path), hashes)?;
                self.unsynced.insert(path.clone());
                self.partial.insert(path);
            }
        }
        if self.signed != self.tree.size() || !self.folder.join(CHECKPOINT).exists() {
            self.put(Path::new(CHECKPOINT), &self.checkpoint())?;
            self.signed = self.tree.size();
        }
        self.remove_older_partial();
        Ok(())
    }

    /// Puts on disk what was written so far. Calls wait while a segment is sealed: what is
    /// synced before is not synced then.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        let mut folders = BTreeSet::new();
        for path in &self.unsynced {
            let path = self.folder.join(path);
            File::open(&path)?.sync_all()?;
            folders.insert(folder_of(&path).to_owned());
        }
        for folder in folders {
            Files.sync_folder(&folder)?;
        }
        self.unsynced.clear();
        Ok(())
    }

    /// Makes sure that no start has to read what came before: everything of it is on disk,
    /// and a checkpoint of its own says so.
    pub(super) fn seal(&mut self) -> io::Result<()> {
        self.write()?;
        self.sync()?;
        let name = format!("{:0DIGITS$}", self.tree.size());
        self.put(&Path::new(CHECKPOINTS).join(name), &self.checkpoint())?;
        self.sealed = self.paths_of_partial();
        for tile in std::mem::take(&mut self.full) {
            // All of it is in the full one.
            remove(fs::remove_dir_all(self.folder.join(tile.partial_folder())));
        }
        Ok(())
    }

    /// Writes that its key follows another one: a note that both signed.
    pub(super) fn put_rotation(&self, note: &str) -> io::Result<()> {
        let name = format!("{:0DIGITS$}", self.tree.size());
        self.put(&Path::new(ROTATIONS).join(name), note)
    }

    /// Writes what everybody may know of the key.
    pub(super) fn publish_key(&self) -> io::Result<()> {
        let text = format!("{}\n", self.key.public_text());
        let there = fs::read_to_string(self.folder.join(PUBLIC_KEY));
        if there.is_ok_and(|there| there == text) {
            return Ok(());
        }
        self.put(Path::new(PUBLIC_KEY), &text)
    }

    fn checkpoint(&self) -> String {
        let checkpoint = Checkpoint {
            origin: Checkpoint::origin_of(self.key.name(), self.first),
            size: self.tree.size(),
            root: self.tree.root(),
        };
        checkpoint.signed(&self.key)
    }

    fn put(&self, name: &Path, text: &str) -> io::Result<()> {
        let path = self.folder.join(name);
        Files.create_folder(folder_of(&path))?;
        replace(&Files, Target::new(&path, Access::Owner), text.as_bytes())
    }

    fn paths_of_partial(&self) -> BTreeSet<PathBuf> {
        let rows = self.tree.partial();
        rows.map(|(tile, hashes)| tile.partial_path(hashes.len()))
            .collect()
    }

    fn remove_older_partial(&mut self) {
        let now = self.paths_of_partial();
        let sealed = &self.sealed;
        let is_older = |path: &PathBuf| !now.contains(path) && !sealed.contains(path);
        let older = self.partial.iter().filter(|path| is_older(path));
        for path in older.cloned().collect::<Vec<_>>() {
            remove(fs::remove_file(self.folder.join(&path)));
            self.partial.remove(&path);
            self.unsynced.remove(&path);
        }
    }
}

/// The folder of the tree of the ledger at this path.
pub(super) fn tree_folder(ledger: &Path) -> PathBuf {
    beside(ledger, ".tree")
}

/// Where it is put when another one begins, with this entry.
pub(super) fn older_tree_folder(ledger: &Path, first: u64) -> PathBuf {
    let place = format!(".tree.{first:0DIGITS$}");
    let mut free = beside(ledger, &place);
    // Another one began with this entry already, and did not get further.
    for again in 2_u32.. {
        if !free.exists() {
            break;
        }
        free = beside(ledger, &format!("{place}-{again}"));
    }
    free
}

/// The checkpoint in the folder of a tree; none where there is none.
pub(super) fn read_checkpoint(folder: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(folder.join(CHECKPOINT)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A reader sees a tile whole.
fn write_tile(path: &Path, hashes: &[Hash]) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(hashes.len() * 32);
    for hash in hashes {
        bytes.extend_from_slice(hash.as_bytes());
    }
    Files.create_folder(folder_of(path))?;
    let mut part = path.as_os_str().to_owned();
    part.push(".");
    part.push(PART);
    fs::write(&part, bytes)?;
    fs::rename(&part, path)
}

/// What is left of a tile that nobody needs any more does no harm.
fn remove(removed: io::Result<()>) {
    if let Err(error) = removed
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "a part of a tile that is full is left beside the ledger");
    }
}
