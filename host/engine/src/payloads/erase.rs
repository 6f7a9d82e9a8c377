//! Erasing what is kept: the entries stay, and say only that something was kept.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use gatewright_disk::{Access, Disk as _, Files, Lock, LockError, Target, replace, replace_with};
use gatewright_policy::record::PayloadHead;
use gatewright_policy::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use super::file::{Found, Heads, LOCK, files};

/// What was erased when, and by whom, a line for each time.
const ERASURES: &str = "erased.jsonl";

/// Longest line of it that is read.
const LINE_BYTES_MAX: u64 = 1 << 16;

/// A gate that is writing lets go within moments.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is to be erased: all that fits everything that is given.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What is kept of this decision.
    pub id: Option<String>,
    /// What is kept of calls that were received before.
    pub before: Option<Timestamp>,
    /// What is kept of calls of, or for, this one: [`PayloadHead::agent`],
    /// [`PayloadHead::principal`].
    pub who: Option<Digest>,
}

/// That something was erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// When.
    pub at: Timestamp,
    /// Who did it: a name for records.
    pub by: String,
    /// How many payloads.
    pub count: u64,
    /// The decision, if it was for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The time before which everything went, if it was for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
    /// Keyed digest of the agent or the principal, if it was for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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

/// Erases what is wanted, and writes down that it was. A gate may be running.
pub fn erase(
    folder: &Path,
    wanted: &Wanted,
    (by, now): (&str, Timestamp),
) -> Result<Erasure, EraseError> {
    if wanted.id.is_none() && wanted.before.is_none() && wanted.who.is_none() {
        return Err(EraseError::Everything);
    }
    let mut erasure = Erasure {
        at: now,
        by: by.to_owned(),
        count: 0,
        id: wanted.id.clone(),
        before: wanted.before,
        who: wanted.who,
    };
    let erased = erase_each(folder, wanted, &mut erasure.count);
    // What is gone is gone, whatever stood in the way of the rest.
    if erasure.count > 0 {
        let _alone = lock(folder)?;
        note(folder, &erasure).map_err(|cause| failed(folder, cause))?;
    }
    erased.map(|()| erasure)
}

/// Takes what is wanted out of each file, and counts it.
fn erase_each(folder: &Path, wanted: &Wanted, count: &mut u64) -> Result<(), EraseError> {
    for (_, path) in files(folder).map_err(|cause| failed(folder, cause))? {
        let lock = lock(folder)?;
        *count += erase_in(&path, wanted).map_err(|cause| failed(&path, cause))?;
        drop(lock);
    }
    Ok(())
}

fn failed(path: &Path, cause: io::Error) -> EraseError {
    EraseError::Io {
        path: path.to_owned(),
        cause,
    }
}

/// What was erased so far, oldest first.
pub fn erasures(folder: &Path) -> io::Result<Vec<Erasure>> {
    let file = match File::open(folder.join(ERASURES)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut reader = BufReader::new(file);
    let mut erasures = Vec::new();
    loop {
        let mut line = Vec::new();
        let mut limited = reader.by_ref().take(LINE_BYTES_MAX);
        if limited.read_until(b'\n', &mut line)? == 0 {
            return Ok(erasures);
        }
        erasures.extend(serde_json::from_slice::<Erasure>(&line).ok());
    }
}

fn lock(folder: &Path) -> Result<Lock, EraseError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(folder.join(LOCK)).map_err(LockError::Disk);
    let locked = file.and_then(|file| Lock::within(file, PATIENCE));
    locked.map_err(|cause| EraseError::Busy { cause })
}

/// Takes what is wanted out of one file; how much there was. What remains is written anew
/// and synced before the old file goes.
fn erase_in(path: &Path, wanted: &Wanted) -> io::Result<u64> {
    let mut heads = match Heads::open(path) {
        Ok(heads) => heads,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let (mut erased, mut others) = (0, Vec::new());
    while let Some(found) = heads.next()? {
        match wanted.fits(&found.head) {
            true => erased += 1,
            false => others.push(found),
        }
    }
    // It is left out of what is written again; the part that is there could be read.
    if heads.torn().is_some_and(|head| wanted.fits(head)) {
        erased += 1;
    }
    if erased == 0 {
        return Ok(0);
    }
    if others.is_empty() {
        Files.remove(path)?;
        Files.sync_folder(gatewright_disk::folder_of(path))?;
        return Ok(erased);
    }
    let mut old = File::open(path)?;
    replace_with(Target::new(path, Access::Owner), |writer| {
        for found in &others {
            old.seek(SeekFrom::Start(found.from))?;
            io::copy(&mut (&mut old).take(found.length()), writer)?;
        }
        Ok(())
    })?;
    Ok(erased)
}

fn note(folder: &Path, erasure: &Erasure) -> io::Result<()> {
    let path = folder.join(ERASURES);
    let mut lines = match std::fs::read(&path) {
        Ok(lines) => lines,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    lines.extend(serde_json::to_vec(erasure)?);
    lines.push(b'\n');
    replace(&Files, Target::new(&path, Access::Owner), &lines)
}

// === impl Wanted ===

impl Wanted {
    fn fits(&self, head: &PayloadHead) -> bool {
        self.id.as_ref().is_none_or(|id| *id == head.id)
            && self.before.is_none_or(|before| head.at < before)
            && self.who.is_none_or(|who| head.who.contains(&who))
    }
}

// === impl Found ===

impl Found {
    /// Its line, its bytes, and the line feed.
    fn length(&self) -> u64 {
        (self.text_from - self.from) + self.bytes + 1
    }
}
