//! What the house rules are checked against: the files of the repository, its
//! Markdown, and what cargo says about it.

pub mod markdown;
pub mod uses;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The top of the repository.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("../..")
        .canonicalize()
        .unwrap_or_else(|_| here.to_owned())
}

/// Where this build put its programs.
pub fn programs() -> PathBuf {
    let test = std::env::current_exe().unwrap_or_default();
    let folder = test.parent().and_then(Path::parent);
    folder.map(Path::to_owned).unwrap_or_default()
}

/// Every file that belongs to the repository, from its top.
pub fn files() -> Vec<PathBuf> {
    let listed = run(Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(repository()));
    let names = listed
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from);
    names
        .filter(|name| repository().join(name).is_file())
        .collect()
}

/// The text of a file of the repository; nothing where it is not text.
pub fn text(file: &Path) -> String {
    let bytes = std::fs::read(repository().join(file)).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// `cargo metadata`.
pub fn metadata(arguments: &[&str]) -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let text = run(Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(arguments)
        .current_dir(repository()));
    serde_json::from_str(&text).unwrap_or_default()
}

/// Fails with everything that was found, if anything was.
#[track_caller]
#[expect(clippy::panic, reason = "this is how a test fails")]
pub fn nothing_in(found: &[String], what_to_do: &str) {
    if !found.is_empty() {
        panic!("{}\n  hint: {what_to_do}", found.join("\n"));
    }
}

fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .map(|output| output.stdout)
        .unwrap_or_default();
    String::from_utf8(output).unwrap_or_default()
}
