//! Erasing what is kept: the entries stay, and say only that something was kept.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use gatewright_disk::{Access, Disk as _, Files, Lock, LockError, PART, Target, replace_with};
use gatewright_policy::{Digest, Timestamp};

use super::begun::Begun;
use super::erasure::{Erasure, erasures, note};
use super::file::{ENDING, Found, Heads, LOCK, files};

/// Locked by whoever erases, from before the first file to after the last.
const ERASING: &str = "erasing.lock";

/// A gate that is writing lets go within moments.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is to be erased: all that fits everything that is given.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What is kept of this decision.
    pub id: Option<String>,
    /// What is kept of calls that were received before.
    pub before: Option<Timestamp>,
    /// What is kept of calls of, or for, this one: [`agent`], [`principal`].
    ///
    /// [`agent`]: gatewright_policy::record::PayloadHead::agent
    /// [`principal`]: gatewright_policy::record::PayloadHead::principal
    pub who: Option<Digest>,
}

/// Why nothing, or not everything, was erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Everything would go.
    #[error("nothing says what to erase")]
    Everything,
    /// A file cannot be written again without it.
    #[error("`{path}` cannot be written again: {cause}", path = path.display())]
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// What stands in the way.
        cause: io::Error,
    },
    /// Somebody else has the folder, or nobody can have it.
    #[error("the payloads cannot be had alone: {cause}")]
    Busy {
        /// Why.
        cause: LockError,
    },
}

/// Erases what is wanted, and writes down that it was. A gate may be running. What is wanted
/// is written down first: what somebody who dies meanwhile left, or what an error stood in the
/// way of, is left to the next one, or to a gate.
pub fn erase(
    folder: &Path,
    wanted: &Wanted,
    (by, now): (&str, Timestamp),
) -> Result<Erasure, EraseError> {
    let erasure = Erasure {
        at: now,
        by: by.to_owned(),
        count: 0,
        failed: 0,
        id: wanted.id.clone(),
        before: wanted.before,
        who: wanted.who,
        more: false,
    };
    if !erasure.is_of_something() {
        return Err(EraseError::Everything);
    }
    let is_there = folder.try_exists();
    if !is_there.map_err(|cause| failed(folder, cause))? {
        return Ok(erasure);
    }
    let _alone = lock(&folder.join(ERASING), PATIENCE)?;
    end_what_is_left(folder)?;
    let newest = newest(folder).map_err(|cause| failed(folder, cause))?;
    let begun =
        Begun::new(folder, erasure, newest.max(now)).map_err(|cause| failed(folder, cause))?;
    go_on(folder, begun)
}

