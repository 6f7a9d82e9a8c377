//! The gate as a stdio server.

use std::process::{Command, Stdio};

use super::Folder;

const LOCAL: &str = "[local]\nagent = \"did:example:desktop\"\n\n";

#[test]
fn nobody_is_served_whom_the_operator_did_not_name() {
    let folder = Folder::new();
    folder.with_issuer("");
    let ran = folder.run(&["wrap", "--server", "files"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("has no [local]"), "{ran:?}");
    assert!(ran.stderr.contains("hint: add `[local]`"), "{ran:?}");
    assert!(ran.stdout.is_empty(), "{ran:?}");
}

#[test]
fn which_server_is_meant_must_be_clear() {
    let folder = Folder::new();
    folder.write("gatewright.toml", LOCAL);
    let ran = folder.run(&["wrap"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("hint: give its command after `--`"),
        "{ran:?}"
    );
    folder.with_issuer(LOCAL);
    let ran = folder.run(&["wrap", "--server", "other"]);
    assert!(
        ran.stderr.contains("hint: the servers are: files"),
        "{ran:?}"
    );
}

#[test]
fn it_ends_well_when_its_client_goes_away() {
    let folder = Folder::new();
    folder.write("gatewright.toml", LOCAL);
    let ran = folder.run(&["wrap", "--", "cat"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.is_empty(), "{ran:?}");
}

#[test]
fn it_ends_when_asked_while_its_client_is_silent() {
    let folder = Folder::new();
    folder.with_issuer(LOCAL);
    let mut child = folder
        .command(&["wrap"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let record = || {
        let found = Command::new("find")
            .arg(folder.path("home-state"))
            .args(["-name", "audit.jsonl"])
            .output();
        let found = String::from_utf8(found.unwrap().stdout).unwrap();
        found
            .lines()
            .next()
            .map(|path| std::fs::read_to_string(path).unwrap())
            .unwrap_or_default()
    };
    while !record().contains("activated") {
        assert!(std::time::Instant::now() < deadline, "it does not start");
    }
    let command = format!("kill -TERM {}", child.id());
    Command::new("sh").args(["-c", &command]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_tool_server_that_wants_a_token_of_each_caller_is_refused_at_the_start() {
    let folder = Folder::new();
    folder.write(
        "gatewright.toml",
        &format!(
            "{LOCAL}\n[[server]]\nname = \"billing\"\nurl = \"http://127.0.0.1:1/mcp\"\n\
             [server.credential.oauth]\ngrant = \"token-exchange\"\n\
             token_url = \"http://127.0.0.1:1/token\"\nclient_id = \"gate\"\n\
             client_secret_env = \"SECRET\"\n\
             subject_issuers = [\"https://login.example.com\"]\n"
        ),
    );
    let ran = folder.run(&["wrap"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("no credential to exchange"), "{ran:?}");
    assert!(ran.stderr.contains("hint: use `grant"), "{ran:?}");
    assert!(!folder.path("state").exists(), "nothing was started");
}

/// Clients of desktops start a server twice, or two servers with one configuration.
#[test]
fn any_number_runs_at_once_and_the_log_shows_them_all() {
    let folder = Folder::new();
    folder.with_issuer(LOCAL);
    let state = folder.path("state-of-the-user");
    let start = || {
        folder
            .command(&["wrap"])
            .env("XDG_STATE_HOME", &state)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let records = || -> Vec<String> {
        let found = Command::new("find")
            .arg(&state)
            .args(["-name", "audit.jsonl"])
            .output();
        let found = String::from_utf8(found.unwrap().stdout).unwrap();
        let read = |path: &str| std::fs::read_to_string(path).unwrap();
        found.lines().map(read).collect()
    };
    let are_there = |count: usize, starts: usize| {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        loop {
            let records = records();
            let began: usize = records
                .iter()
                .map(|text| text.matches("\"activated\"").count())
                .sum();
            if began == starts {
                assert_eq!(records.len(), count);
                return;
            }
            assert!(
                std::time::Instant::now() < deadline,
                "they do not start: {records:?}"
            );
        }
    };
    let mut first = start();
    are_there(1, 1);
    let mut second = start();
    are_there(2, 2);
    for child in [&mut first, &mut second] {
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
    }
    // The next one goes on where the first one was.
    let mut third = start();
    are_there(2, 3);
    drop(third.stdin.take());
    assert!(third.wait().unwrap().success());
    let log = folder
        .command(&["log", "--format", "json"])
        .env("XDG_STATE_HOME", &state)
        .output()
        .unwrap();
    let log = String::from_utf8(log.stdout).unwrap();
    let times: Vec<u64> = log
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["at"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert_eq!(log.matches("\"started\"").count(), 3, "{log}");
    assert!(times.is_sorted(), "{times:?}");
    assert!(!folder.path("state").exists());
}

#[test]
fn a_record_is_where_the_operator_says() {
    let folder = Folder::new();
    folder.with_issuer(LOCAL);
    let ran = folder.run(&["wrap", "--audit", "records/{server}.jsonl"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(folder.path("records/files.jsonl").is_file());
}
