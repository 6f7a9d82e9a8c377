//! The files that are read.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};

/// Longest file, in bytes.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// The text of a file.
pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("`{name}` cannot be read"))?;
    let mut text = String::new();
    file.take(FILE_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("`{name}` cannot be read"))?;
    if text.len() as u64 > FILE_BYTES_MAX {
        bail!("`{name}` has more than {FILE_BYTES_MAX} bytes");
    }
    Ok(text)
}
