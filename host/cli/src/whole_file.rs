//! Files that a command makes again and again.

use std::fs;
use std::io;
use std::path::Path;

use gatewright_disk::{Access, Files, Target, folder_of, replace};

/// Replaces a file, and makes its folder. A file that would not change is not
/// touched: nobody who watches it wakes up.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    Files.create_folders(folder_of(path), Access::Usual)?;
    replace(&Files, Target::new(path, Access::Usual), bytes)
}
