//! `gatewright dev`: each save is built and tested.

use std::io::{BufRead as _, BufReader, Read};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::Folder;
use super::build::{module, toolchain};

/// Stands for zig: a source with a mistake is none, and every other one is the module
/// that lies beside it.
const ZIG: &str = r#"test "$3" = version && echo 0.17.1 && exit 0
if grep -q mistake src/policy.c; then echo 'policy.c:1: a mistake' >&2; exit 1; fi
while test "$1" != -o; do shift; done
cp core.wasm "$2""#;

/// Sends each line of a pipe.
fn send(pipe: impl Read + Send + 'static, lines: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            if lines.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
}

/// Reads lines until one has this in it.
fn wait_for(lines: &Receiver<String>, wanted: &str) {
    let deadline = Instant::now() + Duration::from_secs(120);
    let mut seen = Vec::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) if line.contains(wanted) => return,
            Ok(line) => seen.push(line),
            Err(_) => panic!("no `{wanted}` in {seen:#?}"),
        }
    }
}

#[test]
fn a_saved_source_is_built_and_tested_again() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path("ours/src")).unwrap();
    folder.write(
        "ours/policy.toml",
        "name = \"ours\"\nworld = \"policy\"\nlanguage = \"c\"\n",
    );
    folder.write(
        "ours/cases.toml",
        "[[case]]\nname = \"a\"\nexpect = { verdict = \"abstain\" }\n",
    );
    folder.write("ours/src/policy.c", "mistake");
    std::fs::create_dir_all(folder.path("ours/gatewright/sdk/c")).unwrap();
    let core = wat::parse_str(module("judging", "judge", "")).unwrap();
    std::fs::write(folder.path("ours/core.wasm"), core).unwrap();
    let bin = toolchain(&folder, "python3", ZIG);
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let mut command = folder.command(&["dev", "ours"]);
    command.env("PATH", path);
    let mut dev = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, lines) = channel();
    send(dev.stdout.take().unwrap(), sender.clone());
    send(dev.stderr.take().unwrap(), sender);
    wait_for(&lines, "`zig cc` did not build it");
    wait_for(&lines, "waiting for a change");
    folder.write("ours/src/policy.c", "good");
    wait_for(&lines, "1 of 1 case");
    wait_for(&lines, "waiting for a change");
    folder.write("ours/src/policy.c", "another mistake");
    wait_for(&lines, "policy.c:1: a mistake");
    dev.kill().unwrap();
    dev.wait().unwrap();
}

#[test]
fn what_is_no_policy_is_named() {
    let folder = Folder::new();
    let ran = folder.run(&["dev"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("is no policy"), "{ran:?}");
}
