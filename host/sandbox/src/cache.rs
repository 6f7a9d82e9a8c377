//! What was built from components, kept on disk: their snapshots and their machine code.
//! Who loads the same component with the same settings again need not compile and
//! configure it again. What is missing or damaged is made anew.
//!
//! Whoever can write there decides what guests do and what this process executes: the
//! folder is private.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{Hash as _, Hasher as _};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use gatewright_policy::Digest;
use serde::{Deserialize, Serialize};
use wasmtime::Engine;

use crate::answer::LogLine;
use crate::job::{self, Built, CODE_FOLDER};
use crate::limits::Limits;

/// What was built, beside the code.
const FOLDER: &str = "built/v1";

/// Files, and bytes in them, that are kept; past that the oldest go.
const FILES_MAX: usize = 4096;
const BYTES_MAX: u64 = 1 << 30;

/// Largest snapshot that is kept: several times the largest language runtime.
const SNAPSHOT_BYTES_MAX: usize = 128 << 20;

/// Longest header: the log of `configure`, escaped.
const HEADER_BYTES_MAX: usize = 1 << 20;

/// Length of a digest, in bytes.
const DIGEST_BYTES: usize = 32;

/// Length of the length of the header, in bytes.
const LENGTH_BYTES: usize = 4;

/// After this long, the use of a file is written down: the oldest go first.
const USE_PERIOD: Duration = Duration::from_secs(3600);

/// What a process left that was killed, with the one that waited for it, is removed after
/// this long.
const WORK_AGE_MAX: Duration = Duration::from_secs(3600);

/// One folder of what was built.
pub(crate) struct Cache {
    folder: PathBuf,
    work_prefix: &'static str,
}

/// Names everything that is built from.
#[derive(Clone, Copy)]
pub(crate) struct Key(Digest);

/// What stands before the snapshot.
#[derive(Serialize, Deserialize)]
struct Header {
    /// The file of machine code, as a path from the folder.
    code: PathBuf,
    /// What is in it.
    code_digest: Digest,
    is_snapshotted: bool,
    log: Vec<LogLine>,
}

// === impl Key ===

impl Key {
    /// What is built follows from the component, its settings, the limits it runs under,
    /// this version of the host, and the compiler and processor that the engine is for:
    /// it sees nothing else.
    pub(crate) fn of(engine: &Engine, component: Digest, settings: &str, limits: Limits) -> Self {
        let mut compiler = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut compiler);
        // How long it runs is no part of what it builds.
        let limits = Limits {
            deadline: Duration::ZERO,
            ..limits
        };
        let made_from = format!(
            "{}\n{:016x}\n{component}\n{}\n{limits:?}",
            env!("CARGO_PKG_VERSION"),
            compiler.finish(),
            Digest::of(settings.as_bytes()),
        );
        Self(Digest::of(made_from.as_bytes()))
    }

    fn file_name(self) -> String {
        let hex = self.0.as_bytes().iter().map(|byte| format!("{byte:02x}"));
        hex.collect()
    }
}

// === impl Cache ===

impl Cache {
    /// In a folder that is private.
    pub(crate) fn open(folder: &Path, work_prefix: &'static str) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(folder.join(FOLDER))?;
        Ok(Self {
            folder: folder.to_owned(),
            work_prefix,
        })
    }

    /// What was built of this key, if it is there and whole, and its code too.
    pub(crate) fn find(&self, key: Key) -> Option<Built> {
        let path = self.path(key);
        let (header, snapshot) = read(key, &path)?;
        let code = self.code(&header)?;
        used(&path);
        used(&code);
        Some(Built {
            snapshot: header.is_snapshotted.then_some(snapshot),
            log: header.log,
        })
    }

    /// Keeps what was built and its code, which lies in the work folder.
    pub(crate) fn keep(&self, key: Key, built: &Built, work: &Path) -> io::Result<()> {
        let code = job::code(work)?;
        let place = self.folder.join(&code);
        if let Some(folder) = place.parent() {
            let mut builder = DirBuilder::new();
            builder.recursive(true).mode(0o700).create(folder)?;
        }
        let header = Header {
            code_digest: Digest::of(&fs::read(work.join(&code))?),
            is_snapshotted: built.snapshot.is_some(),
            log: built.log.clone(),
            code,
        };
        fs::rename(work.join(&header.code), place)?;
        self.write(key, &header, built.snapshot.as_deref().unwrap_or_default())?;
        // What cannot be removed now is found again the next time.
        let _ = self.remove_oldest();
        Ok(())
    }

