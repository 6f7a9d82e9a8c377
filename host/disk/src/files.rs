//! The steps that change what is on disk.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Who may read a new file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone.
    Owner,
    /// Whoever the user's `umask` lets.
    Usual,
}

/// The steps that change what is on disk, each of which may fail, or be the last
/// one before a crash.
pub trait Disk: Send + Sync {
    /// Makes a folder for its owner alone, with those above it. They are there
    /// after a crash.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Writes a file, over one that is there; it is on disk afterwards.
    fn write(&self, path: &Path, access: Access, bytes: &[u8]) -> io::Result<()>;
    /// Puts a file in the place of another, in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// What was made, renamed or removed in a folder stays so after a crash.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The file system.
#[derive(Clone, Copy, Debug)]
pub struct Files;

/// The folder that a file is in: the current one where its path names none.
pub fn folder_of(path: &Path) -> &Path {
    let folder = path.parent();
    let named = folder.filter(|folder| !folder.as_os_str().is_empty());
    named.unwrap_or(Path::new("."))
}

// === impl Files ===

impl Files {
    /// Makes a folder, with those above it. They are there after a crash.
    pub fn create_folders(self, path: &Path, access: Access) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        let above = folder_of(path);
        if above != path {
            self.create_folders(above, access)?;
        }
        let made = DirBuilder::new().mode(access.of_folder()).create(path);
        match made {
            // Somebody else was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            made => made.and_then(|()| self.sync_folder(above)),
        }
    }

    /// Writes a file piece by piece; it is on disk afterwards.
    pub(crate) fn fill(
        self,
        path: &Path,
        mut options: OpenOptions,
        fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut writer = BufWriter::new(options.write(true).open(path)?);
        fill(&mut writer)?;
        let file = writer
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()
    }
}

impl Disk for Files {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.create_folders(path, Access::Owner)
    }

    fn write(&self, path: &Path, access: Access, bytes: &[u8]) -> io::Result<()> {
        let options = access.options_to_overwrite();
        self.fill(path, options, |writer| writer.write_all(bytes))
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

// === impl Access ===

impl Access {
    const fn of_file(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Usual => 0o666,
        }
    }

    const fn of_folder(self) -> u32 {
        match self {
            Self::Owner => 0o700,
            Self::Usual => 0o777,
        }
    }

    pub(crate) fn options_to_overwrite(self) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).mode(self.of_file());
        options
    }

    pub(crate) fn options_to_create(self) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.create_new(true).mode(self.of_file());
        options
    }
}
