//! What was built from components, kept on disk: their machine code, and which of it is of
//! what.
//! Who loads the same component with the same settings again need not compile and
//! configure it again; who loads it with others need not compile its functions again.
//! What is missing or damaged is made anew.
//!
//! Whoever can write there decides what guests do and what this process executes: the
//! folder is private.

mod checked;
mod key;
mod oldest;

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use gatewright_artifact::{Artifacts, read_regular};
use gatewright_policy::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use self::key::Key;
use crate::built::{Built, CodeOfAll, KEPT_BYTES_MAX, Listed};
use crate::contract::Contract;
use crate::job::{self, Answer};
use crate::load_error::LoadError;

/// Which code was built.
const BUILT_FOLDER: &str = "built/v6";

/// Machine code, by what is in it.
const CODE_FOLDER: &str = "artifacts/v1";

/// Which code components have that stands apart from their state: that of all settings.
const CODE_OF_ALL_FOLDER: &str = "apart/v3";

/// Code of the functions of components.
const FUNCTIONS_FOLDER: &str = "functions/v2";

/// What older programs kept. Nobody would ever remove it else.
const RETIRED_FOLDERS: [&str; 3] = ["code", "built/v4", "apart/v2"];

/// Files that are kept; past that the oldest go.
const FILES_MAX: usize = 4096;

/// Most code of functions that is kept: several times the largest language runtime.
const FUNCTIONS_BYTES_MAX: usize = 128 << 20;

/// Longest list of what was built: what a policy says about itself, and the log of `configure`,
/// both bounded, and escaped.
const LISTED_BYTES_MAX: usize = 32 << 20;

/// One folder of what was built.
pub(crate) struct Cache {
    folder: PathBuf,
    code: Artifacts,
    work_prefix: &'static str,
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
            code: Artifacts::open(&folder.join(CODE_FOLDER))?,
            work_prefix,
        })
    }

    /// What was built of this key, if it is there and whole, and what is made of it. What nothing
    /// can be made of is built anew.
    pub(crate) fn find<T>(
        &self,
        (key, contract): (Key, Contract),
        load: impl Fn(&Listed, &Built) -> Result<T, LoadError>,
    ) -> Option<T> {
        let path = self.path(BUILT_FOLDER, key.built);
        let listed: Listed = read(&path, key.built)?;
        listed.check(contract).ok()?;
        let built = listed.found(|code| self.code.find(code)).ok()?;
        let loaded = load(&listed, &built).ok()?;
        self.note_use(&listed);
        oldest::used(&path);
        Some(loaded)
    }

    /// Gives the code folder of a job the code that the component has with all settings, where
    /// it stands apart from its state and is kept: a copy, as below.
    pub(crate) fn lend_code(&self, key: Key, to: &Artifacts) -> Option<CodeOfAll> {
        let path = self.path(CODE_OF_ALL_FOLDER, key.functions);
        let kept: CodeOfAll = read(&path, key.functions)?;
        // What is damaged is compiled anew.
        to.take(&self.code, kept.code).ok()?;
        oldest::used(&self.code.path(kept.code));
        oldest::used(&path);
        Some(kept)
    }

    /// Gives the work folder the code of functions that is kept of the component, if any
    /// is, and says so: one that is written to, by whoever works there, is not the one
    /// that is kept.
    pub(crate) fn lend_functions(&self, key: Key, work: &Path) -> io::Result<bool> {
        let path = self.path(FUNCTIONS_FOLDER, key.functions);
        let Some(code) = checked::read(&path, key.functions, FUNCTIONS_BYTES_MAX) else {
            return Ok(false);
        };
        oldest::used(&path);
        fs::write(job::functions(work), code)?;
        Ok(true)
    }

    /// Keeps what was built, if something can be made of it, which is given. Its code lies in the
    /// code folder of the job; what was lent there is kept already, whatever became of the copy.
    pub(crate) fn keep<T>(
        &self,
        key: Key,
        answer: &Answer,
        (from, lent): (&Artifacts, Option<CodeOfAll>),
        load: impl Fn(&Listed, &Built) -> Result<T, LoadError>,
    ) -> Result<T, LoadError> {
        let failed = |error: io::Error| LoadError::Compiler(error.to_string());
        let built = answer.listed.found(|code| self.code.take(from, code));
        let loaded = load(&answer.listed, &built.map_err(failed)?)?;
        self.note_use(&answer.listed);
        if let (Some(of_all), None) = (answer.of_all, lent) {
            let path = self.path(CODE_OF_ALL_FOLDER, key.functions);
            write(&path, key.functions, &of_all).map_err(failed)?;
        }
        let path = self.path(BUILT_FOLDER, key.built);
        write(&path, key.built, &answer.listed).map_err(failed)?;
        // What cannot be removed now is found again the next time.
        let _ = self.remove_oldest();
        Ok(loaded)
    }

    fn note_use(&self, listed: &Listed) {
        let images = listed.images.iter().map(|(_, code)| code);
        for code in images.chain([&listed.code]) {
            oldest::used(&self.code.path(*code));
        }
    }

    /// Keeps the code of functions of a component of which none was lent: other settings
    /// change little of it.
    pub(crate) fn keep_functions(&self, key: Key, work: &Path) -> io::Result<()> {
        let path = self.path(FUNCTIONS_FOLDER, key.functions);
        match read_regular(&job::functions(work), FUNCTIONS_BYTES_MAX as u64) {
            Ok(code) => checked::write(&path, key.functions, &[&code]),
            // They would have helped.
            Err(_) => Ok(()),
        }
    }

    fn path(&self, folder: &str, key: Digest) -> PathBuf {
        let hex = key.as_bytes().iter().map(|byte| format!("{byte:02x}"));
        self.folder.join(folder).join(hex.collect::<String>())
    }

    fn remove_oldest(&self) -> io::Result<()> {
        let folders = [
            self.folder.join(BUILT_FOLDER),
            self.folder.join(CODE_OF_ALL_FOLDER),
            self.folder.join(FUNCTIONS_FOLDER),
            self.code.folder().to_owned(),
        ];
        for folder in RETIRED_FOLDERS {
            let _ = fs::remove_dir_all(self.folder.join(folder));
        }
        oldest::remove(&folders, FILES_MAX, KEPT_BYTES_MAX)?;
        oldest::remove_left_work(&self.folder, self.work_prefix)
    }
}

