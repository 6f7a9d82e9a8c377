//! The files of clients: read whole, kept before they are changed, and put back.

use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, ensure};
use gatewright_disk::{
    Access, Disk as _, Files, Target, create, folder_of, replace, replace_in_kind,
};

use super::document::{Entry, entries};
use super::places::Place;
use crate::failure::Advise as _;

/// A file of a client.
pub(super) struct ClientFile {
    pub(super) place: Place,
    /// Where it is, behind links.
    pub(super) real: PathBuf,
    pub(super) text: String,
    pub(super) entries: Vec<Entry>,
}

/// Longest file that is read, in bytes.
const BYTES_MAX: u64 = 32 << 20;

/// Ends the name of a file that was kept.
const KEPT: &str = "before-gatewright";

/// Most older ones that are kept beside it.
const ASIDE_MAX: u32 = 99;

impl ClientFile {
    /// Reads one; none where it is not there, and why where it is not understood.
    pub(super) fn read(place: Place) -> Option<Result<Self, (Place, String)>> {
        let real = match fs::canonicalize(&place.path) {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => return Some(Err((place, error.to_string()))),
        };
        let read = text_of(&real).and_then(|text| {
            let entries = entries(place.client, &text)?;
            Ok((text, entries))
        });
        Some(match read {
            Ok((text, entries)) => Ok(Self {
                place,
                real,
                text,
                entries,
            }),
            Err(why) => Err((place, why)),
        })
    }

    /// The file as it was without a gate, if one was kept.
    pub(super) fn kept(&self) -> Result<Option<String>, String> {
        match fs::symlink_metadata(self.kept_at()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
            // Whoever wrote a project's folder may have it lead to a file of the user.
            Ok(found) if found.is_symlink() => Err("what was kept is a link".to_owned()),
            Ok(_) => text_of(&self.kept_at()).map(Some),
        }
    }

    /// Where it is kept.
    pub(super) fn kept_at(&self) -> PathBuf {
        kept_beside(&self.real)
    }

    /// Keeps what was kept under another name, too, which nobody has yet: the next one that
    /// is kept lacks something of it.
    pub(super) fn set_aside(&self, kept: &str) -> anyhow::Result<PathBuf> {
        self.is_unchanged()?;
        for number in 1..=ASIDE_MAX {
            let path = self.aside_at(number);
            match create(&path, Access::Owner, kept.as_bytes()) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let path = path.display();
                    return Err(error).with_context(|| format!("`{path}` cannot be written"));
                }
            }
        }
        let kept = self.kept_at();
        Err(anyhow!("`{}` has {ASIDE_MAX} older ones", kept.display()))
            .hint("remove those that nobody needs")
    }

    /// The older ones that are there.
    pub(super) fn aside(&self) -> Vec<PathBuf> {
        let all = (1..=ASIDE_MAX).map(|number| self.aside_at(number));
        all.filter(|path| fs::symlink_metadata(path).is_ok())
            .collect()
    }

    fn aside_at(&self, number: u32) -> PathBuf {
        let mut name = self.kept_at().into_os_string();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    }

    /// Keeps what the file is without a gate, and then puts a text in its place.
    pub(super) fn change(&self, without_gate: &str, text: &str) -> anyhow::Result<()> {
        let kept_at = self.kept_at();
        self.is_unchanged()?;
        let target = Target::new(&kept_at, Access::Owner);
        replace(&Files, target, without_gate.as_bytes())
            .with_context(|| format!("`{}` cannot be written", kept_at.display()))?;
        self.put(text)
    }

    /// Puts back what was before, and forgets what was kept.
    pub(super) fn put_back(&self, text: &str, forget: bool) -> anyhow::Result<()> {
        self.is_unchanged()?;
        self.put(text)?;
        match forget {
            true => self.forget(),
            false => Ok(()),
        }
    }

    /// Removes what was kept.
    pub(super) fn forget(&self) -> anyhow::Result<()> {
        Files.remove(&self.kept_at())?;
        Files.sync_folder(folder_of(&self.real))?;
        Ok(())
    }

    fn put(&self, text: &str) -> anyhow::Result<()> {
        replace_in_kind(&self.real, text.as_bytes())
            .with_context(|| format!("`{}` cannot be written", self.real.display()))
    }

    /// Clients write their files, too.
    fn is_unchanged(&self) -> anyhow::Result<()> {
        let now = text_of(&self.real).map_err(|why| anyhow!("{why}"))?;
        let name = self.real.display();
        let unchanged = (now == self.text)
            .then_some(())
            .ok_or_else(|| anyhow!("`{name}` was changed by somebody else meanwhile"));
        unchanged.hint("close the client, and run this again")
    }
}

/// Whether a file was kept before it was changed, whatever it says now.
pub(super) fn was_kept(path: &Path) -> bool {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    fs::symlink_metadata(kept_beside(&real)).is_ok()
}

fn kept_beside(real: &Path) -> PathBuf {
    let mut name = real.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{KEPT}"));
    real.with_file_name(name)
}

/// The text of a file that may be replaced.
fn text_of(path: &Path) -> Result<String, String> {
    let read = || -> anyhow::Result<String> {
        let metadata = fs::metadata(path)?;
        ensure!(metadata.is_file(), "it is no file");
        ensure!(
            metadata.uid() == rustix::process::geteuid().as_raw(),
            "it belongs to another user"
        );
        let mut bytes = Vec::new();
        fs::File::open(path)?
            .take(BYTES_MAX + 1)
            .read_to_end(&mut bytes)?;
        ensure!(
            bytes.len() as u64 <= BYTES_MAX,
            "it is larger than {BYTES_MAX} bytes"
        );
        String::from_utf8(bytes).map_err(|_| anyhow!("it is no UTF-8"))
    };
    read().map_err(|error| error.to_string())
}
