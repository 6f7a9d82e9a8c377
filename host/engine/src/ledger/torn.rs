//! The end of a file that is no whole entry: a crash in the middle of a write, or
//! somebody's hand. It is kept, whichever it was.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::Path;

use gatewright_policy::Digest;
use gatewright_policy::segment::Cut;

use super::disk::{beside, open_private, sync_folder};

/// Puts the end of the ledger at `path` into a file beside it.
pub(super) fn keep_aside(path: &Path, end: &[u8]) -> io::Result<Cut> {
    let digest = Digest::of(end);
    let place = beside(path, &format!(".torn-{}", digest.short()));
    let mut file = open_private(&place)?;
    // The same end may have been kept by a start that then failed.
    file.set_len(0)?;
    file.write_all(end)?;
    file.sync_all()?;
    sync_folder(&place)?;
    Ok(Cut {
        bytes: end.len() as u64,
        digest,
        kept: place
            .file_name()
            .map(OsStr::to_string_lossy)
            .unwrap_or_default()
            .into_owned(),
    })
}
