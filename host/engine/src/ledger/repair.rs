//! Mending a ledger that no gate can start on. Nothing is taken away: the file
//! becomes an older segment as it is, and a new one begins that carries over what
//! can be read of it, before the damage and after it. Budgets and labels only grow
//! by that, so that a line too many gives nobody anything.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use gatewright_policy::record::{Entry, Event, LINE_BYTES_MAX, RecordKeys};
use gatewright_policy::segment::{LedgerEvent, Previous, Repaired};
use gatewright_policy::{Digest, Timestamp};

use super::disk::{lock, lock_path, open_private};
use super::open_error::LedgerOpenError;
use super::past::Past;
use super::replay::{READ_BYTES, is_known, replay};
use super::rotate::go_on;
use super::salt;
use super::segment::{NotBegun, put_in_force, sealed_path, sealed_segments, undo, write};
use super::tree_open::{self, Read};

/// What a repair did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// What was wrong first.
    pub problem: String,
    /// Where the file lies now, if there was one.
    pub sealed: Option<PathBuf>,
    /// Lines of it that cannot be read.
    pub unreadable: u64,
    /// The generation that the new segment goes on from.
    pub generation: u64,
    /// Sessions with labels or calls that it knows.
    pub sessions: usize,
    /// Budgets that it knows.
    pub budgets: usize,
    /// Where the salt lies that keyed the digests until now, if there was one and there
    /// is another now.
    pub old_salt: Option<PathBuf>,
}

/// What could be read of a segment, and what not.
#[derive(Default)]
struct Salvaged {
    first_sequence: Option<u64>,
    /// Whether it says, or needs not say, what was before it.
    has_beginning: bool,
    unreadable: u64,
}

/// Mends the ledger at `path`, or gives none where a gate would start. With
/// `new_salt` digests are keyed with another salt from here on.
pub fn repair(
    path: &Path,
    now: Timestamp,
    new_salt: bool,
) -> Result<Option<Mended>, LedgerOpenError> {
    let failed = |source: io::Error| LedgerOpenError::Io {
        path: path.to_owned(),
        source,
    };
    let lock_file = open_private(&lock_path(path)).map_err(failed)?;
    lock(&lock_file, path)?;
    let file = open_private(path).map_err(failed)?;
    lock(&file, path)?;
    let place = std::fs::canonicalize(path).map_err(failed)?;
    undo(&place, &file).map_err(failed)?;
    let older = sealed_segments(&place).map_err(failed)?;
    let known = salt::known(path).map_err(failed)?;
    if known.is_none() && !new_salt && file.metadata().map_err(failed)?.len() > 0 {
        // Nothing would open what is sealed: this says what to do.
        salt::salt(path, true)?;
    }
    let mut keys = RecordKeys::new(&known.unwrap_or_default());
    let Some(problem) = problem(&file, path, &keys, now, new_salt, !older.is_empty())? else {
        return Ok(None);
    };

    let mut past = Past::default();
    let mut salvaged = salvage(path, &mut past, &keys, now)?;
    if let Some((_, newest)) = older.last().filter(|_| !salvaged.has_beginning) {
        past = Past::default();
        salvage(newest, &mut past, &keys, now)?;
        salvaged = salvage(path, &mut past, &keys, now)?;
    }
    let fresh = match new_salt {
        true => Some(salt::fresh(path).map_err(failed)?),
        false => None,
    };
    if let Some((salt, _)) = &fresh {
        keys = RecordKeys::new(salt);
        past.quotas = past.quotas.without_keys(now);
    }
    let (mut sealed, mut previous) = (None, None);
    let mut first = past.next_sequence;
    if file.metadata().map_err(failed)?.len() > 0 {
        let after = older.last().map_or(0, |(first, _)| first + 1);
        first = salvaged.first_sequence.unwrap_or(after).max(after);
        let place = sealed_path(&place, first);
        let name = place.file_name().map(OsStr::to_string_lossy);
        previous = Some(Previous {
            file: name.unwrap_or_default().into_owned(),
            digest: digest(path).map_err(failed)?,
        });
        sealed = Some(place);
    }
    // What was signed is evidence of what was there, and what follows is another tree.
    tree_open::put_aside(path, first).map_err(failed)?;
    past.key = None;
    let repaired = LedgerEvent::Repaired(Repaired {
        problem: problem.clone(),
        unreadable: salvaged.unreadable,
        new_salt,
    });
    let at = now.max(past.latest.unwrap_or(now));
    let more = vec![repaired];
    let old_salt = match &fresh {
        Some((_, fresh)) => fresh.keep_old(first).map_err(failed)?,
        None => None,
    };
    write(&place, &past, &keys, previous, at, more, &mut go_on).map_err(failed)?;
    put_in_force(&place, sealed.as_deref(), &mut go_on).map_err(|error| match error {
        NotBegun::Undone(error) | NotBegun::Unknown(error) => failed(error),
    })?;
    // A key that is there without a tree would be one whose tree somebody took away.
    tree_open::begin(path, past.next_sequence).map_err(failed)?;
    if let Some((_, fresh)) = fresh {
        // Last: where this fails a gate still does not start.
        fresh.keep().map_err(failed)?;
    }
    Ok(Some(Mended {
        problem,
        sealed,
        unreadable: salvaged.unreadable,
        generation: past.generation,
        sessions: past.sessions.carried(at, &keys).len(),
        budgets: past.quotas.carried(at).len(),
        old_salt,
    }))
}

