//! Puts the contract, the SDKs with their templates, the shipped policies and the
//! documentation into the program: `gatewright new` and `gatewright docs` need
//! nothing else on a machine.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What is taken of the repository.
const ROOTS: [&str; 7] = [
    "wit",
    "sdk",
    "plugins",
    "docs",
    "Cargo.toml",
    "LICENSE",
    "SECURITY.md",
];

/// Folders that tools make.
const MADE: [&str; 5] = [
    "target",
    "node_modules",
    "__pycache__",
    "build-cache",
    "dist",
];

/// Pages for those who change Gatewright, and what no terminal shows.
const FOR_DEVELOPERS: [&str; 2] = ["docs/adr", "docs/images"];

/// Folders of an SDK that are for its own tests.
const OF_THE_SDK_ITSELF: [&str; 3] = ["reference", "tests", "test"];

/// What no policy is written with: the tables of the SDKs are there already, and agents
/// have libraries of their own.
const FOR_OTHERS: [&str; 3] = ["sdk/abi", "sdk/client-python", "sdk/client-typescript"];

fn main() -> io::Result<()> {
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let repository = here.ancestors().nth(2).unwrap_or(&here).to_owned();
    let mut files = Vec::new();
    for root in ROOTS {
        let path = repository.join(root);
        println!("cargo::rerun-if-changed={}", path.display());
        match path.is_dir() {
            true => walk(&path, root, &mut files)?,
            false => files.push((root.to_owned(), path)),
        }
    }
    files.sort();
    let mut code = String::from("pub(crate) static FILES: &[(&str, &[u8])] = &[\n");
    for (name, path) in files {
        // Writing to a `String` does not fail.
        let _ = writeln!(code, "    ({name:?}, include_bytes!({:?})),", path);
    }
    code.push_str("];\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("embedded.rs"), code)
}

fn walk(folder: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(own) = entry.file_name().into_string() else {
            continue;
        };
        let name = format!("{name}/{own}");
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if is_wanted(&name, &own) {
                walk(&entry.path(), &name, files)?;
            }
        } else if kind.is_file() && !is_made(&own) {
            files.push((name, entry.path()));
        }
    }
    Ok(())
}

fn is_wanted(name: &str, own: &str) -> bool {
    let is_of_an_sdk = name.starts_with("sdk/") && name.matches('/').count() == 2;
    !(own.starts_with('.')
        || MADE.contains(&own)
        || FOR_OTHERS.contains(&name)
        || FOR_DEVELOPERS.contains(&name)
        || own.ends_with(".egg-info")
        || is_of_an_sdk && OF_THE_SDK_ITSELF.contains(&own))
}

fn is_made(own: &str) -> bool {
    own.ends_with(".wasm") || own.ends_with(".pyc") || own == ".DS_Store"
}
