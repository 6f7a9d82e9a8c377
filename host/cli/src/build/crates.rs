//! Runs cargo.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::program::Missing;
use super::toolchain::{TARGET, Toolchain};

/// Guests are small, do not unwind, and check their arithmetic. Given on the
/// command line, so that a crate outside of any workspace is built the same.
const PROFILE: [&str; 9] = [
    "profile.guest.inherits='release'",
    "profile.guest.opt-level='s'",
    "profile.guest.codegen-units=1",
    "profile.guest.incremental=false",
    "profile.guest.lto='fat'",
    "profile.guest.panic='abort'",
    "profile.guest.strip=true",
    "profile.guest.debug=false",
    "profile.guest.overflow-checks=true",
];

/// A stack of 64 KiB: an instance is made for every call, and memory that it
/// does not have need not be cleared. A deeper recursion traps. A crate that
/// recurses more says so: `[package.metadata.gatewright] stack = 1048576`.
const STACK_BYTES: u32 = 64 * 1024;

/// As large as a program's own; every guest's memory starts with its stack.
const STACK_BYTES_MAX: u32 = 8 * 1024 * 1024;

/// The linker keeps the stack aligned.
const STACK_ALIGNMENT: u32 = 16;

/// What of a crate's manifest the build needs.
struct Package {
    name: String,
    stack_bytes: u32,
    /// Cargo gives a dependency the features that any crate of a run wants from
    /// it. A crate that wants unusual ones says `alone = true`, so that the
    /// others are the same with it and without it.
    is_alone: bool,
}

/// What is built by one cargo run: the manifest of the workspace, the size of
/// the stack, and the name of a crate that is built alone.
type Run = (PathBuf, u32, Option<String>);

/// What cargo says on stdout, as far as it matters.
#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact {
        manifest_path: PathBuf,
        filenames: Vec<PathBuf>,
    },
    #[serde(other)]
    Other,
}

/// Builds crates and says which core module each became. One cargo run for
/// each workspace, and in it for each size of stack, which is a flag, and for
/// each crate that is built alone.
pub(super) fn build(folders: &[&Path]) -> Result<BTreeMap<PathBuf, PathBuf>> {
    if folders.is_empty() {
        return Ok(BTreeMap::new());
    }
    let toolchain = Toolchain::find().or_else(Missing::refuse)?;
    let mut runs: BTreeMap<Run, Vec<String>> = BTreeMap::new();
    for folder in folders {
        let package = Package::read(folder)?;
        let alone = package.is_alone.then(|| package.name.clone());
        runs.entry((workspace(folder)?, package.stack_bytes, alone))
            .or_default()
            .push(package.name);
    }
    let mut modules = BTreeMap::new();
    for ((root, stack_bytes, _), names) in runs {
        eprintln!(
            "building {} with {}",
            names.join(", "),
            toolchain.describe()
        );
        modules.extend(run(&toolchain, &root, stack_bytes, &names)?);
    }
    for folder in folders {
        ensure!(
            modules.contains_key(*folder),
            "`{}` makes no WebAssembly module\nhint: its `Cargo.toml` needs `[lib]` with `crate-type = [\"cdylib\", \"rlib\"]`",
            folder.display()
        );
    }
    Ok(modules)
}

fn run(
    toolchain: &Toolchain,
    root: &Path,
    stack_bytes: u32,
    packages: &[String],
) -> Result<BTreeMap<PathBuf, PathBuf>> {
    let mut cargo = cargo();
    cargo
        .args(["build", "--lib", "--profile", "guest", "--target", TARGET])
        .arg("--message-format=json-render-diagnostics")
        .arg("--manifest-path")
        .arg(root);
    for setting in PROFILE {
        cargo.args(["--config", setting]);
    }
    for package in packages {
        cargo.args(["--package", package]);
    }
    toolchain.apply(&mut cargo);
    cargo.env_remove("RUSTFLAGS").env(
        "CARGO_ENCODED_RUSTFLAGS",
        flags(toolchain, root, stack_bytes),
    );
    let mut child = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo\nhint: install Rust from https://rustup.rs")?;
    let mut modules = BTreeMap::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let Ok(Message::CompilerArtifact {
                manifest_path,
                filenames,
            }) = serde_json::from_str(&line?)
            else {
                continue;
            };
            let module = filenames.into_iter().find(|file| {
                file.extension()
                    .is_some_and(|extension| extension == "wasm")
            });
            if let (Some(module), Some(folder)) = (module, manifest_path.parent()) {
                modules.insert(folder.to_owned(), module);
            }
        }
    }
    let status = child.wait()?;
    ensure!(
        status.success(),
        "cargo did not build it; its errors are above"
    );
    Ok(modules)
}

