//! How a store writes: whole files, there after a crash.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// The steps that change what is on disk, each of which may be the last one
/// before a crash.
pub(crate) trait Disk: Send + Sync {
    /// Makes a folder for its owner alone, with those above it.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Writes a new file; it is on disk afterwards.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Puts a file in the place of another, in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// What was renamed or removed in a folder stays so after a crash.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The file system.
pub(crate) struct Files;

/// Ends the name of a file that is being written.
pub(crate) const PART: &str = "part";

/// Replaces a file: a reader sees the old bytes or the new ones, also after a
/// crash. The caller holds the store's lock, so nobody else writes beside it.
pub(crate) fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut part = path.to_owned();
    part.as_mut_os_string().push(format!(".{PART}"));
    disk.write(&part, bytes)?;
    disk.rename(&part, path)?;
    disk.sync_folder(path.parent().unwrap_or(Path::new(".")))
}

// === impl Files ===

impl Disk for Files {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}
