//! What was built from components, kept on disk: their snapshots and their machine code.
//! Who loads the same component with the same settings again need not compile and
//! configure it again; who loads it with others need not compile its functions again.
//! What is missing or damaged is made anew.
//!
//! Whoever can write there decides what guests do and what this process executes: the
//! folder is private.

mod checked;
mod entry;
mod oldest;

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, DirBuilder};
use std::hash::{Hash as _, Hasher as _};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use gatewright_policy::Digest;
use wasmtime::Engine;

pub(crate) use self::entry::Code;
use crate::asked::Standing;
use crate::built::{Built, KEPT_BYTES_MAX};
use crate::job::{self, MODULES_FOLDER};
use crate::limits::Limits;

/// What was built, beside the code.
const BUILT_FOLDER: &str = "built/v4";

/// Which code components have that stands apart from their state: that of all settings.
const CODE_OF_ALL_FOLDER: &str = "apart/v2";

/// Code of the functions of components.
const FUNCTIONS_FOLDER: &str = "functions/v2";

/// Files that are kept; past that the oldest go.
const FILES_MAX: usize = 4096;

/// Largest snapshot, and most code of functions, that is kept: several times the largest
/// language runtime.
const CONTENT_BYTES_MAX: usize = 128 << 20;

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

// === impl Key ===

impl Key {
    /// What is built follows from the component, its settings, the limits it runs under,
    /// this version of the host, and the compiler and processor that the engine is for:
    /// it sees nothing else. Code of functions follows from less.
    pub(crate) fn of(
        engine: &Engine,
        component: Digest,
        settings: Option<&str>,
        (limits, state): (Limits, Standing),
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
        let built = format!("{functions}\n{settings:?}\n{limits:?}\n{state:?}");
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
        for name in [BUILT_FOLDER, CODE_OF_ALL_FOLDER, FUNCTIONS_FOLDER] {
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
        let (built, code) = entry::read(&path, key.built)?;
        for code in &code {
            let (code, _) = self.code(code)?;
            oldest::used(&code);
        }
        oldest::used(&path);
        Some(built)
    }

    /// Gives the work folder the code that the component has with all settings, where it
    /// stands apart from its state and is kept: copies, as below. Which it is.
    pub(crate) fn lend_code(&self, key: Key, work: &Path) -> io::Result<Vec<Code>> {
        let path = self.path(CODE_OF_ALL_FOLDER, key.functions);
        let kept = checked::read(&path, key.functions, entry::HEADER_BYTES_MAX);
        let kept = kept.and_then(|kept| serde_json::from_slice::<Vec<Code>>(&kept).ok());
        let mut lent = Vec::new();
        for code in kept.unwrap_or_default() {
            let Some((from, bytes)) = self.code(&code) else {
                return Ok(Vec::new());
            };
            let place = work.join(&code.path);
            if let Some(folder) = place.parent() {
                make(folder)?;
            }
            fs::write(place, bytes)?;
            oldest::used(&from);
            lent.push(code);
        }
        oldest::used(&path);
        Ok(lent)
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

    /// Keeps what was built and its code, which lies in the work folder beside what was
    /// lent.
    pub(crate) fn keep(
        &self,
        key: Key,
        built: &Built,
        (work, lent): (&Path, &[Code]),
    ) -> io::Result<()> {
        let images = built.snapshot.as_ref().map(|it| it.images.as_slice());
        let images = images.unwrap_or_default();
        let mut compiled = job::code(work)?;
        if images.is_empty() {
            compiled.drain(..compiled.len().saturating_sub(1));
        }
        let mut code = Vec::with_capacity(compiled.len());
        for path in compiled {
            // What was lent is kept already, whatever became of the copy.
            code.push(match lent.iter().find(|lent| lent.path == path) {
                Some(lent) => lent.clone(),
                None => self.keep_code(path, work)?,
            });
        }
        if code.is_empty() {
            return Err(io::Error::other("the compiler left no code"));
        }
        if lent.is_empty() && !images.is_empty() {
            let (of_all, _of_images) = code.split_at(code.len().saturating_sub(images.len()));
            let path = self.path(CODE_OF_ALL_FOLDER, key.functions);
            checked::write(&path, key.functions, &[&serde_json::to_vec(of_all)?])?;
        }
        entry::write(&self.path(BUILT_FOLDER, key.built), key.built, built, code)?;
        // What cannot be removed now is found again the next time.
        let _ = self.remove_oldest();
        Ok(())
    }

    fn keep_code(&self, path: PathBuf, work: &Path) -> io::Result<Code> {
        let digest = Digest::of(&fs::read(work.join(&path))?);
        let place = self.folder.join(&path);
        if let Some(folder) = place.parent() {
            make(folder)?;
        }
        fs::rename(work.join(&path), place)?;
        Ok(Code { path, digest })
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

    /// A file of machine code, and what is in it, if it is the one that was kept.
    fn code(&self, code: &Code) -> Option<(PathBuf, Vec<u8>)> {
        let is_name = |part: Component<'_>| matches!(part, Component::Normal(_));
        let is_inside =
            code.path.starts_with(MODULES_FOLDER) && code.path.components().all(is_name);
        if !is_inside {
            return None;
        }
        let path = self.folder.join(&code.path);
        let bytes = fs::read(&path).ok()?;
        (Digest::of(&bytes) == code.digest).then_some((path, bytes))
    }

    fn remove_oldest(&self) -> io::Result<()> {
        let mut folders = vec![
            self.folder.join(BUILT_FOLDER),
            self.folder.join(CODE_OF_ALL_FOLDER),
            self.folder.join(FUNCTIONS_FOLDER),
        ];
        for version in fs::read_dir(self.folder.join(MODULES_FOLDER))? {
            folders.push(version?.path());
        }
        oldest::remove(&folders, FILES_MAX, KEPT_BYTES_MAX)?;
        oldest::remove_left_work(&self.folder, self.work_prefix)
    }
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::built::{ImageModule, Snapshot};
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
            snapshot: Some(Snapshot::whole(text.to_vec())),
            log: Vec::new(),
        }
    }

    /// With what stands apart.
    fn built_apart(text: &[u8]) -> Built {
        let image = |name: &str, bytes: usize| ImageModule {
            name: name.to_owned(),
            module: text.repeat(bytes),
        };
        Built {
            snapshot: Some(Snapshot {
                component: b"component".to_vec(),
                images: vec![image("image0", 5), image("image1", 0), image("image2", 1)],
            }),
            log: Vec::new(),
        }
    }

    fn key(number: u8) -> Key {
        Key::of(
            &Engine::default(),
            Digest::of(&[number]),
            Some("{}"),
            (Limits::default(), Standing::Together),
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
            .keep(key(1), &built(b"snapshot"), (work("1").path(), &[]))
            .unwrap();
        assert_eq!(cache.find(key(1)).unwrap(), built(b"snapshot"));
        assert_eq!(cache.find(key(2)), None);
        // A file that was put in the place of another one.
        fs::copy(built_path(&cache, key(1)), built_path(&cache, key(2))).unwrap();
        assert_eq!(cache.find(key(2)), None);
    }

    #[test]
    fn what_stands_apart_is_kept_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        for built in [built_apart(b"held"), built_apart(b"")] {
            let work = work("1");
            cache.keep(key(1), &built, (work.path(), &[])).unwrap();
            assert_eq!(cache.find(key(1)).unwrap(), built);
        }
    }

    #[test]
    fn code_of_all_settings_is_lent_once_it_is_kept_and_never_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        let lend = |work: &tempfile::TempDir| cache.lend_code(key(1), work.path()).unwrap();
        let place = |work: &tempfile::TempDir, code: &str| {
            work.path().join(MODULES_FOLDER).join("version").join(code)
        };
        assert_eq!(lend(&tempfile::tempdir().unwrap()), []);
        let put = |work: &tempfile::TempDir, code: &str, text: &str, seconds| {
            fs::write(place(work, code), text).unwrap();
            let file = File::options()
                .append(true)
                .open(place(work, code))
                .unwrap();
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            file.set_modified(at).unwrap();
        };
        let first = work("shared");
        put(&first, "shared", "shared", 1);
        for image in ["image0", "image1", "image2"] {
            put(&first, image, image, 2);
        }
        let built = built_apart(b"held");
        cache.keep(key(1), &built, (first.path(), &[])).unwrap();

        let second = tempfile::tempdir().unwrap();
        let lent = lend(&second);
        assert_eq!(lent.len(), 1);
        assert_eq!(fs::read(place(&second, "shared")).unwrap(), b"shared");
        // Whoever works there writes to it, and that is not what the next one gets.
        put(&second, "shared", "other", 1);
        for image in ["image3", "image4", "image5"] {
            put(&second, image, image, 2);
        }
        cache.keep(key(1), &built, (second.path(), &lent)).unwrap();
        assert!(cache.find(key(1)).is_some());
        let third = tempfile::tempdir().unwrap();
        assert_eq!(lend(&third), lent);
        assert_eq!(fs::read(place(&third, "shared")).unwrap(), b"shared");
        // What is damaged is not lent.
        fs::write(folder.path().join(&lent[0].path), "other").unwrap();
        assert_eq!(lend(&tempfile::tempdir().unwrap()), []);
    }