/// The manifest of the workspace that a crate belongs to.
fn workspace(folder: &Path) -> Result<PathBuf> {
    let output = cargo()
        .args(["locate-project", "--workspace", "--message-format=plain"])
        .arg("--manifest-path")
        .arg(folder.join("Cargo.toml"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo\nhint: install Rust from https://rustup.rs")?;
    if !output.status.success() {
        bail!("cargo does not know the crate `{}`", folder.display());
    }
    Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
}

/// Flags of our own and no others, so that the same source gives the same
/// component; paths of this machine do not get into it.
fn flags(toolchain: &Toolchain, root: &Path, stack_bytes: u32) -> String {
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cargo")));
    let workspace = root.parent().map(Path::to_owned);
    let mut flags = vec![format!("-Clink-arg=-zstack-size={stack_bytes}")];
    for (from, to) in [
        (workspace, "."),
        (cargo_home, "/cargo"),
        (Some(toolchain.library_source()), "/rust"),
    ] {
        if let Some(from) = from {
            flags.push(format!("--remap-path-prefix={}={to}", from.display()));
        }
    }
    flags.join("\u{1f}")
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

// === impl Package ===

impl Package {
    fn read(folder: &Path) -> Result<Self> {
        let manifest = folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest)
            .with_context(|| format!("`{}` cannot be read", manifest.display()))?;
        Self::parse(&text).with_context(|| format!("`{}` is not usable", manifest.display()))
    }

    fn parse(manifest: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Manifest {
            package: Written,
        }
        #[derive(Deserialize)]
        struct Written {
            name: String,
            #[serde(default)]
            metadata: Metadata,
        }
        #[derive(Default, Deserialize)]
        struct Metadata {
            #[serde(default)]
            gatewright: Ours,
        }
        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Ours {
            stack: Option<u32>,
            #[serde(default)]
            alone: bool,
        }
        let Manifest { package } = toml::from_str(manifest)?;
        let ours = package.metadata.gatewright;
        let stack_bytes = ours.stack.unwrap_or(STACK_BYTES);
        ensure!(
            (STACK_BYTES..=STACK_BYTES_MAX).contains(&stack_bytes)
                && stack_bytes.is_multiple_of(STACK_ALIGNMENT),
            "`package.metadata.gatewright.stack` is {stack_bytes}\nhint: bytes, {STACK_BYTES} to {STACK_BYTES_MAX}, a multiple of {STACK_ALIGNMENT}"
        );
        Ok(Self {
            name: package.name,
            stack_bytes,
            is_alone: ours.alone,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_may_ask_for_a_larger_stack() {
        let stack = |lines: &str| {
            let manifest = format!("[package]\nname = \"x\"\nversion = \"0.1.0\"\n{lines}");
            Package::parse(&manifest)
                .map(|package| package.stack_bytes)
                .map_err(|error| error.to_string())
        };
        for (lines, refused) in [
            ("[package.metadata.gatewright]\nstack = 1024", "is 1024"),
            (
                "[package.metadata.gatewright]\nstack = 65537",
                "a multiple of 16",
            ),
            (
                "[package.metadata.gatewright]\nstack = 1073741824",
                "8388608",
            ),
            (
                "[package.metadata.gatewright]\nstak = 65536",
                "unknown field `stak`",
            ),
        ] {
            let error = stack(lines).unwrap_err();
            assert!(error.contains(refused), "{error}");
        }
        for (lines, bytes) in [
            ("", STACK_BYTES),
            ("[package.metadata.docs]\nx = 1", STACK_BYTES),
            ("[package.metadata.gatewright]\nstack = 1048576", 1_048_576),
        ] {
            assert_eq!(stack(lines), Ok(bytes), "{lines}");
        }
    }

    #[test]
    fn a_crate_is_built_with_others_unless_it_says_so() {
        for (lines, is_alone) in [
            ("", false),
            ("[package.metadata.gatewright]\nstack = 65536", false),
            ("[package.metadata.gatewright]\nalone = true", true),
        ] {
            let manifest = format!("[package]\nname = \"x\"\nversion = \"0.1.0\"\n{lines}");
            let package = Package::parse(&manifest).unwrap();
            assert_eq!(package.is_alone, is_alone, "{lines}");
        }
    }
}