/// Ends an erasure that somebody began and did not end, unless whoever it is is at it still. To
/// be called again after an error, which may have passed then.
pub(super) fn end_what_was_begun(folder: &Path) -> Result<(), EraseError> {
    match lock(&folder.join(ERASING), Duration::ZERO) {
        Ok(_alone) => end_what_is_left(folder),
        Err(EraseError::Busy {
            cause: LockError::Busy,
        }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn end_what_is_left(folder: &Path) -> Result<(), EraseError> {
    let of_folder = |cause| failed(folder, cause);
    let Some(mut begun) = Begun::left(folder).map_err(of_folder)? else {
        return Ok(());
    };
    let noted = erasures(folder).map_err(of_folder)?;
    let noted = noted.last().filter(|noted| noted.is(begun.erasure()));
    match noted.map(|noted| noted.more) {
        // Whoever it was died at the very end: what fits now was kept later.
        Some(false) => return begun.end().map_err(of_folder).map(drop),
        Some(true) => begun.begin_again().map_err(of_folder)?,
        None => {}
    }
    go_on(folder, begun).map(drop)
}

fn go_on(folder: &Path, mut begun: Begun) -> Result<Erasure, EraseError> {
    let of_folder = |cause| failed(folder, cause);
    let erased = remove_parts(folder)
        .map_err(of_folder)
        .and_then(|()| erase_each(folder, &mut begun));
    // What is gone is gone, whatever stood in the way of the rest.
    let gone = begun.gone(erased.is_err());
    let is_something = gone.count > 0;
    if is_something {
        note(folder, gone).map_err(of_folder)?;
    }
    match erased {
        Ok(()) => begun.end().map_err(of_folder),
        Err(error) => {
            // It stays begun, and whoever looks next tries again.
            if is_something {
                begun.begin_again().map_err(of_folder)?;
            }
            Err(error)
        }
    }
}

/// Takes what is wanted out of each file, and counts it. What stands in the way of one file
/// does not stand in the way of the others: the first such error.
fn erase_each(folder: &Path, begun: &mut Begun) -> Result<(), EraseError> {
    let mut erased = Ok(());
    for (_, path) in files(folder).map_err(|cause| failed(folder, cause))? {
        let lock = lock(&folder.join(LOCK), PATIENCE)?;
        if let Err(cause) = erase_in(&path, begun) {
            erased = erased.and(Err(failed(&path, cause)));
        }
        drop(lock);
    }
    erased
}

/// Whoever died while a file was written again left half of another one, which nobody looks
/// into any more. INVARIANT: whoever erases is alone, and nobody else writes such a file.
fn remove_parts(folder: &Path) -> io::Result<()> {
    let within = format!("{ENDING}.");
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_part = path.extension().is_some_and(|ending| ending == PART);
        if is_part && name.contains(&within) {
            Files.remove(&path)?;
        }
    }
    Files.sync_folder(folder)
}

fn failed(path: &Path, cause: io::Error) -> EraseError {
    EraseError::Io {
        path: path.to_owned(),
        cause,
    }
}

fn lock(path: &Path, wait_max: Duration) -> Result<Lock, EraseError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path).map_err(LockError::Disk);
    let locked = file.and_then(|file| Lock::within(file, wait_max));
    locked.map_err(|cause| EraseError::Busy { cause })
}

/// Takes what is wanted out of one file, and writes down how much before it goes.
fn erase_in(path: &Path, begun: &mut Begun) -> io::Result<()> {
    let (wanted, others) = sorted(path, begun)?;
    if wanted == 0 {
        return Ok(());
    }
    begun.goes(path, wanted)?;
    let written = without(path, &others);
    // What fails before the new file is in its place takes nothing out of the old one.
    if written.is_err() && sorted(path, begun).is_ok_and(|(there, _)| there > 0) {
        begun.stays();
    }
    written
}

/// The time of the newest payload that is there and can be read.
fn newest(folder: &Path) -> io::Result<Timestamp> {
    let mut newest = Timestamp(0);
    for (first, path) in files(folder)? {
        newest = newest.max(first);
        // What stands in the way of a file is told of when something is to go out of it.
        let Ok(mut heads) = Heads::open(&path) else {
            continue;
        };
        while let Ok(Some(found)) = heads.next() {
            newest = newest.max(found.head.at);
        }
        newest = newest.max(heads.torn().map_or(Timestamp(0), |head| head.at));
    }
    Ok(newest)
}

/// How many payloads of a file are wanted, and the others.
fn sorted(path: &Path, wanted: &Begun) -> io::Result<(u64, Vec<Found>)> {
    let mut heads = match Heads::open(path) {
        Ok(heads) => heads,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((0, Vec::new())),
        Err(error) => return Err(error),
    };
    let (mut count, mut others) = (0, Vec::new());
    while let Some(found) = heads.next()? {
        match wanted.fits(&found.head) {
            true => count += 1,
            false => others.push(found),
        }
    }
    // It is left out of what is written again; the part that is there could be read.
    if heads.torn().is_some_and(|head| wanted.fits(head)) {
        count += 1;
    }
    Ok((count, others))
}

/// Leaves these payloads alone in a file. They are written anew and synced before the old file
/// goes.
fn without(path: &Path, others: &[Found]) -> io::Result<()> {
    if others.is_empty() {
        Files.remove(path)?;
        return Files.sync_folder(gatewright_disk::folder_of(path));
    }
    let mut old = File::open(path)?;
    replace_with(Target::new(path, Access::Owner), |writer| {
        for found in others {
            old.seek(SeekFrom::Start(found.from))?;
            io::copy(&mut (&mut old).take(found.length()), writer)?;
        }
        Ok(())
    })
}

// === impl Found ===

impl Found {
    /// Its line, its bytes, and the line feed.
    fn length(&self) -> u64 {
        (self.text_from - self.from) + self.bytes + 1
    }
}