    fn path(&self, key: Key) -> PathBuf {
        self.folder.join(FOLDER).join(key.file_name())
    }

    /// The file of machine code, if it is the one that was kept.
    fn code(&self, header: &Header) -> Option<PathBuf> {
        let is_name = |part: Component<'_>| matches!(part, Component::Normal(_));
        let is_inside =
            header.code.starts_with(CODE_FOLDER) && header.code.components().all(is_name);
        let path = self.folder.join(&header.code);
        let is_whole = is_inside && Digest::of(&fs::read(&path).ok()?) == header.code_digest;
        is_whole.then_some(path)
    }

    fn write(&self, key: Key, header: &Header, snapshot: &[u8]) -> io::Result<()> {
        if snapshot.len() > SNAPSHOT_BYTES_MAX {
            return Err(io::Error::other("what was configured is too large"));
        }
        let path = self.path(key);
        let part = path.with_extension(format!("{}.part", std::process::id()));
        let header = serde_json::to_vec(header)?;
        let length = u32::try_from(header.len()).map_err(io::Error::other)?;
        let mut rest = key.0.as_bytes().to_vec();
        rest.extend(length.to_le_bytes());
        rest.extend(header);
        rest.extend(snapshot);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let written = options.open(&part).and_then(|mut file| {
            file.write_all(Digest::of(&rest).as_bytes())?;
            // Not synced: what a crash leaves half is not whole, and found out.
            file.write_all(&rest)
        });
        let kept = written.and_then(|()| fs::rename(&part, &path));
        if kept.is_err() {
            let _ = fs::remove_file(&part);
        }
        kept
    }

    fn remove_oldest(&self) -> io::Result<()> {
        let mut files = files_in(&self.folder.join(FOLDER))?;
        for version in fs::read_dir(self.folder.join(CODE_FOLDER))? {
            files.extend(files_in(&version?.path())?);
        }
        files.sort();
        let mut bytes: u64 = files.iter().map(|(_, length, _)| length).sum();
        let mut count = files.len();
        for (_, length, path) in files {
            if count <= FILES_MAX && bytes <= BYTES_MAX {
                break;
            }
            fs::remove_file(path)?;
            count -= 1;
            bytes = bytes.saturating_sub(length);
        }
        self.remove_left_work()
    }

    fn remove_left_work(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_work = name
                .as_encoded_bytes()
                .starts_with(self.work_prefix.as_bytes());
            if is_work && age(entry.metadata()?.modified()?) > WORK_AGE_MAX {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }
}

/// What is kept of this key, if it is whole.
fn read(key: Key, path: &Path) -> Option<(Header, Vec<u8>)> {
    let limit = DIGEST_BYTES * 2 + LENGTH_BYTES + HEADER_BYTES_MAX + SNAPSHOT_BYTES_MAX;
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(u64::try_from(limit).ok()?)
        .read_to_end(&mut bytes)
        .ok()?;
    let (checksum, rest) = bytes.split_at_checked(DIGEST_BYTES)?;
    let (found, content) = rest.split_at_checked(DIGEST_BYTES)?;
    if checksum != Digest::of(rest).as_bytes() || found != key.0.as_bytes() {
        return None;
    }
    let (length, content) = content.split_at_checked(LENGTH_BYTES)?;
    let length = u32::from_le_bytes(length.try_into().ok()?);
    let (header, snapshot) = content.split_at_checked(usize::try_from(length).ok()?)?;
    Some((serde_json::from_slice(header).ok()?, snapshot.to_vec()))
}

/// Files by when they were last used, with their lengths.
fn files_in(folder: &Path) -> io::Result<Vec<(SystemTime, u64, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.metadata()?;
        if file.is_file() && entry.path().extension() != Some(OsStr::new("part")) {
            let used = file.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            files.push((used, file.len(), entry.path()));
        }
    }
    Ok(files)
}

/// Notes that a file was used. Where that cannot be noted, it goes earlier.
fn used(path: &Path) {
    let modified = fs::metadata(path).and_then(|file| file.modified());
    if modified.is_ok_and(|modified| age(modified) > USE_PERIOD)
        && let Ok(file) = File::options().append(true).open(path)
    {
        let _ = file.set_modified(SystemTime::now());
    }
}

