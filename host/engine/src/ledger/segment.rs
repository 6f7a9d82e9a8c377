//! Segments: the newest file is the ledger at its path, the older ones lie beside
//! it, are never written again, and are named after their first entry.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use gatewright_evidence::Hash;
use gatewright_policy::Timestamp;
use gatewright_policy::agent::Row;
use gatewright_policy::record::{Event, LINE_BYTES_MAX, RECORD_VERSION, RecordKeys, Unplaced};
use gatewright_policy::segment::{Continued, LedgerEvent, Previous};

use super::disk::{beside, open_private, sync_folder};
use super::past::Past;

/// Budgets in one entry.
const BUDGETS_MAX: usize = 64;

/// Agents, and other rows of the same kind, in one entry.
const AGENTS_MAX: usize = 128;

/// Bytes of definitions of tools in one entry.
const DEFINITIONS_BYTES_MAX: usize = 512 << 10;

/// Digits of the sequence in a name, so that names sort as their segments do.
const DIGITS: usize = 12;

/// What is about to be done; a crash may come before any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Write,
    Link,
    SyncLink,
    Rename,
    SyncRename,
}

/// Called before each step; an error stops there.
pub(super) type Before<'a> = &'a mut dyn FnMut(Step) -> io::Result<()>;

/// A segment that waits to be put in force.
pub(super) struct Next {
    pub(super) file: File,
    /// Bytes in it.
    pub(super) length: u64,
    /// The sequence of the entry after its last.
    pub(super) sequence: u64,
    /// The hash of each of its entries.
    pub(super) entries: Vec<Hash>,
}

/// Why a new segment is not in force.
pub(super) enum NotBegun {
    /// Everything is as before.
    Undone(io::Error),
    /// Nobody knows what a crash would leave.
    Unknown(io::Error),
}

/// The segments beside the ledger at `path`, oldest first, each with the sequence
/// of its first entry.
pub fn sealed_segments(path: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let Some(name) = path.file_name() else {
        return Ok(Vec::new());
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder.unwrap_or(Path::new(".")))? {
        let entry = entry?;
        let (file, name) = (entry.file_name(), name.as_encoded_bytes());
        let digits = file
            .as_encoded_bytes()
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix(b"."))
            .filter(|digits| digits.len() >= DIGITS && digits.iter().all(u8::is_ascii_digit));
        let first = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        found.extend(first.map(|first: u64| (first, entry.path())));
    }
    found.sort();
    Ok(found)
}

/// Where the segment that begins with this entry is put when it is sealed.
pub(super) fn sealed_path(path: &Path, first: u64) -> PathBuf {
    beside(path, &format!(".{first:0DIGITS$}"))
}

/// Clears away what a crash left of a segment that was never in force.
pub(super) fn undo(path: &Path, file: &File) -> io::Result<()> {
    discard(path)?;
    let open = file.metadata()?;
    if open.nlink() < 2 {
        return Ok(());
    }
    for (_, sealed) in sealed_segments(path)? {
        let found = fs::metadata(&sealed)?;
        if (found.dev(), found.ino()) == (open.dev(), open.ino()) {
            fs::remove_file(&sealed)?;
        }
    }
    Ok(())
}

