//! Opening the gate, asking it how it is, and stopping it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{Folder, plugin};

/// A gate that ends with this value.
pub(crate) struct Served {
    child: Child,
    opened: Value,
}

impl Served {
    pub(crate) fn open(folder: &Folder) -> Self {
        Self::open_as(folder, "gatewright.toml")
    }

    /// With another configuration.
    pub(crate) fn open_as(folder: &Folder, config: &str) -> Self {
        let mut child = folder
            .command(&["serve", config, "--format", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let opened = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Self { child, opened }
    }

    pub(crate) fn admin(&self) -> &str {
        self.opened["admin"].as_str().unwrap()
    }

    /// Where agents connect.
    pub(crate) fn listen(&self) -> &str {
        self.opened["listen"].as_str().unwrap()
    }

    /// Ends it as a supervisor does; gives the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let command = format!("kill -TERM {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &command])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn folder() -> Folder {
    let folder = Folder::new();
    let policy = plugin("tool-gate");
    folder.with_issuer(&format!(
        "[[binding]]\nname = \"rules\"\npolicy = {policy:?}\n\
         settings = {{ rules = [{{ tools = [\"*\"], effect = \"allow\" }}] }}\n"
    ));
    folder
}

#[test]
fn a_gate_says_where_it_is_how_it_is_and_stops_when_asked() {
    let folder = folder();
    let gate = Served::open(&folder);
    assert_eq!(gate.opened["generation"], 1);
    assert_eq!(gate.opened["bindings"][0]["name"], "rules");
    let ran = folder.run(&["status", "--admin", gate.admin(), "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let status: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(status["policies"], gate.opened["policies"]);
    let ran = folder.run(&["status", "--admin", gate.admin()]);
    assert!(
        ran.stdout.contains("rules (policy, enforce) blake3:"),
        "{ran:?}"
    );
    assert_eq!(gate.terminate(), Some(0));
    let ran = folder.run(&["log"]);
    assert!(ran.stdout.contains("active generation 1"), "{ran:?}");
    assert!(ran.stdout.trim_end().ends_with("stop"), "{ran:?}");
}

#[test]
fn a_bad_change_is_shown_in_the_status_and_the_gate_goes_on() {
    let folder = folder();
    let gate = Served::open(&folder);
    folder.write("gatewright.toml", "[gate]\nlistn = 1\n");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let ran = loop {
        let ran = folder.run(&["status", "--admin", gate.admin()]);
        if ran.stdout.contains("reload      fails since") {
            break ran;
        }
        assert!(std::time::Instant::now() < deadline, "{ran:?}");
    };
    assert!(ran.stdout.contains("generation  1"), "{ran:?}");
    assert!(ran.stdout.contains("unknown field `listn`"), "{ran:?}");
    assert_eq!(gate.terminate(), Some(0));
}

/// That is when it is needed most.
#[test]
fn a_gate_is_found_while_its_configuration_is_being_mended() {
    let folder = folder();
    let gate = Served::open(&folder);
    let admin = gate.admin();
    for broken in [
        format!("[gate]\nadmin = \"{admin}\"\nlistn = 1\n"),
        format!("[gate]\nadmin = \"{admin}\"\nlisten = \n[[server\n"),
    ] {
        folder.write("gatewright.toml", &broken);
        for (command, said) in [
            ("status", "generation  1"),
            ("log", "active generation 1"),
            ("flips", ""),
        ] {
            let ran = folder.run(&[command]);
            assert_eq!(ran.code, 0, "{command}: {ran:?}");
            assert!(ran.stdout.contains(said), "{command}: {ran:?}");
            assert!(ran.stderr.contains("gatewright.toml:"), "{ran:?}");
            assert!(
                ran.stderr
                    .contains("warning: the configuration has problems"),
                "{ran:?}"
            );
        }
    }
    let ran = folder.run(&["log", "--config", "nowhere.toml"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(gate.terminate(), Some(0));
}

#[test]
fn a_gate_with_too_few_descriptors_says_so_and_does_not_start() {
    let folder = folder();
    let serve = folder.command(&["serve"]);
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "ulimit -n 64 && exec \"$0\" \"$@\""])
        .arg(serve.get_program())
        .args(serve.get_args());
    if let Some(place) = serve.get_current_dir() {
        limited.current_dir(place);
    }
    let ran = limited.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.contains("may open 64 files, and needs"), "{said}");
    assert!(said.contains("hint: raise the limit"), "{said}");
}

#[test]
fn a_first_start_with_a_bad_configuration_fails_with_the_place_and_the_fix() {
    let folder = Folder::new();
    folder.with_issuer("[[binding]]\nname = \"rules\"\npolicy = \"missing.wasm\"\n");
    let ran = folder.run(&["serve"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.is_empty(), "{ran:?}");
    assert!(
        ran.stderr
            .contains("gatewright.toml:16: policy file `missing.wasm` does not exist"),
        "{ran:?}"
    );
    assert!(
        ran.stderr
            .contains("hint: build it with `gatewright build`"),
        "{ran:?}"
    );
}

#[test]
fn no_gate_is_a_failure_with_a_hint() {
    let folder = Folder::new();
    let free = std::net::TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let ran = folder.run(&["status", "--admin", &free.to_string()]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("hint: "), "{ran:?}");
}

/// Looks until it is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !is_so() {
        assert!(
            std::time::Instant::now() < deadline,
            "never happened: {what}"
        );
        // Compiling has the lowest priority: a loop without a pause starves it.
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

fn sealed(folder: &Folder) -> usize {
    let names = std::fs::read_dir(folder.path("state")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| name.starts_with("audit.jsonl.0"))
        .count()
}

#[test]
fn the_ledger_is_rotated_when_asked_and_read_as_one() {
    let folder = folder();
    let gate = Served::open(&folder);
    let rotate = ["log", "rotate", "--admin", gate.admin()];
    let ran = folder.run(&rotate);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout.contains("state/audit.jsonl.000000000000"),
        "{ran:?}"
    );
    let ran = folder.run(&rotate);
    assert!(ran.stdout.contains("nothing to rotate"), "{ran:?}");
    let ran = folder.run(&["status", "--admin", gate.admin()]);
    assert!(ran.stdout.contains("ledger      entries from "), "{ran:?}");
    // A reload that fails is an entry: there is something to seal again.
    folder.write("gatewright.toml", "[gate]\nlistn = 1\n");
    until("an entry", || {
        let ran = folder.run(&["log", "--file", "state/audit.jsonl"]);
        ran.stdout.contains("reload failed")
    });
    let hangup = format!("kill -HUP {}", gate.child.id());
    let sent = Command::new("sh").args(["-c", &hangup]).status().unwrap();
    assert!(sent.success());
    until("another segment", || sealed(&folder) == 2);
    assert_eq!(gate.terminate(), Some(0));
    let ran = folder.run(&["log", "--file", "state/audit.jsonl", "--format", "json"]);
    let sequences = ran.stdout.lines().map(|line| {
        let entry: Value = serde_json::from_str(line).unwrap();
        entry["sequence"].as_u64().unwrap()
    });
    let sequences: Vec<_> = sequences.collect();
    let expected: Vec<_> = (0..sequences.len() as u64).collect();
    assert_eq!(sequences, expected, "{ran:?}");
    assert!(ran.stdout.contains("\"event\":\"stopped\""), "{ran:?}");
}

#[test]
fn a_moved_ledger_shows_in_the_status_with_what_to_do() {
    let folder = folder();
    let gate = Served::open(&folder);
    let (path, aside) = (folder.path("state/audit.jsonl"), folder.path("aside"));
    std::fs::rename(&path, &aside).unwrap();
    let status = || folder.run(&["status", "--admin", gate.admin()]).stdout;
    until("said", || status().contains("was deleted or moved away"));
    assert!(status().contains("hint: put it back"), "{}", status());
    std::fs::rename(&aside, &path).unwrap();
    until("well again", || !status().contains("moved away"));
    assert_eq!(gate.terminate(), Some(0));
}

#[test]
fn a_console_is_opened_with_a_code_for_the_first_account_and_answers_to_its_name() {
    let folder = folder();
    let path = folder.path("gatewright.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        format!("{config}\n[console]\nlisten = \"127.0.0.1:0\"\n"),
    )
    .unwrap();
    let gate = Served::open(&folder);
    let url = gate.opened["console"].as_str().unwrap();
    let port = url.strip_prefix("http://localhost:").unwrap();
    let ask = |host: &str| {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        let asked = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(asked.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let page = ask(&format!("localhost:{port}"));
    assert!(page.contains("Make the first account"), "{page}");
    assert!(
        page.contains("content-security-policy: default-src 'none'"),
        "{page}"
    );
    let rebound = ask("evil.example");
    assert!(rebound.starts_with("HTTP/1.1 421"), "{rebound}");
    assert!(folder.path("state/console.json.lock").exists());
    assert_eq!(gate.terminate(), Some(0));
}
