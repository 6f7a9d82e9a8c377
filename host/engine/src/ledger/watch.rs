//! Whether what lies at the ledger's path is still the file that the gate
//! writes, and as the gate left it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The file that the gate writes, as the path must show it.
///
/// INVARIANT: the gate holds the file open, so no other one can get its inode.
pub(super) struct Watch {
    path: PathBuf,
    device: u64,
    inode: u64,
    /// Names that the file had when it was opened.
    names: u64,
}

impl Watch {
    /// Of an open file, to be found at `path`.
    pub(super) fn of(path: &Path, file: &File) -> io::Result<Self> {
        let found = file.metadata()?;
        Ok(Self {
            path: path.to_owned(),
            device: found.dev(),
            inode: found.ino(),
            names: found.nlink(),
        })
    }

    /// The same path, once another file was put there.
    pub(super) fn moved_to(&self, file: &File) -> io::Result<Self> {
        Self::of(&self.path, file)
    }

    /// Says what is wrong if the file is not there any more, or does not end
    /// after `length` bytes. One system call.
    pub(super) fn look(&self, length: u64) -> Result<(), String> {
        let path = self.path.display();
        let found = fs::metadata(&self.path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!("`{path}` was deleted or moved away"),
            _ => format!("`{path}` cannot be looked at ({error})"),
        })?;
        if found.dev() != self.device {
            return Err(format!("`{path}` is on another device now"));
        }
        if found.ino() != self.inode {
            return Err(format!("`{path}` is another file now"));
        }
        if found.nlink() != self.names {
            let (now, before) = (found.nlink(), self.names);
            return Err(format!("`{path}` has {now} names now and had {before}"));
        }
        match found.len() {
            size if size == length => Ok(()),
            size if size < length => Err(format!(
                "`{path}` was cut: it has {size} bytes, and the gate wrote {length}"
            )),
            size => Err(format!(
                "somebody else wrote to `{path}`: it has {size} bytes, and the gate wrote {length}"
            )),
        }
    }
}
