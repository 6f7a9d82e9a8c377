//! What was built from components, kept on disk: their snapshots and their machine code.
//! Who loads the same component with the same settings again need not compile and
//! configure it again; who loads it with others need not compile its functions again.
//! What is missing or damaged is made anew.
//!
//! Whoever can write there decides what guests do and what this process executes: the
//! folder is private.

mod checked;
mod oldest;

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, DirBuilder};
use std::hash::{Hash as _, Hasher as _};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use gatewright_policy::Digest;
use serde::{Deserialize, Serialize};
use wasmtime::Engine;

use crate::answer::LogLine;
use crate::job::{self, Built, MODULES_FOLDER};
use crate::limits::Limits;

/// What was built, beside the code.
const BUILT_FOLDER: &str = "built/v2";

/// Code of the functions of components.
const FUNCTIONS_FOLDER: &str = "functions/v1";

/// Files, and bytes in them, that are kept; past that the oldest go.
const FILES_MAX: usize = 4096;
const BYTES_MAX: u64 = 1 << 30;

/// Largest snapshot, and most code of functions, that is kept: several times the largest
/// language runtime.
const CONTENT_BYTES_MAX: usize = 128 << 20;

/// Longest header: the log of `configure`, escaped.
const HEADER_BYTES_MAX: usize = 1 << 20;

/// Length of the length of the header, in bytes.
const LENGTH_BYTES: usize = 4;

/// One folder of what was built.
pub(crate) struct Cache {
    folder: PathBuf,
    work_prefix: &'static str,
}

/// Names everything that is built from.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    built: Digest,
    functions: Digest,
}

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
    /// it sees nothing else. Code of functions follows from less.
    pub(crate) fn of(
        engine: &Engine,
        component: Digest,
        settings: Option<&str>,
        limits: Limits,
    ) -> Self {
        let mut compiler = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut compiler);
        // How long it runs, and what a result takes, is no part of what it builds.
        let limits = Limits {
            deadline: Duration::ZERO,
            fuel_for_each_byte: 0,
            time_for_each_byte: Duration::ZERO,
            ..limits
        };
        let functions = format!(
            "{}\n{:016x}\n{component}",
            env!("CARGO_PKG_VERSION"),
            compiler.finish(),
        );
        let settings = settings.map(|settings| Digest::of(settings.as_bytes()));
        let built = format!("{functions}\n{settings:?}\n{limits:?}");
        Self {
            built: Digest::of(built.as_bytes()),
            functions: Digest::of(functions.as_bytes()),
        }
    }
}

// === impl Cache ===

