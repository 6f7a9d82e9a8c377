//! What was erased, and the list of it beside what is kept.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use gatewright_disk::{Access, Files, Target, replace};
use gatewright_policy::record::PayloadHead;
use gatewright_policy::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

/// What was erased when, and by whom, a line for each time.
pub(super) const ERASURES: &str = "erased.jsonl";

/// Longest line of it that is read.
const LINE_BYTES_MAX: u64 = 1 << 16;

/// That something was erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// When.
    pub at: Timestamp,
    /// Who did it: a name for records.
    pub by: String,
    /// How many payloads.
    pub count: u64,
    /// How often an error stood in the way of it before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failed: u32,
    /// The decision, if it was for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The time before which everything went, if it was for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
    /// Keyed digest of the agent or the principal, if it was for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Digest>,
    /// An error stood in the way of the rest, which is tried again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
const fn is_zero(count: &u32) -> bool {
    *count == 0
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

/// Adds to the list. Whoever does is alone.
pub(super) fn note(folder: &Path, erasure: &Erasure) -> io::Result<()> {
    let path = folder.join(ERASURES);
    let mut lines = match fs::read(&path) {
        Ok(lines) => lines,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    lines.extend(serde_json::to_vec(erasure)?);
    lines.push(b'\n');
    replace(&Files, Target::new(&path, Access::Owner), &lines)
}

// === impl Erasure ===

impl Erasure {
    /// Whether a payload is of those that are wanted.
    pub(super) fn fits(&self, head: &PayloadHead) -> bool {
        self.id.as_ref().is_none_or(|id| *id == head.id)
            && self.before.is_none_or(|before| head.at < before)
            && self.who.is_none_or(|who| head.who.contains(&who))
    }

    /// Whether anything says what is wanted: nobody wants everything.
    pub(super) const fn is_of_something(&self) -> bool {
        self.id.is_some() || self.before.is_some() || self.who.is_some()
    }

    /// Whether they are the same one, and the same attempt at it, however much is gone.
    pub(super) fn is(&self, other: &Self) -> bool {
        let Self {
            at,
            by,
            count: _,
            failed,
            id,
            before,
            who,
            more: _,
        } = self;
        let others = (&other.id, &other.before, &other.who);
        (at, by, failed) == (&other.at, &other.by, &other.failed) && (id, before, who) == others
    }
}
