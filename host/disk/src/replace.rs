//! Files that are written whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::files::{Access, Disk, Files, folder_of};

/// Ends the name of a file that is being written. One that a killed process left
/// may be removed by whoever is alone in its folder.
pub const PART: &str = "part";

/// What is written where.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    path: &'a Path,
    access: Access,
    parts: &'a Path,
}

/// Replaces a file: a reader sees the old bytes or the new ones, also after a
/// crash. Where a step before the last fails, the old file stays, and nothing is
/// left beside it.
pub fn replace(disk: &dyn Disk, target: Target<'_>, bytes: &[u8]) -> io::Result<()> {
    into_place(disk, target, |part| disk.write(part, target.access, bytes))
}

/// As [`replace`], for what is too long to be put together in memory.
pub fn replace_with(
    target: Target<'_>,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    into_place(&Files, target, |part| {
        Files.fill(part, target.access.options_to_overwrite(), fill)
    })
}

/// As [`replace`], for a file that is there and belongs to somebody else's program: whoever
/// might read and write it may do so afterwards.
pub fn replace_in_kind(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let permissions = fs::metadata(path)?.permissions();
    into_place(&Files, Target::new(path, Access::Owner), |part| {
        Files.write(part, Access::Owner, bytes)?;
        fs::set_permissions(part, permissions)
    })
}

/// Writes a file that must not be there yet. Where it fails, there is none.
pub fn create(path: &Path, access: Access, bytes: &[u8]) -> io::Result<()> {
    let mut is_ours = false;
    let written = Files.fill(path, access.options_to_create(), |writer| {
        is_ours = true;
        writer.write_all(bytes)
    });
    if written.is_err() && is_ours {
        // It has no bytes that anybody counts on.
        let _ = Files.remove(path);
    }
    written.and_then(|()| Files.sync_folder(folder_of(path)))
}

fn into_place(
    disk: &dyn Disk,
    target: Target<'_>,
    write: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let part = target.part();
    // A link that lies there leads to somebody else's file.
    if fs::symlink_metadata(&part).is_ok_and(|found| found.is_symlink()) {
        fs::remove_file(&part)?;
    }
    let renamed = write(&part).and_then(|()| disk.rename(&part, target.path));
    if renamed.is_err() {
        // Nothing half: whether there was something to remove does not matter.
        let _ = disk.remove(&part);
        return renamed;
    }
    disk.sync_folder(folder_of(target.path))
}

// === impl Target ===

impl<'a> Target<'a> {
    /// A file.
    pub fn new(path: &'a Path, access: Access) -> Self {
        Self {
            path,
            access,
            parts: folder_of(path),
        }
    }

    /// What is being written stands in another folder of the same file system: in
    /// its own every file means something.
    #[must_use]
    pub const fn with_parts_in(self, parts: &'a Path) -> Self {
        Self { parts, ..self }
    }

    /// No other write, of this process or another one, has the same.
    fn part(&self) -> PathBuf {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}-{count}.{PART}", process::id()));
        self.parts.join(name)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// Fails at one step: the disk is full after half of the bytes, or the rename
    /// is refused, or the folder is not synced.
    struct Failing(&'static str);

    impl Failing {
        fn step(&self, name: &str) -> io::Result<()> {
            match self.0 == name {
                true => Err(io::ErrorKind::StorageFull.into()),
                false => Ok(()),
            }
        }
    }

    impl Disk for Failing {
        fn create_folder(&self, path: &Path) -> io::Result<()> {
            Files.create_folder(path)
        }

        fn write(&self, path: &Path, access: Access, bytes: &[u8]) -> io::Result<()> {
            let failed = self.step("write");
            let there = match failed {
                Ok(()) => bytes,
                Err(_) => &bytes[..bytes.len() / 2],
            };
            Files.write(path, access, there)?;
            failed
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.step("rename")?;
            Files.rename(from, to)
        }

        fn sync_folder(&self, path: &Path) -> io::Result<()> {
            self.step("sync")?;
            Files.sync_folder(path)
        }

        fn remove(&self, path: &Path) -> io::Result<()> {
            Files.remove(path)
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_step_that_fails_is_told_and_leaves_the_old_file_alone() {
        for (step, expected) in [("write", "old"), ("rename", "old"), ("sync", "new")] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            fs::write(&path, "old").unwrap();
            let target = Target::new(&path, Access::Usual);
            let error = replace(&Failing(step), target, b"new").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{step}");
            assert_eq!(fs::read_to_string(&path).unwrap(), expected, "{step}");
            assert_eq!(names(folder.path()), ["file"], "{step}");
        }
    }

    #[test]
    fn a_disk_that_is_full_is_told_when_the_last_bytes_are_written() {
        let full = Path::new("/dev/full");
        if !full.exists() {
            return;
        }
        let error = Files.write(full, Access::Usual, b"new").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn what_cannot_be_put_in_place_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("folder");
        fs::create_dir(&path).unwrap();
        let target = Target::new(&path, Access::Usual);
        assert!(replace(&Files, target, b"new").is_err());
        let filled = replace_with(target, |writer| writer.write_all(b"new"));
        assert!(filled.is_err());
        let broken = replace_with(
            Target::new(&folder.path().join("file"), Access::Usual),
            |_| Err(io::Error::other("it broke off")),
        );
        assert_eq!(broken.unwrap_err().to_string(), "it broke off");
        assert_eq!(names(folder.path()), ["folder"]);
    }

    #[test]
    fn a_file_of_the_owner_is_for_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("parts");
        Files.create_folder(&below).unwrap();
        let path = folder.path().join("file");
        let target = Target::new(&path, Access::Owner).with_parts_in(&below);
        replace(&Files, target, b"new").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&below)), (0o600, 0o700));
        assert_eq!(names(folder.path()), ["file", "parts"]);
        assert!(names(&below).is_empty());
    }

    #[test]
    fn a_file_of_another_program_stays_as_open_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert!(replace_in_kind(&path, b"new").is_err(), "it is not there");
        for mode in [0o600, 0o664, 0o444] {
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            replace_in_kind(&path, b"new").unwrap();
            let found = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!((found, fs::read(&path).unwrap()), (mode, b"new".to_vec()));
            fs::remove_file(&path).unwrap();
        }
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn nothing_is_written_through_a_link_that_lies_where_a_part_would() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("other");
        let path = folder.path().join("file");
        fs::write(&other, "theirs").unwrap();
        for count in 0..1024 {
            let part = format!("file.{}-{count}.{PART}", process::id());
            std::os::unix::fs::symlink(&other, folder.path().join(part)).unwrap();
        }
        replace(&Files, Target::new(&path, Access::Usual), b"new").unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "theirs");
        assert!(!fs::symlink_metadata(&path).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[test]
    fn a_new_file_never_takes_the_place_of_one_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        create(&path, Access::Owner, b"first").unwrap();
        let error = create(&path, Access::Owner, b"second").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
    }
}