impl Cache {
    /// In a folder that is private.
    pub(crate) fn open(folder: &Path, work_prefix: &'static str) -> io::Result<Self> {
        for name in [BUILT_FOLDER, FUNCTIONS_FOLDER] {
            make(&folder.join(name))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            work_prefix,
        })
    }

    /// What was built of this key, if it is there and whole, and its code too.
    pub(crate) fn find(&self, key: Key) -> Option<Built> {
        let path = self.path(BUILT_FOLDER, key.built);
        let (header, snapshot) = read(&path, key.built)?;
        let code = self.code(&header)?;
        oldest::used(&path);
        oldest::used(&code);
        Some(Built {
            snapshot: header.is_snapshotted.then_some(snapshot),
            log: header.log,
        })
    }

    /// Gives the work folder the code of functions that is kept of the component, if any
    /// is, and says so: one that is written to, by whoever works there, is not the one
    /// that is kept.
    pub(crate) fn lend_functions(&self, key: Key, work: &Path) -> io::Result<bool> {
        let path = self.path(FUNCTIONS_FOLDER, key.functions);
        let Some(code) = checked::read(&path, key.functions, CONTENT_BYTES_MAX) else {
            return Ok(false);
        };
        oldest::used(&path);
        fs::write(job::functions(work), code)?;
        Ok(true)
    }

    /// Keeps what was built and its code, which lies in the work folder.
    pub(crate) fn keep(&self, key: Key, built: &Built, work: &Path) -> io::Result<()> {
        let code = job::code(work)?;
        let place = self.folder.join(&code);
        if let Some(folder) = place.parent() {
            make(folder)?;
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

    /// Keeps the code of functions of a component of which none was lent: other settings
    /// change little of it.
    pub(crate) fn keep_functions(&self, key: Key, work: &Path) -> io::Result<()> {
        let path = self.path(FUNCTIONS_FOLDER, key.functions);
        let code = fs::read(job::functions(work))?;
        if code.len() > CONTENT_BYTES_MAX {
            return Ok(());
        }
        checked::write(&path, key.functions, &[&code])
    }

    fn path(&self, folder: &str, key: Digest) -> PathBuf {
        let hex = key.as_bytes().iter().map(|byte| format!("{byte:02x}"));
        self.folder.join(folder).join(hex.collect::<String>())
    }

    /// The file of machine code, if it is the one that was kept.
    fn code(&self, header: &Header) -> Option<PathBuf> {
        let is_name = |part: Component<'_>| matches!(part, Component::Normal(_));
        let is_inside =
            header.code.starts_with(MODULES_FOLDER) && header.code.components().all(is_name);
        let path = self.folder.join(&header.code);
        let is_whole = is_inside && Digest::of(&fs::read(&path).ok()?) == header.code_digest;
        is_whole.then_some(path)
    }

    fn write(&self, key: Key, header: &Header, snapshot: &[u8]) -> io::Result<()> {
        if snapshot.len() > CONTENT_BYTES_MAX {
            return Err(io::Error::other("what was configured is too large"));
        }
        let header = serde_json::to_vec(header)?;
        let length = u32::try_from(header.len()).map_err(io::Error::other)?;
        let path = self.path(BUILT_FOLDER, key.built);
        checked::write(
            &path,
            key.built,
            &[&length.to_le_bytes(), &header, snapshot],
        )
    }

    fn remove_oldest(&self) -> io::Result<()> {
        let mut folders = vec![
            self.folder.join(BUILT_FOLDER),
            self.folder.join(FUNCTIONS_FOLDER),
        ];
        for version in fs::read_dir(self.folder.join(MODULES_FOLDER))? {
            folders.push(version?.path());
        }
        oldest::remove(&folders, FILES_MAX, BYTES_MAX)?;
        oldest::remove_left_work(&self.folder, self.work_prefix)
    }
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

/// What is kept of this key, if it is whole.
fn read(path: &Path, key: Digest) -> Option<(Header, Vec<u8>)> {
    let limit = LENGTH_BYTES + HEADER_BYTES_MAX + CONTENT_BYTES_MAX;
    let content = checked::read(path, key, limit)?;
    let (length, content) = content.split_at_checked(LENGTH_BYTES)?;
    let length = u32::from_le_bytes(length.try_into().ok()?);
    let (header, snapshot) = content.split_at_checked(usize::try_from(length).ok()?)?;
    Some((serde_json::from_slice(header).ok()?, snapshot.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs::File;
    use std::time::SystemTime;

    /// A work folder in which a compiler left this code.
    fn work(code: &str) -> tempfile::TempDir {
        let work = tempfile::tempdir().unwrap();
        let folder = work.path().join(MODULES_FOLDER).join("version");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(code), code).unwrap();
        fs::write(folder.join("code.stats"), "").unwrap();
        fs::write(job::functions(work.path()), code).unwrap();
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
            Some("{}"),
            Limits::default(),
        )
    }

    fn open(folder: &tempfile::TempDir) -> Cache {
        Cache::open(folder.path(), "building-").unwrap()
    }

    fn built_path(cache: &Cache, key: Key) -> PathBuf {
        cache.path(BUILT_FOLDER, key.built)
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
        fs::copy(built_path(&cache, key(1)), built_path(&cache, key(2))).unwrap();
        assert_eq!(cache.find(key(2)), None);
    }

    /// It removes what it does not know, while others work beside it.
    #[test]
    fn nothing_of_ours_lies_in_the_folder_that_wasmtime_cleans() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        cache
            .keep(key(1), &built(b"snapshot"), work("1").path())
            .unwrap();
        let code = cache.folder.join(job::CODE_FOLDER);
        let paths = [
            built_path(&cache, key(1)),
            cache.path(FUNCTIONS_FOLDER, key(1).functions),
            job::functions(&cache.folder),
        ];
        assert!(paths.iter().all(|path| !path.starts_with(&code)));
        assert!(cache.folder.join(MODULES_FOLDER).starts_with(&code));
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
            Key::of(&engine, one, Some("{}"), limits),
            Key::of(&engine, two, Some("{}"), limits),
            Key::of(&engine, one, Some("[]"), limits),
            Key::of(&engine, one, None, limits),
            Key::of(&engine, one, Some("{}"), less_memory),
            Key::of(&engine, one, Some("{}"), less_fuel),
            Key::of(&other, one, Some("{}"), limits),
        ];
        let names: BTreeSet<_> = keys.iter().map(|key| key.built.to_string()).collect();
        assert_eq!(names.len(), keys.len());
    }

    #[test]
    fn what_is_damaged_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        cache
            .keep(key(1), &built(b"snapshot"), work("code").path())
            .unwrap();
        let code = folder.path().join(MODULES_FOLDER).join("version/code");
        for path in [built_path(&cache, key(1)), code] {
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
        fs::write(folder.path().join("other"), "code").unwrap();
        fs::create_dir_all(folder.path().join(MODULES_FOLDER)).unwrap();
        for code in ["other", "code/modules/../../other", "/etc/hostname"] {
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
        let entries = folder.path().join(BUILT_FOLDER);
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
        let done = work("1");
        cache.keep_functions(key(1), done.path()).unwrap();
        cache
            .keep(key(1), &built(b"snapshot"), done.path())
            .unwrap();
        let is_there = |name: &str| folder.path().join(name).exists();
        // Beside them, the code of the component and that of its functions.
        assert_eq!(fs::read_dir(&entries).unwrap().count() + 2, FILES_MAX);
        for (name, is_kept) in [("0", false), ("1", false), ("2", false), ("3", true)] {
            assert_eq!(entries.join(name).exists(), is_kept, "{name}");
        }
        assert!(cache.find(key(1)).is_some());
        assert!(!is_there("building-old") && is_there("building-now") && is_there("other"));
    }

    #[test]
    fn code_of_functions_is_lent_for_every_settings_of_its_component_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        let of = |component: &[u8], settings| {
            let component = Digest::of(component);
            Key::of(
                &Engine::default(),
                component,
                Some(settings),
                Limits::default(),
            )
        };
        let lent = |key| {
            let work = tempfile::tempdir().unwrap();
            let is_lent = cache.lend_functions(key, work.path()).unwrap();
            let code = fs::read(job::functions(work.path())).ok();
            assert_eq!(is_lent, code.is_some());
            code
        };
        assert_eq!(lent(of(b"1", "{}")), None);
        cache
            .keep_functions(of(b"1", "{}"), work("first").path())
            .unwrap();
        for (key, expected) in [
            (of(b"1", "{}"), Some(&b"first"[..])),
            (of(b"1", "[1]"), Some(&b"first"[..])),
            (of(b"2", "{}"), None),
        ] {
            assert_eq!(lent(key).as_deref(), expected);
        }
        let path = cache.path(FUNCTIONS_FOLDER, of(b"1", "{}").functions);
        let mut damaged = fs::read(&path).unwrap();
        *damaged.last_mut().unwrap() ^= 1;
        fs::write(&path, damaged).unwrap();
        assert_eq!(lent(of(b"1", "{}")), None);
    }
}
