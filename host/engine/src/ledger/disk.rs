//! The files of a ledger: for nobody else to read, and there after a crash.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Opens a file, or makes one that only its owner can read.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A new file is only there after a crash if its folder is synced too.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

pub(super) fn salt_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".salt");
    PathBuf::from(name)
}

/// Reads the salt, or makes one.
pub(super) fn salt(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = open_private(path)?;
    let mut bytes = Vec::new();
    Read::by_ref(&mut file).take(33).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(io::Error::other)?;
        file.write_all(&salt)?;
        file.sync_all()?;
        return Ok(salt);
    }
    <[u8; 32]>::try_from(bytes)
        .map_err(|_| io::Error::other(format!("`{}` does not hold 32 bytes", path.display())))
}
