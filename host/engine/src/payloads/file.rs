//! One file of payloads: for each a line that says what it is, and the sealed bytes.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use gatewright_policy::Timestamp;
use gatewright_policy::record::PayloadHead;
use serde::{Deserialize, Serialize};

/// Ends the name of such a file.
pub(super) const ENDING: &str = ".kept";

/// Longest first line of a payload, in bytes.
const LINE_BYTES_MAX: u64 = 4096;

/// Locked by whoever adds to a file, or takes something out of one.
pub(super) const LOCK: &str = "lock";

#[derive(Serialize, Deserialize)]
struct Line<H> {
    /// Length of what follows the line, without the line feed after it.
    bytes: u64,
    head: H,
}

/// Where a payload stands in its file.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) head: PayloadHead,
    /// Where its line begins.
    pub(super) from: u64,
    /// Where its sealed bytes begin.
    pub(super) text_from: u64,
    /// How many there are.
    pub(super) bytes: u64,
}

/// Reads the heads of a file, one after the other.
pub(super) struct Heads {
    reader: BufReader<File>,
    length: u64,
    at: u64,
    /// What the last one is, of which not all is there.
    torn: Option<PayloadHead>,
}

/// What is appended for one payload.
pub(super) fn written(head: &PayloadHead, sealed: &[u8]) -> io::Result<Vec<u8>> {
    let line = Line {
        bytes: sealed.len() as u64,
        head,
    };
    let mut bytes = serde_json::to_vec(&line)?;
    if bytes.len() as u64 >= LINE_BYTES_MAX {
        return Err(io::Error::other("the head of a payload is too long"));
    }
    bytes.push(b'\n');
    bytes.extend_from_slice(sealed);
    bytes.push(b'\n');
    Ok(bytes)
}

/// The name of the file whose first payload is of this time; the number tells apart those
/// of the same one.
pub(super) fn name(first: Timestamp, number: u32) -> String {
    format!("{:015}-{number:06}{ENDING}", first.0)
}

/// The files of a folder, oldest first, each with the time of its first payload. None
/// where there is no folder.
pub(super) fn files(folder: &Path) -> io::Result<Vec<(Timestamp, PathBuf)>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if let Some(first) = first_of(&path) {
            files.push((first, path));
        }
    }
    files.sort();
    Ok(files)
}

fn first_of(path: &Path) -> Option<Timestamp> {
    let name = path.file_name()?.to_str()?.strip_suffix(ENDING)?;
    let (first, number) = name.split_once('-')?;
    number.parse::<u32>().ok()?;
    first.parse().ok().map(Timestamp)
}

// === impl Heads ===

impl Heads {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self {
            length: file.metadata()?.len(),
            reader: BufReader::new(file),
            at: 0,
            torn: None,
        })
    }

    /// What stands at the end of the file and is not whole, once everything before it was
    /// read. Whoever adds to the file at this moment holds its lock.
    pub(super) const fn torn(&self) -> Option<&PayloadHead> {
        self.torn.as_ref()
    }

    /// The next payload; none at the end, and where the rest is torn: whoever wrote it
    /// died before the call was decided, or the machine did.
    pub(super) fn next(&mut self) -> io::Result<Option<Found>> {
        let mut line = Vec::new();
        let mut limited = self.reader.by_ref().take(LINE_BYTES_MAX);
        limited.read_until(b'\n', &mut line)?;
        let Ok(parsed) = serde_json::from_slice::<Line<PayloadHead>>(&line) else {
            return Ok(None);
        };
        let text_from = self.at + line.len() as u64;
        let end = text_from
            .checked_add(parsed.bytes)
            .and_then(|end| end.checked_add(1))
            .filter(|end| line.ends_with(b"\n") && *end <= self.length);
        let Some(end) = end else {
            self.torn = Some(parsed.head);
            return Ok(None);
        };
        let found = Found {
            head: parsed.head,
            from: self.at,
            text_from,
            bytes: parsed.bytes,
        };
        self.reader.seek(SeekFrom::Start(end))?;
        self.at = end;
        Ok(Some(found))
    }
}
