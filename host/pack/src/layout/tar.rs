//! A layout as a tar. Only plain files and folders of the old format (ustar) are
//! read: an extension can rename what follows it, or claim another size.

use std::io::{self, Read, Write};

use tar::{Archive, Builder, EntryType, Header};

use super::files::{Files, Place, Reading, too_many};
use super::{BLOBS_MAX, LayoutError};

/// Entries besides blobs: two files, and folders.
const OTHER_ENTRIES_MAX: usize = 8;

// === impl Files ===

impl Files {
    pub(super) fn of_tar(tar: impl Read) -> Result<Self, LayoutError> {
        let broken = |error: io::Error| LayoutError::Unreadable {
            path: "the tar".to_owned(),
            cause: error.to_string(),
        };
        let mut archive = Archive::new(tar);
        let mut reading = Reading::default();
        let entries = archive.entries().map_err(broken)?.raw(true);
        for (count, entry) in entries.enumerate() {
            let entry = entry.map_err(broken)?;
            if count >= BLOBS_MAX + OTHER_ENTRIES_MAX {
                return Err(too_many());
            }
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let foreign = |problem| LayoutError::Foreign {
                path: path.clone(),
                problem,
            };
            let plain = path.strip_prefix("./").unwrap_or(&path);
            match entry.header().entry_type() {
                EntryType::Directory => match plain.trim_end_matches('/') {
                    // What it claims would be read through to get past it.
                    "" | "blobs" | "blobs/sha256" if entry.size() != 0 => {
                        return Err(foreign("a folder that claims contents"));
                    }
                    "" | "blobs" | "blobs/sha256" => {}
                    _ => return Err(foreign("a layout has no such folder")),
                },
                EntryType::Regular => {
                    let place =
                        Place::of(plain).ok_or_else(|| foreign("a layout has no such file"))?;
                    let claimed = entry.size();
                    reading.take(place, claimed, entry)?;
                }
                _ => {
                    return Err(foreign(
                        "it is a link or an extension; hint: `tar --format=ustar` writes neither",
                    ));
                }
            }
        }
        reading.done()
    }

    pub(super) fn write_tar(&self, tar: impl Write) -> io::Result<()> {
        let mut builder = Builder::new(tar);
        for (path, bytes) in self.entries() {
            let mut header = Header::new_ustar();
            header.set_entry_type(EntryType::Regular);
            header.set_mode(0o644);
            header.set_uid(0);
            header.set_gid(0);
            header.set_mtime(0);
            header.set_size(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            builder.append_data(&mut header, path, bytes)?;
        }
        builder.into_inner()?.flush()
    }
}
