//! A folder that nobody else can write to, or put another one in the place of: what
//! lies there is executed.

use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, absolute};

/// Group and others may write.
const WRITABLE: u32 = 0o022;

/// Whoever may write to the folder may still not move what others have there.
const STICKY: u32 = 0o1000;

/// Makes the folder, if there is none, and sees that it belongs to this user alone, and
/// that nobody but this user and root can move it away.
pub fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)?;
    let found = fs::metadata(folder)?;
    if found.uid() != own_uid() {
        return Err(io::Error::other("it belongs to another user"));
    }
    if found.mode() & WRITABLE != 0 {
        return Err(io::Error::other(
            "others may write there; hint: empty it, then `chmod 700`",
        ));
    }
    // Both ways to it: a link on the one leads to the other.
    for way in [absolute(folder)?, fs::canonicalize(folder)?] {
        check(&fs::symlink_metadata(&way)?, &way)?;
        for above in way.ancestors().skip(1) {
            // A link can be written by nobody, and has an owner of its own.
            check(&fs::symlink_metadata(above)?, above)?;
            check(&fs::metadata(above)?, above)?;
        }
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Whether nobody but this user and root can replace what lies in it.
fn check(found: &Metadata, path: &Path) -> io::Result<()> {
    if found.uid() != own_uid() && found.uid() != 0 {
        return Err(io::Error::other(format!(
            "`{}` belongs to another user; hint: keep it in a folder of this user",
            path.display()
        )));
    }
    if !found.is_symlink() && found.mode() & WRITABLE != 0 && found.mode() & STICKY == 0 {
        return Err(io::Error::other(format!(
            "others may write to `{}` and could replace it; hint: `chmod go-w`, or keep it \
             in another folder",
            path.display()
        )));
    }
    Ok(())
}

fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
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

    #[test]
    fn folders_above_it_may_not_let_others_replace_it() {
        let place = tempfile::tempdir().unwrap();
        let (above, other) = (place.path().join("above"), place.path().join("other"));
        let folder = above.join("between/cache");
        make(&folder).unwrap();
        make(&other).unwrap();
        std::os::unix::fs::symlink(&above, other.join("link")).unwrap();
        let linked = other.join("link/between/cache");
        make(&linked).unwrap();
        for (changed, before, is_accepted, is_accepted_linked) in [
            (&above, 0o775, false, false),
            (&above, 0o757, false, false),
            (&above, 0o1777, true, true),
            (&above, 0o755, true, true),
            (&other, 0o777, true, false),
            (&other, 0o1777, true, true),
        ] {
            fs::set_permissions(changed, Permissions::from_mode(before)).unwrap();
            assert_eq!(make(&folder).is_ok(), is_accepted, "{before:o}");
            assert_eq!(make(&linked).is_ok(), is_accepted_linked, "{before:o}");
        }
    }
}