fn read<T: DeserializeOwned>(path: &Path, key: Digest) -> Option<T> {
    serde_json::from_slice(&checked::read(path, key, LISTED_BYTES_MAX)?).ok()
}

fn write<T: Serialize>(path: &Path, key: Digest, content: &T) -> io::Result<()> {
    let content = serde_json::to_vec(content)?;
    if content.len() > LISTED_BYTES_MAX {
        return Err(io::Error::other(
            "what the policy says of itself is too long",
        ));
    }
    checked::write(path, key, &[&content])
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::{Duration, SystemTime};

    use wasmtime::{Engine, Module};

    use super::*;
    use crate::asked::Standing;
    use crate::limits::Limits;

    /// A work folder in which a compiler left artefacts. What they are is not looked at: these
    /// are modules, told apart by their data.
    struct Work {
        folder: tempfile::TempDir,
        code: Artifacts,
    }

    fn work() -> Work {
        let folder = tempfile::tempdir().unwrap();
        fs::write(job::functions(folder.path()), "functions").unwrap();
        Work {
            code: job::code(folder.path()).unwrap(),
            folder,
        }
    }

    impl Work {
        fn compile(&self, name: &str) -> Digest {
            let module = format!("(module (memory 1) (data (i32.const 0) {name:?}))");
            let module = Module::new(&Engine::default(), wat::parse_str(module).unwrap());
            self.code.keep_module(&module.unwrap()).unwrap()
        }

        /// With so many that stand apart.
        fn compile_all(&self, code: &str, images: &[&str]) -> Answer {
            let code = self.compile(code);
            let images = images.iter();
            let images = images.map(|image| ((*image).to_owned(), self.compile(image)));
            let images: Vec<_> = images.collect();
            let of_all = (!images.is_empty()).then_some(CodeOfAll {
                component: Digest::of(b"apart"),
                code,
            });
            Answer {
                listed: Listed {
                    code,
                    images,
                    is_snapshotted: true,
                    description: None,
                    log: Vec::new(),
                },
                of_all,
            }
        }
    }

    /// What is listed, if it is all there.
    fn loaded(listed: &Listed, built: &Built) -> Result<Listed, LoadError> {
        assert_eq!(built.code.digest(), listed.code);
        let images = built.images.iter();
        let images = images.map(|(name, image)| (name.clone(), image.digest()));
        assert_eq!(images.collect::<Vec<_>>(), listed.images);
        Ok(listed.clone())
    }

    fn found(cache: &Cache, key: Key) -> Option<Listed> {
        cache.find((key, Contract::V0_1), loaded)
    }

    /// Keeps what a compiler left, of which nothing was lent.
    fn keep(cache: &Cache, key: Key, code: &str, images: &[&str]) -> Listed {
        let work = work();
        let answer = work.compile_all(code, images);
        let kept = cache.keep(key, &answer, (&work.code, None), loaded);
        kept.unwrap()
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
        assert_eq!(found(&cache, key(1)), None);
        let kept = keep(&cache, key(1), "code", &["image0", "image1", "image2"]);
        assert_eq!(found(&cache, key(1)).unwrap(), kept);
        assert_eq!(found(&cache, key(2)), None);
        // A file that was put in the place of another one.
        fs::copy(built_path(&cache, key(1)), built_path(&cache, key(2))).unwrap();
        assert_eq!(found(&cache, key(2)), None);
    }

    #[test]
    fn code_of_all_settings_is_lent_once_it_is_kept_and_never_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        let lend = |work: &Work| cache.lend_code(key(1), &work.code);
        assert_eq!(lend(&work()), None);
        let first = keep(&cache, key(1), "shared", &["image0", "image1"]);

        let second = work();
        let lent = lend(&second).unwrap();
        assert_eq!(lent.code, first.code);
        assert_eq!(lent.component, Digest::of(b"apart"));
        assert!(second.code.find(lent.code).is_ok());
        // Whoever works there writes to it, and that is not what the next one gets.
        fs::write(second.code.path(lent.code), "other").unwrap();
        let images = vec![("image".to_owned(), second.compile("image2"))];
        let listed = Listed { images, ..first };
        let other = CodeOfAll {
            code: second.compile("other"),
            ..lent
        };
        let answer = Answer {
            listed,
            of_all: Some(other),
        };
        let kept = cache.keep(key(1), &answer, (&second.code, Some(lent)), loaded);
        assert_eq!(found(&cache, key(1)), kept.ok());
        let third = work();
        assert_eq!(lend(&third), Some(lent));
        assert!(third.code.find(lent.code).is_ok());
        // What is damaged is not lent.
        fs::write(cache.code.path(lent.code), "other").unwrap();
        assert_eq!(lend(&work()), None);
    }

    #[test]
    fn what_a_compiler_did_not_leave_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        let work = work();
        let answer = work.compile_all("code", &["image"]);
        fs::write(work.code.path(answer.listed.images[0].1), "other").unwrap();
        let kept = cache.keep(key(1), &answer, (&work.code, None), loaded);
        assert!(kept.is_err());
        assert_eq!(found(&cache, key(1)), None);
    }

    #[test]
    fn what_cannot_be_loaded_is_neither_kept_nor_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        let refused = |_: &Listed, _: &Built| Err::<(), _>(LoadError::Compile(String::new()));
        let work = work();
        let answer = work.compile_all("code", &[]);
        let kept = cache.keep(key(1), &answer, (&work.code, None), refused);
        assert!(kept.is_err());
        assert_eq!(found(&cache, key(1)), None);
        keep(&cache, key(1), "code", &[]);
        let what = (key(1), Contract::V0_1);
        assert!(cache.find(what, refused).is_none());
        // Nor what no component of another contract could have.
        assert!(cache.find((key(1), Contract::V0_2), loaded).is_none());
    }

    #[test]
    fn what_older_programs_kept_goes() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        for retired in RETIRED_FOLDERS {
            fs::create_dir_all(folder.path().join(retired).join("old")).unwrap();
        }
        keep(&cache, key(1), "code", &[]);
        let is_there = |retired: &str| folder.path().join(retired).exists();
        assert!(!RETIRED_FOLDERS.iter().any(|retired| is_there(retired)));
        assert!(found(&cache, key(1)).is_some());
    }

    #[test]
    fn what_is_damaged_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(&folder);
        let kept = keep(&cache, key(1), "code", &["image"]);
        for path in [
            built_path(&cache, key(1)),
            cache.code.path(kept.code),
            cache.code.path(kept.images[0].1),
        ] {
            let whole = fs::read(&path).unwrap();
            let places = (0..whole.len()).step_by(whole.len().div_ceil(500));
            for place in places {
                fs::write(&path, &whole[..place]).unwrap();
                assert_eq!(found(&cache, key(1)), None, "{path:?} cut off at {place}");
                let mut damaged = whole.clone();
                damaged[place] ^= 1;
                fs::write(&path, damaged).unwrap();
                assert_eq!(found(&cache, key(1)), None, "{path:?} flipped at {place}");
            }
            fs::remove_file(&path).unwrap();
            assert_eq!(found(&cache, key(1)), None, "{path:?} removed");
            fs::write(&path, &whole).unwrap();
            assert_eq!(found(&cache, key(1)).as_ref(), Some(&kept));
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
        cache.keep_functions(key(1), work().folder.path()).unwrap();
        keep(&cache, key(1), "code", &[]);
        let is_there = |name: &str| folder.path().join(name).exists();
        // Beside them, the code of the component and that of its functions.
        assert_eq!(fs::read_dir(&entries).unwrap().count() + 2, FILES_MAX);
        for (name, is_kept) in [("0", false), ("1", false), ("2", false), ("3", true)] {
            assert_eq!(entries.join(name).exists(), is_kept, "{name}");
        }
        assert!(found(&cache, key(1)).is_some());
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
            .keep_functions(of(b"1", "{}"), work().folder.path())
            .unwrap();
        for (key, expected) in [
            (of(b"1", "{}"), Some(&b"functions"[..])),
            (of(b"1", "[1]"), Some(&b"functions"[..])),
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
