//! An erasure that was begun, as it stands on disk until it is written down that it was done:
//! who dies in the middle of it leaves it to the next one who looks.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gatewright_disk::{Access, Disk as _, Files, Target, replace};
use gatewright_policy::Timestamp;
use gatewright_policy::record::PayloadHead;
use serde::{Deserialize, Serialize};

use super::erasure::Erasure;

/// The erasure that was begun: there is one at a time.
const BEGUN: &str = "erasing.json";

/// An erasure that is under way.
#[derive(Debug)]
pub(super) struct Begun {
    path: PathBuf,
    state: State,
    /// Somebody else began it, or it is tried again.
    is_left: bool,
}

/// What stands on disk of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    /// What is wanted, and how much of it is gone.
    erasure: Erasure,
    /// The time of the newest payload that there was; older programs do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    newest: Option<Timestamp>,
    /// What goes next, or went just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<Next>,
}

/// A file that is written again without some of its payloads.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Next {
    file: String,
    count: u64,
}

// === impl Begun ===

impl Begun {
    /// Writes down what is wanted, before anything goes, and which payload is the newest then.
    pub(super) fn new(folder: &Path, erasure: Erasure, newest: Timestamp) -> io::Result<Self> {
        let begun = Self {
            path: folder.join(BEGUN),
            state: State {
                erasure,
                newest: Some(newest),
                next: None,
            },
            is_left: false,
        };
        begun.write()?;
        Ok(begun)
    }

    /// What somebody began who did not end it.
    pub(super) fn left(folder: &Path) -> io::Result<Option<Self>> {
        let path = folder.join(BEGUN);
        match fs::read(&path) {
            Ok(text) => match serde_json::from_slice::<State>(&text) {
                Ok(state) if state.erasure.is_of_something() => Ok(Some(Self {
                    path,
                    state,
                    is_left: true,
                })),
                _other => Err(io::Error::other(format!(
                    "`{BEGUN}` in it is no erasure that somebody began"
                ))),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether somebody began one and may be at it still.
    pub(super) fn is_there(folder: &Path) -> io::Result<bool> {
        folder.join(BEGUN).try_exists()
    }

    /// Whether a payload is of those that are wanted. What is kept only after somebody wanted it
    /// is not: what stands in the way may do so for long.
    pub(super) fn fits(&self, head: &PayloadHead) -> bool {
        let newest = self.state.newest.filter(|_| self.is_left);
        newest.is_none_or(|newest| head.at <= newest) && self.state.erasure.fits(head)
    }

    /// What is wanted, and how much of it was gone when it was looked at last.
    pub(super) const fn erasure(&self) -> &Erasure {
        &self.state.erasure
    }

    /// Writes down that so much goes out of a file now.
    pub(super) fn goes(&mut self, file: &Path, count: u64) -> io::Result<()> {
        let file = file.file_name().unwrap_or_default().to_string_lossy();
        // Whoever died then had not written it again, or other payloads came since.
        let known = self.state.next.take_if(|next| next.file == file);
        self.add_next();
        self.state.next = Some(Next {
            count: known.map_or(count, |known| count.max(known.count)),
            file: file.into_owned(),
        });
        self.write()
    }

    /// What was to go next did not go after all.
    pub(super) fn stays(&mut self) {
        self.state.next = None;
    }

    /// Nothing goes any more, or nothing before the next attempt: all that went. `more`: an
    /// error stood in the way of the rest.
    pub(super) fn gone(&mut self, more: bool) -> &Erasure {
        self.add_next();
        self.state.erasure.more = more;
        &self.state.erasure
    }

    /// It is written down how much went: the rest is tried again, as another attempt.
    pub(super) fn begin_again(&mut self) -> io::Result<()> {
        let erasure = &mut self.state.erasure;
        (erasure.count, erasure.more) = (0, false);
        erasure.failed = erasure.failed.saturating_add(1);
        self.state.next = None;
        self.write()
    }

    /// It is written down that it was done.
    pub(super) fn end(self) -> io::Result<Erasure> {
        Files.remove(&self.path)?;
        Files.sync_folder(gatewright_disk::folder_of(&self.path))?;
        Ok(self.state.erasure)
    }

    fn add_next(&mut self) {
        let next = self.state.next.take();
        self.state.erasure.count += next.map_or(0, |next| next.count);
    }

    fn write(&self) -> io::Result<()> {
        let text = serde_json::to_vec(&self.state)?;
        replace(&Files, Target::new(&self.path, Access::Owner), &text)
    }
}