/// Removes a segment that is not to be put in force, if there is one: it says
/// nothing that the ledger does not say.
pub(super) fn discard(path: &Path) -> io::Result<()> {
    match fs::remove_file(next_path(path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Writes the segment that follows `past`, beside the ledger, for this gate alone.
pub(super) fn write(
    path: &Path,
    past: &Past,
    keys: &RecordKeys,
    previous: Option<Previous>,
    at: Timestamp,
    more: Vec<LedgerEvent>,
    before: Before<'_>,
) -> io::Result<Next> {
    before(Step::Write)
        .and_then(|()| write_next(path, past, keys, previous, at, more))
        .map_err(|error| given_up(path, error))
}

/// Rows that go into one line each: so many, and not too long.
fn in_lines(rows: &[Row]) -> Vec<&[Row]> {
    let length = |row: &Row| match row {
        Row::Tool(tool) => tool.definition.len(),
        Row::Agent(_) | Row::Owner(_) | Row::Issuer(_) | Row::Revoked(_) => 0,
    };
    let mut lines = Vec::new();
    let mut rest = rows;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = rest.iter().take(AGENTS_MAX).take_while(|row| {
            bytes += length(row);
            bytes <= DEFINITIONS_BYTES_MAX
        });
        let (line, after) = rest.split_at(fits.count().max(1).min(rest.len()));
        lines.push(line);
        rest = after;
    }
    lines
}

fn write_next(
    path: &Path,
    past: &Past,
    keys: &RecordKeys,
    previous: Option<Previous>,
    at: Timestamp,
    more: Vec<LedgerEvent>,
) -> io::Result<Next> {
    let sessions = past.sessions.carried(at, keys);
    let budgets = past.quotas.carried(at);
    let budgets = budgets.chunks(BUDGETS_MAX);
    let agents = past.agents.rows(at);
    let agents = in_lines(&agents);
    let approvals = past.approvals.carried(at);
    let first = LedgerEvent::Continued(Continued {
        previous,
        generation: past.generation,
        latest: at,
        carried: (sessions.len() + budgets.len() + agents.len() + approvals.len()) as u64,
        record: Some(RECORD_VERSION),
        key: past.key.clone(),
    });
    let events = std::iter::once(first)
        .chain(sessions.into_iter().map(LedgerEvent::CarriedSession))
        .chain(budgets.map(|budgets| LedgerEvent::CarriedBudgets {
            budgets: budgets.to_vec(),
        }))
        .chain(agents.into_iter().map(|rows| LedgerEvent::CarriedAgents {
            rows: rows.to_vec(),
        }))
        .chain(approvals.into_iter().map(LedgerEvent::CarriedApproval))
        .chain(more);

    let file = open_private(&next_path(path))?;
    file.set_len(0)?;
    let mut writer = io::BufWriter::new(&file);
    let mut line = Vec::new();
    let mut entries = Vec::new();
    let mut sequence = past.next_sequence;
    for event in events {
        let text = Unplaced::of(at, &Event::Ledger(event))?;
        line.clear();
        text.write(sequence, &mut line).map_err(io::Error::other)?;
        if line.len() > LINE_BYTES_MAX {
            return Err(io::Error::other("what must be carried over is too long"));
        }
        writer.write_all(&line)?;
        entries.push(Hash::of_entry(line.strip_suffix(b"\n").unwrap_or(&line)));
        sequence += 1;
    }
    writer.flush()?;
    drop(writer);
    file.try_lock()?;
    file.sync_all()?;
    let length = file.metadata()?.len();
    Ok(Next {
        file,
        length,
        sequence,
        entries,
    })
}

/// Puts the segment that was written in the place of the ledger, which keeps its
/// other name. At every moment the path shows one of the two, whole.
pub(super) fn put_in_force(
    path: &Path,
    sealed: Option<&Path>,
    before: Before<'_>,
) -> Result<(), NotBegun> {
    let mut linked = false;
    let mut prepare = || {
        if let Some(sealed) = sealed {
            before(Step::Link)?;
            fs::hard_link(path, sealed)?;
            linked = true;
            before(Step::SyncLink)?;
            sync_folder(path)?;
        }
        before(Step::Rename)?;
        fs::rename(next_path(path), path)
    };
    if let Err(error) = prepare() {
        let undone = match sealed.filter(|_| linked) {
            Some(sealed) => fs::remove_file(sealed),
            None => Ok(()),
        };
        return Err(match undone {
            Ok(()) => NotBegun::Undone(given_up(path, error)),
            Err(error) => NotBegun::Unknown(error),
        });
    }
    let synced = before(Step::SyncRename).and_then(|()| sync_folder(path));
    synced.map_err(NotBegun::Unknown)
}

/// Lets go of a segment that cannot be put in force. What is left of it does no
/// harm but for the room that it takes.
fn given_up(path: &Path, error: io::Error) -> io::Error {
    if let Err(left) = discard(path) {
        tracing::warn!(error = %left, "half a segment is left beside the ledger");
    }
    error
}

fn next_path(path: &Path) -> PathBuf {
    beside(path, ".next")
}
