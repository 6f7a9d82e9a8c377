//! Files that somebody else may have put there: opened without being led elsewhere, without
//! waiting, and no longer than they may be.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

/// A file of this user that is no link, no device and no pipe, and at most so long.
pub(crate) fn regular(path: &Path, bytes_max: u64) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags.bits().cast_signed());
    let file = options.open(path)?;
    let found = file.metadata()?;
    let wrong = if !found.is_file() {
        "is not a file"
    } else if found.uid() != rustix::process::geteuid().as_raw() {
        "belongs to another user"
    } else if found.len() > bytes_max {
        "is too long"
    } else {
        return Ok(file);
    };
    let text = format!("`{}` {wrong}", path.display());
    Err(io::Error::new(io::ErrorKind::InvalidData, text))
}

/// What is in such a file.
pub fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = regular(path, bytes_max)?;
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    #[test]
    fn what_is_no_file_or_too_long_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        fs::write(place("file"), "12345").unwrap();
        symlink(place("file"), place("link")).unwrap();
        symlink("/dev/zero", place("device")).unwrap();
        fs::create_dir(place("folder")).unwrap();
        let made = Command::new("mkfifo").arg(place("pipe")).status();
        assert!(made.unwrap().success());
        assert_eq!(read(&place("file"), 5).unwrap(), b"12345");
        assert!(read(&place("file"), 4).is_err());
        for name in ["link", "device", "folder", "pipe", "nothing"] {
            assert!(read(&place(name), 5).is_err(), "{name}");
        }
    }
}
