//! What compiles for the commands, and what happens when it takes too long.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::serve::Served;
use super::{Folder, plugin};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A judge that abstains, with other functions beside it.
fn judge(functions: &str) -> Vec<u8> {
    let module = format!(
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func (export "gatewright:policy/judging@0.1.0#configure")
                (param i32 i32) (result i32) (i32.const 0))
            (func (export "gatewright:policy/judging@0.1.0#judge")
                (param i32) (result i32) (i32.const 64))
            {functions})"#
    );
    let mut module = wat::parse_str(module).unwrap();
    let mut resolve = Resolve::default();
    let contract = include_str!("../../wit/policy.wit");
    let package = resolve.push_str("policy.wit", contract).unwrap();
    let world = resolve.select_world(&[package], Some("policy")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    let mut encoder = ComponentEncoder::default();
    encoder.module(&module).unwrap().encode().unwrap()
}

/// Within all bounds, and half a minute's work for a compiler.
fn heavy() -> Vec<u8> {
    let body = "i32.const 123456 i32.add ".repeat(30_000);
    judge(&format!("(func (param i32) (result i32) local.get 0 {body})").repeat(100))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

fn bind(folder: &Folder, policy: &str) {
    folder.with_issuer(&format!(
        "[[binding]]\nname = \"bomb\"\npolicy = \"{policy}\"\n"
    ));
}

#[test]
fn a_compile_bomb_is_named_by_check_and_by_eval() {
    let folder = Folder::new();
    std::fs::write(folder.path("bomb.wasm"), judge(&"(func)".repeat(100_000))).unwrap();
    bind(&folder, "bomb.wasm");
    folder.write(
        "request.json",
        r#"{"action":{"server":"files","name":"read"}}"#,
    );
    for arguments in [
        &["check"][..],
        &["eval", "--policy", "bomb.wasm", "request.json"],
    ] {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.stderr.contains("it has more than 50000 functions"),
            "{ran:?}"
        );
        assert!(ran.stderr.contains("hint: leave out libraries"), "{ran:?}");
    }
}

#[test]
fn a_gate_that_still_compiles_its_first_policies_stops_when_asked() {
    let folder = Folder::new();
    std::fs::write(folder.path("heavy.wasm"), heavy()).unwrap();
    bind(&folder, "heavy.wasm");
    let cache = folder.path("cache");
    let mut gate = folder
        .command(&["serve"])
        .env("XDG_CACHE_HOME", &cache)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let building = || {
        let is_job = |path: &PathBuf| path.ends_with("job.json");
        files(&cache).iter().any(is_job)
    };
    let end = Instant::now() + PATIENCE;
    while !building() {
        assert!(Instant::now() < end, "it compiles nothing");
        std::thread::yield_now();
    }
    let stopped = Instant::now();
    let command = format!("kill -TERM {}", gate.id());
    let told = Command::new("sh").args(["-c", &command]).status().unwrap();
    assert!(told.success());
    assert_eq!(gate.wait().unwrap().code(), Some(0));
    let took = stopped.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    // And the process that compiled is gone, with its folder.
    let end = Instant::now() + PATIENCE;
    while building() {
        assert!(Instant::now() < end, "something still compiles");
        std::thread::yield_now();
    }
}

#[test]
fn a_bomb_in_a_running_gate_holds_up_neither_the_mended_file_nor_the_stop() {
    let folder = Folder::new();
    bind(&folder, "policy.wasm");
    let put = |component: &[u8]| {
        std::fs::write(folder.path("fresh"), component).unwrap();
        std::fs::rename(folder.path("fresh"), folder.path("policy.wasm")).unwrap();
    };
    put(&judge(""));
    let gate = Served::open(&folder);
    let status = || folder.run(&["status", "--admin", gate.admin()]).stdout;
    let until = |what: &str| {
        let end = Instant::now() + PATIENCE;
        loop {
            let status = status();
            if status.contains(what) {
                return;
            }
            assert!(Instant::now() < end, "no `{what}`: {status}");
        }
    };
    // Refused before it is compiled.
    put(&judge(&"(func)".repeat(100_000)));
    until("it has more than 50000 functions");
    // Compiled for half a minute, unless something newer comes.
    put(&heavy());
    until("building    since");
    let mended = Instant::now();
    put(&judge("(func)"));
    until("generation  2");
    let took = mended.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    until("reload      no error");
    put(&heavy());
    until("building    since");
    let stopped = Instant::now();
    assert_eq!(gate.terminate(), Some(0));
    let took = stopped.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn every_command_keeps_what_it_compiled_in_a_private_folder_of_the_user() {
    let folder = Folder::new();
    let cache = folder.path("cache");
    let policy = plugin("tool-gate");
    folder.with_issuer(&format!(
        "[[binding]]\nname = \"rules\"\npolicy = {policy:?}\nsettings = {{ rules = [] }}\n"
    ));
    let check = || {
        let mut command = folder.command(&["check"]);
        let output = command.env("XDG_CACHE_HOME", &cache).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    check();
    let kept = cache.join("gatewright/compiled");
    let mode = std::fs::metadata(&kept).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let files = || {
        let mut files = files(&kept);
        files.retain(|path| path.extension().is_none());
        files.sort();
        let written = |path: &PathBuf| std::fs::metadata(path).unwrap().modified().unwrap();
        files
            .iter()
            .map(|path| (path.clone(), written(path)))
            .collect::<Vec<_>>()
    };
    let before = files();
    // What was configured, its code, and that of its functions.
    assert_eq!(before.len(), 3, "{before:?}");
    check();
    assert_eq!(files(), before, "nothing was compiled again");
}

/// A gate with one policy, and this as its cache.
fn with_cache(says: &str) -> Folder {
    let folder = Folder::new();
    let policy = plugin("tool-gate");
    folder.with_issuer(&format!(
        "[[binding]]\nname = \"rules\"\npolicy = {policy:?}\nsettings = {{ rules = [] }}\n"
    ));
    let text = std::fs::read_to_string(folder.path("gatewright.toml")).unwrap();
    let text = text.replacen("[gate]\n", &format!("[gate]\ncache = {says}\n"), 1);
    folder.write("gatewright.toml", &text);
    folder
}

/// Many systems let the group write what a user makes.
#[test]
fn what_is_compiled_is_kept_private_whatever_the_umask_is() {
    for says in ["\"mine\"", "false"] {
        let folder = with_cache(says);
        let output = Command::new("sh")
            .args(["-c", "umask 000; exec \"$0\" check"])
            .arg(env!("CARGO_BIN_EXE_gatewright"))
            .current_dir(folder.path(""))
            .output()
            .unwrap();
        assert!(output.status.success(), "{says}: {output:?}");
        let kept = files(&folder.path("mine"));
        assert_eq!(kept.is_empty(), says == "false");
        for path in kept {
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            let above = std::fs::metadata(path.parent().unwrap()).unwrap();
            assert_eq!(above.permissions().mode() & 0o077, 0, "{path:?}");
            assert_eq!(mode & 0o022, 0, "{path:?}");
        }
    }
}

#[test]
fn a_configuration_says_where_compiled_policies_are_kept_or_that_none_are() {
    for (says, is_kept) in [("\"mine\"", true), ("false", false)] {
        let folder = with_cache(says);
        let user = folder.path("user");
        let mut command = folder.command(&["check"]);
        let output = command.env("XDG_CACHE_HOME", &user).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(!files(&folder.path("mine")).is_empty(), is_kept, "{says}");
        assert!(files(&user).is_empty(), "{says}");
    }
}