    /// It removes what it does not know, while others work beside it.
    #[test]
    fn nothing_of_ours_lies_in_the_folder_that_wasmtime_cleans() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        cache
            .keep(key(1), &built(b"snapshot"), (work("1").path(), &[]))
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
        let together = Standing::Together;
        let engine = Engine::default();
        let other = Engine::new(wasmtime::Config::new().consume_fuel(true)).unwrap();
        let keys = [
            Key::of(&engine, one, Some("{}"), (limits, together)),
            Key::of(&engine, two, Some("{}"), (limits, together)),
            Key::of(&engine, one, Some("[]"), (limits, together)),
            Key::of(&engine, one, None, (limits, together)),
            Key::of(&engine, one, Some("{}"), (less_memory, together)),
            Key::of(&engine, one, Some("{}"), (less_fuel, together)),
            Key::of(&engine, one, Some("{}"), (limits, Standing::Apart)),
            Key::of(&other, one, Some("{}"), (limits, together)),
        ];
        let names: BTreeSet<_> = keys.iter().map(|key| key.built.to_string()).collect();
        assert_eq!(names.len(), keys.len());
    }

    #[test]
    fn what_is_damaged_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        cache
            .keep(key(1), &built(b"snapshot"), (work("code").path(), &[]))
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
            let code_of = Code {
                path: code.into(),
                digest: Digest::of(b"code"),
            };
            let path = built_path(&cache, key(1));
            entry::write(&path, key(1).built, &built(b""), vec![code_of]).unwrap();
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
            .keep(key(1), &built(b"snapshot"), (done.path(), &[]))
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
                (Limits::default(), Standing::Together),
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
