//! The files of a policy that its author writes.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result, ensure};

/// Folders that tools make, and the copy of the SDK.
const MADE: [&str; 7] = [
    "target",
    "node_modules",
    "__pycache__",
    "build",
    "build-cache",
    "dist",
    "gatewright",
];

/// Files that a build writes beside the sources.
const WRITTEN: [&str; 3] = ["Cargo.lock", "go.sum", "package-lock.json"];

/// Far more than a policy has: whoever names a home folder is told so.
const FILES_MAX: usize = 10_000;

/// Every source and every folder of sources, and when each changed last.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sources {
    files: BTreeMap<PathBuf, Stamp>,
    folders: Vec<PathBuf>,
}

/// A file that was saved has another one.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    changed: Option<SystemTime>,
}

// === impl Sources ===

impl Sources {
    pub(super) fn of(policy: &Path) -> Result<Self> {
        let mut sources = Self::default();
        let mut open = vec![policy.to_owned()];
        while let Some(folder) = open.pop() {
            open.extend(
                sources
                    .read(&folder)
                    .with_context(|| format!("`{}` cannot be read", folder.display()))?,
            );
            sources.folders.push(folder);
            ensure!(
                sources.files.len() <= FILES_MAX,
                "there are more than {FILES_MAX} files in `{}`\nhint: name the folder of a policy",
                policy.display()
            );
        }
        sources.folders.sort();
        Ok(sources)
    }

    pub(super) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Takes the files of a folder; gives the folders in it. What is gone again in the
    /// meantime is not there.
    fn read(&mut self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut below = Vec::new();
        let entries = match folder.read_dir() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(below),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let (name, path) = (entry.file_name(), entry.path());
            let Ok(about) = entry.metadata() else {
                continue;
            };
            if about.is_dir() {
                if !is_hidden(&name) && !MADE.iter().any(|made| name == *made) {
                    below.push(path);
                }
            } else if is_source(&name) {
                let (bytes, changed) = (about.len(), about.modified().ok());
                self.files.insert(path, Stamp { bytes, changed });
            }
        }
        Ok(below)
    }
}

fn is_source(name: &OsStr) -> bool {
    let is_component = Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "wasm");
    !(is_component || is_hidden(name) || WRITTEN.iter().any(|written| name == *written))
}

/// Editors and tools keep their own files so.
fn is_hidden(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with('.')
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Sources;

    #[test]
    fn what_an_author_saves_changes_the_sources_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let policy = folder.path();
        let write = |file: &str, text: &str| {
            let file = policy.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write("src/policy.c", "1");
        let first = Sources::of(policy).unwrap();
        for made in [
            "policy.wasm",
            "Cargo.lock",
            "target/x/y",
            "node_modules/a/b.js",
            ".venv/c",
            "src/.policy.c.swp",
            "gatewright/sdk/c/d",
        ] {
            write(made, "made");
        }
        assert_eq!(Sources::of(policy).unwrap(), first);
        write("src/policy.c", "12");
        let second = Sources::of(policy).unwrap();
        assert_ne!(second, first);
        write("src/deeper/more.c", "");
        let third = Sources::of(policy).unwrap();
        assert_ne!(third, second);
        assert_eq!(third.folders().len(), 3);
    }
}
