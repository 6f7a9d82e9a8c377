//! The tree of a ledger at a start: made again from its tiles and the newest segment, and
//! held against the checkpoint that was signed last.

use std::fs;
use std::io;
use std::path::Path;

use gatewright_disk::{Access, Files};
use gatewright_evidence::{
    Checkpoint, CheckpointError, Hash, LogKey, Nodes as _, TileFolder, Tree, rotation,
};

use super::key::{self, NoKey};
use super::open_error::LedgerOpenError;
use super::past::Past;
use super::segment::sealed_path;
use super::tree::{LedgerTree, older_tree_folder, read_checkpoint, tree_folder};

/// What a start knows of the entries in the newest segment.
pub(super) struct Read<'a> {
    pub(super) past: &'a Past,
    /// Their hashes.
    pub(super) entries: &'a [Hash],
}

/// A tree that fits what was read.
pub(super) struct Fitting {
    tree: LedgerTree,
    /// Its key follows another one, as this note says, and that is not finished yet.
    follows: Option<String>,
}

/// The tree of the ledger at this path that fits what was read, brought up to it. Begins one
/// where there never was any: a key is made then, for a log of this name.
pub(super) fn open(
    path: &Path,
    name: Option<&str>,
    read: &Read<'_>,
    fitting: Option<Fitting>,
) -> Result<LedgerTree, LedgerOpenError> {
    let unfit = |problem: String| LedgerOpenError::Tree {
        path: path.to_owned(),
        problem,
    };
    let failed = |error: io::Error| unfit(error.to_string());
    if let Some(Fitting { mut tree, follows }) = fitting {
        same_name(path, &tree, name)?;
        tree.compare().map_err(failed)?;
        if let Some(note) = &follows {
            tree.put_rotation(note).map_err(failed)?;
        }
        tree.write().map_err(failed)?;
        // What others verify with may be gone, or of the key before.
        tree.publish_key().map_err(failed)?;
        if follows.is_some() {
            // The last of it: until then the next opening does it all again.
            key::promote(path).map_err(failed)?;
        }
        return Ok(tree);
    }
    let key = match key::known(path).map_err(|error| unfit(error.to_string()))? {
        Some(key) => key,
        None => key::make(path, name).map_err(|error| unfit(error.to_string()))?,
    };
    let folder = tree_folder(path);
    Files
        .create_folders(&folder, Access::Owner)
        .map_err(failed)?;
    let first = read.past.first_sequence;
    let mut tree = LedgerTree::new(folder, key, first, Tree::default());
    same_name(path, &tree, name)?;
    tree.grow(read.entries.iter().copied());
    tree.publish_key().map_err(failed)?;
    tree.write().map_err(failed)?;
    Ok(tree)
}

/// The tree that is there, if it fits what was read; none where there never was one.
pub(super) fn check(path: &Path, read: &Read<'_>) -> Result<Option<Fitting>, LedgerOpenError> {
    let found = fitting(path, read);
    found.map_err(|problem| LedgerOpenError::Tree {
        path: path.to_owned(),
        problem,
    })
}

/// Begins the tree of the ledger at this path with this entry, and signs that: a start that
/// finds a key finds its tree. Does nothing where there is no key yet.
pub(super) fn begin(path: &Path, first: u64) -> io::Result<()> {
    let Some(key) = key::known(path).map_err(io::Error::other)? else {
        return Ok(());
    };
    let folder = tree_folder(path);
    Files.create_folders(&folder, Access::Owner)?;
    let mut tree = LedgerTree::new(folder, key, first, Tree::default());
    tree.publish_key()?;
    tree.write()
}

/// Lets another tree begin with this entry: the one that is there is put aside, and so is a
/// key that is none.
pub(super) fn put_aside(path: &Path, first: u64) -> io::Result<()> {
    let moved = fs::rename(tree_folder(path), older_tree_folder(path, first));
    gone_is_fine(moved)?;
    if let Err(NoKey::Unfit { path: key, .. }) = key::known(path) {
        gone_is_fine(fs::rename(&key, sealed_path(&key, first)))?;
    }
    Ok(())
}

fn gone_is_fine(moved: io::Result<()>) -> io::Result<()> {
    match moved {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        moved => moved,
    }
}

