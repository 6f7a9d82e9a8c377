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
/// does not have need not be cleared. A deeper recursion traps.
const STACK: &str = "-Clink-arg=-zstack-size=65536";

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
/// each workspace.
pub(super) fn build(folders: &[&Path]) -> Result<BTreeMap<PathBuf, PathBuf>> {
    if folders.is_empty() {
        return Ok(BTreeMap::new());
    }
    let toolchain = Toolchain::find().or_else(Missing::refuse)?;
    let mut workspaces: BTreeMap<PathBuf, Vec<&Path>> = BTreeMap::new();
    for folder in folders {
        workspaces
            .entry(workspace(folder)?)
            .or_default()
            .push(folder);
    }
    let mut modules = BTreeMap::new();
    for (root, folders) in workspaces {
        eprintln!(
            "building {} with {}",
            folders
                .iter()
                .map(|folder| folder.file_name().unwrap_or_default().to_string_lossy())
                .collect::<Vec<_>>()
                .join(", "),
            toolchain.describe()
        );
        modules.extend(build_workspace(&toolchain, &root, &folders)?);
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

fn build_workspace(
    toolchain: &Toolchain,
    root: &Path,
    folders: &[&Path],
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
    for folder in folders {
        cargo.arg("--package").arg(package_name(folder)?);
    }
    toolchain.apply(&mut cargo);
    cargo
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", flags(toolchain, root));
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

/// What a crate calls itself.
fn package_name(folder: &Path) -> Result<String> {
    #[derive(Deserialize)]
    struct Manifest {
        package: Package,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
    }
    let manifest = folder.join("Cargo.toml");
    let read = || -> Result<Manifest> { Ok(toml::from_str(&fs::read_to_string(&manifest)?)?) };
    read()
        .map(|manifest| manifest.package.name)
        .with_context(|| format!("`{}` does not name a package", manifest.display()))
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
fn flags(toolchain: &Toolchain, root: &Path) -> String {
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cargo")));
    let workspace = root.parent().map(Path::to_owned);
    let mut flags = vec![STACK.to_owned()];
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
