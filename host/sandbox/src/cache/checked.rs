//! A file that is whole and stands under its own key, or is not there: a checksum over
//! the rest, the key, and the content.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use gatewright_policy::Digest;

/// Ends the name of a file that is being written.
pub(super) const PART: &str = "part";

/// Length of a digest, in bytes.
const DIGEST_BYTES: usize = 32;

/// The content, if the file is whole, stands under this key, and has at most so many bytes.
pub(super) fn read(path: &Path, key: Digest, bytes_max: usize) -> Option<Vec<u8>> {
    let limit = bytes_max.saturating_add(2 * DIGEST_BYTES);
    let file = File::open(path).ok()?;
    let length = usize::try_from(file.metadata().ok()?.len()).ok()?;
    let mut bytes = Vec::with_capacity(length.min(limit));
    file.take(u64::try_from(limit).ok()?)
        .read_to_end(&mut bytes)
        .ok()?;
    let (checksum, rest) = bytes.split_at_checked(DIGEST_BYTES)?;
    let (found, _) = rest.split_at_checked(DIGEST_BYTES)?;
    if checksum != Digest::of(rest).as_bytes() || found != key.as_bytes() {
        return None;
    }
    bytes.drain(..2 * DIGEST_BYTES);
    Some(bytes)
}

/// Puts a file in the place of what is there.
pub(super) fn write(path: &Path, key: Digest, content: &[&[u8]]) -> io::Result<()> {
    let part = path.with_extension(format!("{}.{PART}", std::process::id()));
    let rest = [&[key.as_bytes().as_slice()], content].concat().concat();
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(&part).and_then(|mut file| {
        file.write_all(Digest::of(&rest).as_bytes())?;
        // Not synced: what a crash leaves half is not whole, and found out.
        file.write_all(&rest)
    });
    let kept = written.and_then(|()| fs::rename(&part, path));
    if kept.is_err() {
        let _ = fs::remove_file(&part);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_or_under_another_key_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let key = Digest::of(b"key");
        write(&path, key, &[b"con", b"tent"]).unwrap();
        assert_eq!(read(&path, key, 7).as_deref(), Some(&b"content"[..]));
        assert_eq!(read(&path, key, 6), None);
        assert_eq!(read(&path, Digest::of(b"other"), 7), None);
    }
}
