//! The command line as a person, or a script, meets it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod agents;
mod build;
mod cases;
mod coherence;
mod compiling;
mod credential;
mod data;
mod delegation;
mod dev;
mod docs;
mod drill;
mod eval;
mod explain;
mod fleet;
mod flips;
mod import;
mod import_agentcore;
mod import_opa;
mod init;
mod init_left;
mod init_replaced;
mod init_undo;
mod init_user;
mod issuer;
mod keys;
mod log;
mod log_evidence;
mod memory;
mod new;
mod pack;
mod pack_life;
mod pack_made;
mod past;
mod schema;
mod sdk;
mod serve;
mod tools;
mod vendor;
mod vendor_pack;
mod wrap;

#[path = "../../host/registry/tests/registry/docker_registry.rs"]
mod docker_registry;
#[path = "../../host/registry/tests/registry/pack.rs"]
mod pack_layout;
#[path = "../../host/store/tests/store/postgres.rs"]
#[allow(dead_code, reason = "tests of the store want more of it")]
mod postgres;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A folder to run the program in.
pub(crate) struct Folder(TempDir);

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path(file), text).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatewright"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            // Not the cache of whoever runs the tests.
            .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
            .env("XDG_STATE_HOME", self.path("home-state"))
            .env("XDG_DATA_HOME", self.path("home-data"))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        Ran {
            code: output.status.code().expect("it ends by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Makes a key, and a configuration that trusts it; gives the `did:key`.
    pub(crate) fn with_issuer(&self, tables: &str) -> String {
        let issuer = self
            .run(&["credential", "key", "issuer.key"])
            .stdout
            .trim()
            .to_owned();
        self.write(
            "gatewright.toml",
            &format!(
                "[gate]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\n\
                 [[issuer]]\nid = \"{issuer}\"\nscopes = [\"files:*\"]\nlifetime_max = \"8h\"\n\n\
                 [[server]]\nname = \"files\"\ncommand = [\"cat\"]\n\n{tables}"
            ),
        );
        issuer
    }
}

/// A policy that ships with the project.
pub(crate) fn plugin(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_gatewright"));
    let built = program
        .parent()
        .and_then(Path::parent)
        .unwrap()
        .join("plugins");
    let plugin = built.join(format!("{name}.wasm"));
    assert!(
        plugin.is_file(),
        "`{}` is not built\n  hint: make plugins",
        plugin.display()
    );
    plugin
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_right() {
    let folder = Folder::new();
    for arguments in [
        &["serv"][..],
        &["credential", "issue"],
        &["log", "--reason", "nonsense"],
        &["eval"],
    ] {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stdout.is_empty(), "{ran:?}");
        assert!(!ran.stderr.is_empty(), "{ran:?}");
    }
}

/// A failure that nobody read is no success.
#[test]
fn output_that_nobody_reads_ends_with_141() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let folder = Folder::new();
    let mut command = folder.command(&["schema", "config"]);
    let status = command.stdout(writer).status().unwrap();
    assert_eq!(status.code(), Some(141));
}

#[test]
fn a_bad_configuration_is_named_with_file_line_and_fix() {
    let folder = Folder::new();
    folder.write("gatewright.toml", "[gate]\n\nlistn = \"127.0.0.1:1\"\n");
    for command in ["check", "serve", "log", "status"] {
        let ran = folder.run(&[command]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.stderr
                .contains("gatewright.toml:3: unknown field `listn`"),
            "{ran:?}"
        );
        assert!(ran.stderr.contains("hint: "), "{ran:?}");
    }
}

#[test]
fn check_prints_what_each_binding_would_do() {
    let folder = Folder::new();
    let policy = plugin("tool-gate");
    folder.with_issuer(&format!(
        "[[binding]]\nname = \"rules\"\npolicy = {policy:?}\ntools = [\"read_*\"]\nauthority = [\"deny\"]\n\
         settings = {{ rules = [] }}\n"
    ));
    let ran = folder.run(&["check"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout
            .contains("rules judges calls of tools read_*; may deny"),
        "{ran:?}"
    );
    assert!(
        ran.stdout
            .contains("may need allow, ask too, which is not granted"),
        "{ran:?}"
    );
    assert!(
        ran.stdout.contains("no binding may allow calls to `files`"),
        "{ran:?}"
    );
    assert!(
        !folder.path("state/audit.jsonl").exists(),
        "checking records nothing"
    );
    let ran = folder.run(&["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["bindings"][0]["name"], "rules");
    assert_eq!(report["warnings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let folder = Folder::new();
    let mut child = folder
        .command(&["--help"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let status = child.wait().unwrap();
    assert!(status.code().is_some(), "{status}");
}
