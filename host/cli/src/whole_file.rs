//! Files that are written whole or not at all.

use std::fs;
use std::io;
use std::path::Path;

/// Writes a file in one step: who reads it meanwhile sees the old bytes or the
/// new ones. A file that would not change is not touched.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder)?;
    }
    let mut part = path.to_owned();
    part.as_mut_os_string()
        .push(format!(".{}.part", std::process::id()));
    let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        // Nothing half: whether there was something to remove does not matter.
        let _ = fs::remove_file(&part);
    }
    written
}
