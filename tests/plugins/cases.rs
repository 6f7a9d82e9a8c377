//! Every case of every policy in `plugins/`, in the real sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use gatewright_harness::Binaries;

fn plugins() -> Vec<PathBuf> {
    let root = Binaries::locate().root().join("plugins");
    let mut folders: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn name(folder: &std::path::Path) -> &str {
    folder.file_name().unwrap().to_str().unwrap()
}

#[test]
fn every_case_of_every_policy_holds() {
    let binaries = Binaries::locate();
    let gatewright = binaries.gatewright().unwrap();
    let mut failures = Vec::new();
    for folder in plugins() {
        let output = Command::new(&gatewright)
            .arg("test")
            .arg(&folder)
            .arg("--component")
            .arg(binaries.plugin(name(&folder)).unwrap())
            // Each settings makes a snapshot of its own; compiled once, they
            // are kept beside what else was built.
            .env("XDG_CACHE_HOME", binaries.target().join("plugin-cases"))
            .output()
            .unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        println!("{}", stdout.lines().last().unwrap_or_default());
        if output.status.code() != Some(0) {
            let failing = stdout.lines().filter(|line| !line.starts_with("ok "));
            failures.extend(failing.map(str::to_owned));
            failures.push(String::from_utf8(output.stderr).unwrap());
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A new policy without a page, a schema or a row in the table is not finished.
#[test]
fn every_policy_has_all_its_files() {
    let table = fs::read_to_string(Binaries::locate().root().join("plugins/README.md")).unwrap();
    for folder in plugins() {
        let name = name(&folder);
        for file in [
            "Cargo.toml",
            "README.md",
            "policy.toml",
            "cases.toml",
            "settings.schema.json",
        ] {
            assert!(
                folder.join(file).is_file(),
                "`plugins/{name}` has no `{file}`; see `plugins/README.md`"
            );
        }
        let policy = fs::read_to_string(folder.join("policy.toml")).unwrap();
        assert!(
            policy.contains(&format!("name = \"{name}\"\n")),
            "`policy.toml` names the folder"
        );
        assert!(
            table.contains(&format!("[`{name}`]({name}/)")),
            "`plugins/README.md` does not list `{name}`"
        );
        let schema = fs::read_to_string(folder.join("settings.schema.json")).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        assert_eq!(
            schema["additionalProperties"], false,
            "`{name}` refuses unknown settings"
        );
    }
}

/// What `make pack` left is what a gate takes that trusts its key, and nobody
/// forgot a policy.
#[test]
fn the_starter_pack_verifies_and_has_every_policy() {
    let binaries = Binaries::locate();
    let pack = binaries.starter_pack().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(binaries.gatewright().unwrap())
            .arg("pack")
            .args(arguments)
            .arg(&pack)
            .current_dir(binaries.target())
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), output.stdout, stderr)
    };
    let (code, _, stderr) = run(&["verify", "--config", "starter-pack.toml"]);
    assert_eq!(code, Some(0), "{stderr}");
    let (code, stdout, stderr) = run(&["inspect", "--format", "json"]);
    assert_eq!(code, Some(0), "{stderr}");
    let inspected: serde_json::Value = serde_json::from_slice(&stdout).unwrap();
    assert_eq!(inspected["manifest"]["name"], "gatewright/starter");
    let policies = inspected["manifest"]["policies"].as_array().unwrap();
    let mut names: Vec<_> = policies
        .iter()
        .map(|policy| policy["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    let wanted: Vec<_> = plugins()
        .iter()
        .map(|folder| name(folder).to_owned())
        .collect();
    assert_eq!(names, wanted);
}
