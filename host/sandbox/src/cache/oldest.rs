//! What is kept is bounded: past that, what was not used for longest goes.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::checked::PART;

/// After this long, the use of a file is written down: the oldest go first.
const USE_PERIOD: Duration = Duration::from_secs(3600);

/// What a process left that was killed, with the one that waited for it, is removed after
/// this long.
const WORK_AGE_MAX: Duration = Duration::from_secs(3600);

/// Leaves at most so many files in these folders, and so many bytes in them.
pub(super) fn remove(folders: &[PathBuf], files_max: usize, bytes_max: u64) -> io::Result<()> {
    let mut files = Vec::new();
    for folder in folders {
        files.extend(files_in(folder)?);
    }
    files.sort();
    let mut bytes: u64 = files.iter().map(|(_, length, _)| length).sum();
    let mut count = files.len();
    for (_, length, path) in files {
        if count <= files_max && bytes <= bytes_max {
            break;
        }
        fs::remove_file(path)?;
        count -= 1;
        bytes = bytes.saturating_sub(length);
    }
    Ok(())
}

/// Removes the folders in which nobody works any more.
pub(super) fn remove_left_work(folder: &Path, prefix: &str) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_work = name.as_encoded_bytes().starts_with(prefix.as_bytes());
        if is_work && age(entry.metadata()?.modified()?) > WORK_AGE_MAX {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Notes that a file was used. Where that cannot be noted, it goes earlier.
pub(super) fn used(path: &Path) {
    let modified = fs::metadata(path).and_then(|file| file.modified());
    if modified.is_ok_and(|modified| age(modified) > USE_PERIOD)
        && let Ok(file) = File::open(path)
    {
        let _ = file.set_modified(SystemTime::now());
    }
}

/// Files by when they were last used, with their lengths.
fn files_in(folder: &Path) -> io::Result<Vec<(SystemTime, u64, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.metadata()?;
        if entry.path().extension() == Some(OsStr::new(PART)) {
            // Of a process that was killed, once it is old.
            if age(file.modified()?) > WORK_AGE_MAX {
                fs::remove_file(entry.path())?;
            }
        } else if file.is_file() {
            let used = file.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            files.push((used, file.len(), entry.path()));
        }
    }
    Ok(files)
}

fn age(modified: SystemTime) -> Duration {
    modified.elapsed().unwrap_or_default()
}