/// Why no gate would start, if none would.
fn problem(
    file: &File,
    path: &Path,
    keys: &RecordKeys,
    now: Timestamp,
    new_salt: bool,
    has_older: bool,
) -> Result<Option<String>, LedgerOpenError> {
    let has_salt = salt::is_there(path).map_err(|source| LedgerOpenError::Io {
        path: path.to_owned(),
        source,
    })?;
    let damage = match replay(file, path, keys, now) {
        Ok(read) if read.past.length == 0 && (has_salt || has_older) => {
            Some("it was gone or empty".to_owned())
        }
        Ok(read) if read.past.length == 0 => return Ok(None),
        Ok(read) => {
            let (past, entries) = (&read.past, &read.entries);
            match tree_open::check(path, &Read { past, entries }) {
                Ok(_) => None,
                Err(LedgerOpenError::Tree { problem, .. }) => Some(problem),
                Err(error) => return Err(error),
            }
        }
        Err(LedgerOpenError::Damaged { line, problem, .. }) => {
            Some(format!("line {line}: {problem}"))
        }
        Err(error) => return Err(error),
    };
    match (has_salt, new_salt) {
        (false, false) => salt::salt(path, true).map(|_adopted| damage),
        (_, true) => Ok(damage.or_else(|| Some("a new salt was wanted".to_owned()))),
        (true, false) => Ok(damage),
    }
}

/// Takes in every line that is an entry. Labels that the salt does not open are an
/// error: without them their sessions would be clean.
fn salvage(
    path: &Path,
    past: &mut Past,
    keys: &RecordKeys,
    now: Timestamp,
) -> Result<Salvaged, LedgerOpenError> {
    let failed = |source: io::Error| LedgerOpenError::Io {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    let mut reader = BufReader::with_capacity(READ_BYTES, file);
    let mut salvaged = Salvaged::default();
    // Entries that the first one promises to carry over, and that cannot be read.
    let mut missing = 0;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = (&mut reader)
            .take(LINE_BYTES_MAX as u64)
            .read_until(b'\n', &mut line)
            .map_err(failed)?;
        if read == 0 {
            break;
        }
        let Ok(entry) = Entry::of_line(&line) else {
            salvaged.unreadable += 1;
            continue;
        };
        // However damaged it is before: what is not understood is not left out.
        is_known(&entry, path, number)?;
        if salvaged.first_sequence.is_none() {
            salvaged.first_sequence = Some(entry.sequence);
            salvaged.has_beginning = entry.sequence == 0;
        }
        match &entry.event {
            Event::Ledger(LedgerEvent::Continued(first)) => {
                salvaged.has_beginning = true;
                missing = first.carried;
            }
            Event::Ledger(
                LedgerEvent::CarriedSession(_)
                | LedgerEvent::CarriedBudgets { .. }
                | LedgerEvent::CarriedAgents { .. }
                | LedgerEvent::CarriedApproval(_),
            ) => missing = missing.saturating_sub(1),
            Event::Ledger(
                LedgerEvent::Cut(_)
                | LedgerEvent::Repaired(_)
                | LedgerEvent::KeyRotated { .. }
                | LedgerEvent::Erased(_)
                | LedgerEvent::ClockSet { .. },
            )
            | Event::Started { .. }
            | Event::Activated { .. }
            | Event::ReloadFailed { .. }
            | Event::Decided(_)
            | Event::Labelled(_)
            | Event::Completed(_)
            | Event::Refused(_)
            | Event::Agents(_)
            | Event::Tools(_)
            | Event::Approval(_)
            | Event::Stopped => {}
        }
        past.next_sequence = past.next_sequence.max(entry.sequence.saturating_add(1));
        past.take_in(entry, keys, number);
    }
    // What it does not say of the segments before it, they say themselves.
    salvaged.has_beginning &= missing == 0;
    past.forget_ended(path, now)?;
    Ok(salvaged)
}

fn digest(path: &Path) -> io::Result<Digest> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(Digest::from_bytes(*hasher.finalize().as_bytes()))
}
