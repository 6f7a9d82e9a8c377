//! The folder beside a ledger that keeps held calls, a file for each. The first line is
//! what is known of the call without the keys; the rest is sealed.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use gatewright_disk::{Access, Disk as _, Files, PART, Target, replace};
use gatewright_policy::{Envelope, SealedCall, Timestamp};

use super::disk::beside;

/// Ends the name of a file that holds a call.
const ENDING: &str = ".held";

/// Longest first line, in bytes.
const ENVELOPE_BYTES_MAX: u64 = 4096;

/// The folder.
#[derive(Clone, Debug)]
pub(super) struct Payloads {
    folder: PathBuf,
}

impl Payloads {
    /// The folder of the ledger at a path, made where it is missing, and what is in it
    /// at this time. Whoever opens it is alone in it: what was half written, and what
    /// nobody can approve any more, goes.
    pub(super) fn open(
        ledger: &Path,
        now: Timestamp,
    ) -> io::Result<(Self, Vec<(Envelope, usize)>)> {
        let folder = beside(ledger, ENDING);
        Files.create_folder(&folder)?;
        let payloads = Self { folder };
        let mut kept = Vec::new();
        for entry in std::fs::read_dir(&payloads.folder)? {
            let entry = entry?;
            let path = entry.path();
            if !entry.file_type()?.is_file() {
                tracing::warn!(?path, "this is no held call");
                continue;
            }
            if path.extension().is_some_and(|it| it == PART) {
                Files.remove(&path)?;
                continue;
            }
            match envelope(&path)? {
                Some((envelope, bytes)) if payloads.path(&envelope.id).as_ref() == Some(&path) => {
                    match now < envelope.decide_by {
                        true => kept.push((envelope, bytes)),
                        false => Files.remove(&path)?,
                    }
                }
                // Not the gate's: it stays, and nobody is asked about it.
                Some(_) | None => tracing::warn!(?path, "this is no held call"),
            }
        }
        Ok((payloads, kept))
    }

    /// Keeps a call: when it answers, it is on disk.
    pub(super) fn keep(&self, call: &SealedCall) -> io::Result<()> {
        let path = self.path(&call.envelope.id).ok_or_else(unfit)?;
        let mut bytes = serde_json::to_vec(&call.envelope)?;
        bytes.push(b'\n');
        bytes.extend_from_slice(&call.sealed);
        replace(&Files, Target::new(&path, Access::Owner), &bytes)
    }

    /// A call that is kept.
    pub(super) fn kept(&self, envelope: &Envelope) -> io::Result<Option<SealedCall>> {
        let path = self.path(&envelope.id).ok_or_else(unfit)?;
        let bytes = match std::fs::read(path) {
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

    /// Lets go of a call. One that is not there is gone already.
    pub(super) fn erase(&self, id: &str) -> io::Result<()> {
        let path = self.path(id).ok_or_else(unfit)?;
        match Files.remove(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    /// An id is made by the gate; whatever it is, it names nothing outside of the folder.
    fn path(&self, id: &str) -> Option<PathBuf> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let is_name = !id.is_empty() && id.len() <= 128 && id.bytes().all(fits);
        is_name.then(|| self.folder.join(format!("{id}{ENDING}")))
    }
}

/// The first line of a file, and the length of the rest.
fn envelope(path: &Path) -> io::Result<Option<(Envelope, usize)>> {
    let file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    let mut line = Vec::new();
    BufReader::new(file.take(ENVELOPE_BYTES_MAX)).read_until(b'\n', &mut line)?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let rest = length.saturating_sub(line.len());
    let envelope = serde_json::from_slice(&line).ok();
    Ok(envelope.map(|envelope| (envelope, rest)))
}

fn unfit() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it is no held call")
}
