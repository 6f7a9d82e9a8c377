//! The folder beside a ledger that keeps held calls, a file for each. The first line is
//! what is known of the call without the keys; the rest is sealed.
//!
//! A call is kept before its entry is written, under a name that says so, and has its own
//! name once the entry is there: a call that the record does not know is nobody's.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gatewright_disk::{Access, Disk as _, Files, PART, Target, replace};
use gatewright_policy::{Envelope, SealedCall, Timestamp};

use super::approvals::Approvals;
use super::disk::beside;

/// Ends the name of a file that holds a call.
const ENDING: &str = ".held";

/// Ends the name of one whose entry is being written.
const UNRECORDED: &str = ".unrecorded";

/// Longest first line, in bytes.
const ENVELOPE_BYTES_MAX: u64 = 4096;

/// Calls that are being written at once; one more is refused.
const JOBS_MAX: usize = 64;

/// The folder.
#[derive(Clone, Debug)]
pub(super) struct Payloads {
    folder: PathBuf,
    /// Calls that are being written, and whether somebody let go of them meanwhile.
    jobs: Arc<Mutex<HashMap<String, bool>>>,
}

/// The folder as it was found.
pub(super) struct Opened {
    pub(super) payloads: Payloads,
    /// What is known of each call without the keys, and the length of the rest.
    pub(super) kept: Vec<(Envelope, usize)>,
    /// How many files are no held calls.
    pub(super) unfit: usize,
}

/// A call that is being written. When it ends, a call that was let go of meanwhile is
/// not there.
pub(super) struct Job {
    payloads: Payloads,
    id: String,
}

// === impl Payloads ===

impl Payloads {
    /// The folder of the ledger at a path, made where it is missing, and the calls in it
    /// that people can decide on, or use, at this time. Whoever opens it is alone in it:
    /// what was half written goes, and so does what has no entry among those that were
    /// recorded, and what went ahead or is over.
    pub(super) fn open(
        ledger: &Path,
        recorded: (&HashSet<String>, &Approvals),
        now: Timestamp,
    ) -> io::Result<Opened> {
        let folder = beside(ledger, ENDING);
        Files.create_folder(&folder)?;
        let payloads = Self {
            folder,
            jobs: Arc::default(),
        };
        let (mut kept, mut unfit) = (Vec::new(), 0);
        for entry in std::fs::read_dir(&payloads.folder)? {
            let path = entry?.path();
            match payloads.read(&path, recorded, now) {
                Ok(Some(found)) => kept.push(found),
                Ok(None) => {}
                // It stays, and nobody is asked about it.
                Err(error) => {
                    tracing::warn!(?path, %error, "this is no held call");
                    unfit += 1;
                }
            }
        }
        Ok(Opened {
            payloads,
            kept,
            unfit,
        })
    }

    fn read(
        &self,
        path: &Path,
        (recorded, approvals): (&HashSet<String>, &Approvals),
        now: Timestamp,
    ) -> io::Result<Option<(Envelope, usize)>> {
        if !std::fs::symlink_metadata(path)?.is_file() {
            return Err(unfit());
        }
        if path.extension().is_some_and(|it| it == PART) {
            return Files.remove(path).map(|()| None);
        }
        let (envelope, bytes) = envelope(path)?;
        let id = envelope.id.as_str();
        let is_unrecorded = self.path(id, UNRECORDED)? == path;
        if !is_unrecorded && self.path(id, ENDING)? != path {
            return Err(unfit());
        }
        let is_kept = approvals.keeps(id, envelope.decide_by, now);
        if !is_kept || is_unrecorded && !recorded.contains(id) {
            return Files.remove(path).map(|()| None);
        }
        if is_unrecorded {
            self.confirm(id)?;
        }
        Ok(Some((envelope, bytes)))
    }

    /// A place among those that are being written; none where there are too many.
    pub(super) fn begin(&self, id: &str) -> Option<Job> {
        let mut jobs = self.jobs();
        if jobs.len() >= JOBS_MAX || jobs.contains_key(id) {
            return None;
        }
        jobs.insert(id.to_owned(), false);
        Some(Job {
            payloads: self.clone(),
            id: id.to_owned(),
        })
    }

    /// Its entry is there.
    pub(super) fn confirm(&self, id: &str) -> io::Result<()> {
        let (from, to) = (self.path(id, UNRECORDED)?, self.path(id, ENDING)?);
        Files.rename(&from, &to)
    }

    /// A call that is kept.
    pub(super) fn kept(&self, envelope: &Envelope) -> io::Result<Option<SealedCall>> {
        let bytes = match std::fs::read(self.path(&envelope.id, ENDING)?) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (_, sealed) = end
            .and_then(|end| bytes.split_at_checked(end + 1))
            .ok_or_else(unfit)?;
        Ok(Some(SealedCall {
            envelope: envelope.clone(),
            sealed: sealed.to_vec(),
        }))
    }

    /// Lets go of a call: of one that is being written, when it is. One that is not there
    /// is gone already.
    pub(super) fn erase(&self, id: &str) -> io::Result<()> {
        let mut jobs = self.jobs();
        if let Some(is_given_up) = jobs.get_mut(id) {
            *is_given_up = true;
            return Ok(());
        }
        self.remove(id)
    }

    fn remove(&self, id: &str) -> io::Result<()> {
        for ending in [UNRECORDED, ENDING] {
            match Files.remove(&self.path(id, ending)?) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed?,
            }
        }
        Ok(())
    }

    /// An id is made by the gate; whatever it is, it names nothing outside of the folder.
    fn path(&self, id: &str, ending: &str) -> io::Result<PathBuf> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        match !id.is_empty() && id.len() <= 128 && id.bytes().all(fits) {
            true => Ok(self.folder.join(format!("{id}{ending}"))),
            false => Err(unfit()),
        }
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<String, bool>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Job ===

impl Job {
    /// Writes the call: when it answers, it is on disk.
    pub(super) fn run(&self, call: &SealedCall) -> io::Result<()> {
        let path = self.payloads.path(&self.id, UNRECORDED)?;
        let mut bytes = serde_json::to_vec(&call.envelope)?;
        bytes.push(b'\n');
        bytes.extend_from_slice(&call.sealed);
        replace(&Files, Target::new(&path, Access::Owner), &bytes)
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let mut jobs = self.payloads.jobs();
        if jobs.remove(&self.id) == Some(true)
            && let Err(error) = self.payloads.remove(&self.id)
        {
            tracing::warn!(%error, "a held call that was let go of was not removed");
        }
    }
}

/// The first line of a file, and the length of the rest.
fn envelope(path: &Path) -> io::Result<(Envelope, usize)> {
    let file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    let mut line = Vec::new();
    BufReader::new(file.take(ENVELOPE_BYTES_MAX)).read_until(b'\n', &mut line)?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let envelope = serde_json::from_slice(&line)?;
    Ok((envelope, length.saturating_sub(line.len())))
}

fn unfit() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it has another name or form")
}