fn age(modified: SystemTime) -> Duration {
    modified.elapsed().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A work folder in which a compiler left this code.
    fn work(code: &str) -> tempfile::TempDir {
        let work = tempfile::tempdir().unwrap();
        let folder = work.path().join(CODE_FOLDER).join("version");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(code), code).unwrap();
        fs::write(folder.join("code.stats"), "").unwrap();
        work
    }

    fn built(text: &[u8]) -> Built {
        Built {
            snapshot: Some(text.to_vec()),
            log: Vec::new(),
        }
    }

    fn key(number: u8) -> Key {
        Key::of(
            &Engine::default(),
            Digest::of(&[number]),
            "{}",
            Limits::default(),
        )
    }

    fn open(folder: &tempfile::TempDir) -> Cache {
        Cache::open(folder.path(), "building-").unwrap()
    }

    #[test]
    fn what_is_kept_is_found_under_its_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        assert_eq!(cache.find(key(1)), None);
        cache
            .keep(key(1), &built(b"snapshot"), work("1").path())
            .unwrap();
        assert_eq!(cache.find(key(1)).unwrap(), built(b"snapshot"));
        assert_eq!(cache.find(key(2)), None);
        // A file that was put in the place of another one.
        fs::copy(cache.path(key(1)), cache.path(key(2))).unwrap();
        assert_eq!(cache.find(key(2)), None);
    }

    #[test]
    fn everything_that_is_built_from_is_in_the_key() {
        let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
        let limits = Limits::default();
        let less_memory = Limits {
            memory_bytes: 1,
            ..limits
        };
        let less_fuel = Limits { fuel: 1, ..limits };
        let engine = Engine::default();
        let other = Engine::new(wasmtime::Config::new().consume_fuel(true)).unwrap();
        let keys = [
            Key::of(&engine, one, "{}", limits),
            Key::of(&engine, two, "{}", limits),
            Key::of(&engine, one, "[]", limits),
            Key::of(&engine, one, "{}", less_memory),
            Key::of(&engine, one, "{}", less_fuel),
            Key::of(&other, one, "{}", limits),
        ];
        let names: std::collections::BTreeSet<_> = keys.iter().map(|key| key.file_name()).collect();
        assert_eq!(names.len(), keys.len());
    }

    #[test]
    fn what_is_damaged_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        cache
            .keep(key(1), &built(b"snapshot"), work("code").path())
            .unwrap();
        let code = folder.path().join(CODE_FOLDER).join("version/code");
        for path in [cache.path(key(1)), code] {
            let whole = fs::read(&path).unwrap();
            for length in 0..whole.len() {
                fs::write(&path, &whole[..length]).unwrap();
                assert_eq!(cache.find(key(1)), None, "{path:?} cut off at {length}");
            }
            for place in 0..whole.len() {
                let mut damaged = whole.clone();
                damaged[place] ^= 1;
                fs::write(&path, damaged).unwrap();
                assert_eq!(cache.find(key(1)), None, "{path:?} flipped at {place}");
            }
            fs::remove_file(&path).unwrap();
            assert_eq!(cache.find(key(1)), None, "{path:?} removed");
            fs::write(&path, &whole).unwrap();
            assert_eq!(cache.find(key(1)).unwrap(), built(b"snapshot"));
        }
    }

    #[test]
    fn code_is_looked_for_in_its_folder_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        fs::write(folder.path().join("code"), "code").unwrap();
        fs::create_dir_all(folder.path().join(CODE_FOLDER)).unwrap();
        for code in ["code", "modules/../code", "/etc/hostname"] {
            let header = Header {
                code: code.into(),
                code_digest: Digest::of(b"code"),
                is_snapshotted: false,
                log: Vec::new(),
            };
            cache.write(key(1), &header, b"").unwrap();
            assert_eq!(cache.find(key(1)), None, "{code}");
        }
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many_and_work_that_was_left_too() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        let entries = folder.path().join(FOLDER);
        let aged = |path: &Path, seconds: usize| {
            let age = Duration::from_secs(u64::try_from(seconds).unwrap());
            let file = File::open(path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + age).unwrap();
        };
        for number in 0..FILES_MAX {
            let path = entries.join(number.to_string());
            fs::write(&path, "").unwrap();
            aged(&path, number);
        }
        for name in ["building-old", "building-now", "other"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        aged(&folder.path().join("building-old"), 0);
        aged(&folder.path().join("other"), 0);
        cache
            .keep(key(1), &built(b"snapshot"), work("1").path())
            .unwrap();
        let is_there = |name: &str| folder.path().join(name).exists();
        assert_eq!(fs::read_dir(&entries).unwrap().count() + 1, FILES_MAX);
        assert!(!entries.join("0").exists() && !entries.join("1").exists());
        assert!(entries.join("2").exists());
        assert!(cache.find(key(1)).is_some());
        assert!(!is_there("building-old") && is_there("building-now") && is_there("other"));
    }
}