/// A log keeps its name as long as its key.
fn same_name(path: &Path, tree: &LedgerTree, name: Option<&str>) -> Result<(), LedgerOpenError> {
    let public = tree.public_key();
    let is = public.split('+').next().unwrap_or_default();
    match name {
        Some(name) if name != is => Err(LedgerOpenError::Origin {
            path: path.to_owned(),
            is: is.to_owned(),
            wanted: name.to_owned(),
        }),
        _same => Ok(()),
    }
}

fn fitting(path: &Path, read: &Read<'_>) -> Result<Option<Fitting>, String> {
    let folder = tree_folder(path);
    let known = key::known(path).map_err(|error| error.to_string())?;
    let note = read_checkpoint(&folder).map_err(|error| error.to_string())?;
    let Some(note) = note else {
        // Whoever signed for entries had a tree of them: a key without one, beside entries,
        // would sign for whatever they are now. `begin` leaves none.
        let is_signed = read.past.key.is_some() || known.is_some() && read.past.length > 0;
        return match is_signed {
            false => Ok(None),
            true => Err(format!("`{}` is gone", folder.display())),
        };
    };
    let Some(key) = known else {
        return Err(format!("`{}` is gone", key::key_path(path).display()));
    };
    let next = next(path, read, &key)?;
    let mut checkpoint = Checkpoint::open(&note, &key);
    if let (Err(CheckpointError::Signature), Some(next)) = (&checkpoint, &next) {
        checkpoint = Checkpoint::open(&note, next);
    }
    let checkpoint =
        checkpoint.map_err(|error| format!("its checkpoint cannot be used: {error}"))?;
    let follows = next.as_ref().map(|next| rotation(&key, next));
    let follows = follows.transpose().map_err(|error| error.to_string())?;
    let mut tree = grown(read, &checkpoint, next.unwrap_or(key), &folder)?;
    if follows.is_some() {
        // The key that follows signs for what is there.
        tree.was_signed(0);
    }
    Ok(Some(Fitting { tree, follows }))
}

/// The key that follows the one beside the ledger, if the ledger says so already.
fn next(path: &Path, read: &Read<'_>, key: &LogKey) -> Result<Option<LogKey>, String> {
    let Some(recorded) = &read.past.key else {
        return Ok(None);
    };
    if *recorded == key.public_text() {
        return Ok(None);
    }
    let next = key::next(path).map_err(|error| error.to_string())?;
    match next {
        Some(next) if *recorded == next.public_text() => Ok(Some(next)),
        Some(_) | None => Err("the key beside it is another one than it says".to_owned()),
    }
}

fn grown(
    read: &Read<'_>,
    checkpoint: &Checkpoint,
    key: LogKey,
    folder: &Path,
) -> Result<LedgerTree, String> {
    let first = checkpoint
        .first_of(key.name())
        .ok_or_else(|| "its checkpoint is of another log".to_owned())?;
    let sequence = read.past.first_sequence;
    let before = sequence
        .checked_sub(first)
        .filter(|before| *before <= checkpoint.size)
        .ok_or_else(|| {
            let end = first.saturating_add(checkpoint.size);
            format!(
                "it begins with sequence {sequence}, and entries from {first} to {end} were signed"
            )
        })?;
    let mut tiles = TileFolder::new(folder);
    let tree = Tree::resume(before, |level, index| tiles.hash(level, index))
        .map_err(|error| error.to_string())?;
    let signed = usize::try_from(checkpoint.size - before).unwrap_or(usize::MAX);
    let Some((signed, more)) = read.entries.split_at_checked(signed) else {
        let (there, end) = (
            read.past.next_sequence,
            first.saturating_add(checkpoint.size),
        );
        return Err(format!(
            "entries from sequence {there} on are missing: those before {end} were signed"
        ));
    };
    let mut grown = LedgerTree::new(folder.to_owned(), key, first, tree);
    grown.grow(signed.iter().copied());
    if grown.root() != checkpoint.root {
        return Err(changed(signed, sequence, before, &mut tiles));
    }
    grown.grow(more.iter().copied());
    grown.was_signed(checkpoint.size);
    Ok(grown)
}

/// Which entry is not the one that was signed, as far as the tiles tell.
fn changed(entries: &[Hash], sequence: u64, before: u64, tiles: &mut TileFolder) -> String {
    for (at, entry) in (0..).zip(entries) {
        let signed = tiles.hash(0, before + at);
        if signed.is_ok_and(|signed| signed != *entry) {
            let (line, sequence) = (at + 1, sequence + at);
            return format!("line {line} (sequence {sequence}) is not what was signed");
        }
    }
    "its tiles are not those that were signed".to_owned()
}
