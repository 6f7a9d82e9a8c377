//! Finds a Rust compiler that can build for WebAssembly.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::program::{Missing, Program};

/// What guests are built for.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";
/// Where distributions put their compiler; it stands behind the one of rustup.
const SYSTEM_RUSTC: &str = "/usr/bin/rustc";
/// The linker of distributions; rustup brings its own.
const SYSTEM_LINKER: &str = "wasm-ld";

/// The compiler that would be used, with its version.
pub(super) fn look() -> Result<String, Missing> {
    let toolchain = Toolchain::find()?;
    let rustc = toolchain.rustc.clone().unwrap_or_else(|| "rustc".into());
    let version = Program::first([vec![rustc]], &["--version"], None, "");
    let version = version.map_or_else(|_| toolchain.describe(), |rustc| rustc.version);
    Ok(match toolchain.from_source {
        Some(_) => format!("{version}, standard library from source"),
        None => version,
    })
}

/// A compiler, and what it needs.
#[derive(Debug)]
pub(super) struct Toolchain {
    /// None: the one that cargo takes by itself.
    rustc: Option<OsString>,
    sysroot: PathBuf,
    /// None: the target's standard library is installed. Otherwise it is built
    /// from its source, and linked with this (or with what rustc brings).
    from_source: Option<Option<PathBuf>>,
}

impl Toolchain {
    /// The first compiler that has the target; otherwise the first that has the
    /// source of its standard library.
    pub(super) fn find() -> Result<Self, Missing> {
        let candidates = [
            None,
            Path::new(SYSTEM_RUSTC)
                .is_file()
                .then(|| OsString::from(SYSTEM_RUSTC)),
        ];
        let mut from_source = None;
        let mut problem = format!("no Rust compiler here builds for {TARGET}");
        for (place, rustc) in candidates.into_iter().enumerate() {
            if place > 0 && rustc.is_none() {
                continue;
            }
            let sysroot = match sysroot(rustc.as_ref()) {
                Ok(sysroot) => sysroot,
                Err(silent) => {
                    problem = silent;
                    continue;
                }
            };
            let libraries = sysroot.join("lib/rustlib");
            if libraries.join(TARGET).join("lib").is_dir() {
                return Ok(Self {
                    rustc,
                    sysroot,
                    from_source: None,
                });
            }
            let linker = on_path(SYSTEM_LINKER);
            let has_source = libraries.join("src/rust/library/Cargo.lock").is_file();
            if has_source && (linker.is_some() || brings_a_linker(&libraries)) {
                from_source.get_or_insert(Self {
                    rustc,
                    sysroot,
                    from_source: Some(linker),
                });
            }
        }
        match from_source {
            Some(toolchain) => Ok(toolchain),
            None => Err(Missing {
                problem,
                install: remedy(),
            }),
        }
    }

    /// Makes a cargo command use this compiler.
    pub(super) fn apply(&self, cargo: &mut Command) {
        if let Some(rustc) = &self.rustc {
            cargo.env("RUSTC", rustc);
        }
        if let Some(linker) = &self.from_source {
            // `-Zbuild-std` is not stable; this lets a stable compiler do it.
            cargo.env("RUSTC_BOOTSTRAP", "1");
            cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features="]);
            if let Some(linker) = linker {
                cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            }
        }
    }

    /// Where the source of the standard library is, for its name in panics.
    pub(super) fn library_source(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib/src/rust")
    }

    /// For the person who waits.
    pub(super) fn describe(&self) -> String {
        let rustc = match &self.rustc {
            Some(rustc) => rustc.to_string_lossy().into_owned(),
            None => "rustc".to_owned(),
        };
        match self.from_source {
            Some(_) => format!("{rustc}, standard library from source"),
            None => rustc,
        }
    }
}

/// Where its libraries are, or what is wrong.
fn sysroot(rustc: Option<&OsString>) -> Result<PathBuf, String> {
    let rustc = rustc
        .cloned()
        .or_else(|| env::var_os("RUSTC"))
        .unwrap_or_else(|| "rustc".into());
    let problem = format!("no Rust compiler here builds for {TARGET}");
    let asked = Program::first([vec![rustc]], &["--print", "sysroot"], None, &problem);
    asked.map(|answer| PathBuf::from(answer.version))
}

fn brings_a_linker(libraries: &Path) -> bool {
    libraries
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .any(|host| host.path().join("bin/rust-lld").is_file())
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

fn remedy() -> String {
    const RUSTUP: &str = "rustup target add wasm32-unknown-unknown";
    const DEBIAN: &str = "apt-get install rustc-web rust-web-src lld";
    match (on_path("rustup").is_some(), on_path("apt-get").is_some()) {
        (true, true) => format!("{RUSTUP} || {DEBIAN}"),
        (false, true) => DEBIAN.to_owned(),
        (true, false) | (false, false) => RUSTUP.to_owned(),
    }
}
