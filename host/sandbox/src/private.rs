//! A folder that nobody else can write to: what lies there is executed.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::Path;

/// Makes the folder, if there is none, and sees that it belongs to this user alone.
pub fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)?;
    let found = fs::metadata(folder)?;
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other("it belongs to another user"));
    }
    if found.mode() & 0o022 != 0 {
        return Err(io::Error::other(
            "others may write there; hint: empty it, then `chmod 700`",
        ));
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(folder: &Path) -> u32 {
        fs::metadata(folder).unwrap().mode() & 0o777
    }

    #[test]
    fn a_folder_is_made_private_unless_others_could_have_written_to_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("new/deep");
        make(&folder).unwrap();
        assert_eq!(mode(&folder), 0o700);
        for (before, is_accepted) in [(0o755, true), (0o775, false), (0o707, false)] {
            fs::set_permissions(&folder, Permissions::from_mode(before)).unwrap();
            assert_eq!(make(&folder).is_ok(), is_accepted, "{before:o}");
        }
        assert_eq!(mode(&folder), 0o707, "what is refused is left as it is");
        let file = place.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(make(&file).is_err());
    }
}
