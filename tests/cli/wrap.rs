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
    while !std::fs::read_to_string(folder.path("state/audit.jsonl"))
        .unwrap_or_default()
        .contains("activated")
    {
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
             client_secret_env = \"SECRET\"\n"
        ),
    );
    let ran = folder.run(&["wrap"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("no credential to exchange"), "{ran:?}");
    assert!(ran.stderr.contains("hint: use `grant"), "{ran:?}");
    assert!(!folder.path("state").exists(), "nothing was started");
}
