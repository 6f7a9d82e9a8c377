//! A gate whose memory is a database.

use serde_json::Value;

use super::serve::Served;
use super::{Folder, Ran, plugin};

const MEMORY: &str = "[memory]\nurl = \"sqlite:state/memory.db\"\ngate = \"one\"\n";

fn folder() -> Folder {
    let folder = Folder::new();
    let policy = plugin("tool-gate");
    folder.with_issuer(&format!(
        "{MEMORY}\n[[binding]]\nname = \"rules\"\npolicy = {policy:?}\n\
         settings = {{ rules = [{{ tools = [\"*\"], effect = \"allow\" }}] }}\n"
    ));
    folder
}

fn events(ran: &Ran) -> Vec<String> {
    assert_eq!(ran.code, 0, "{ran:?}");
    let entries = ran.stdout.lines().map(|line| {
        let entry: Value = serde_json::from_str(line).unwrap();
        entry["event"].as_str().unwrap().to_owned()
    });
    entries.collect()
}

#[test]
fn a_gate_with_a_database_goes_on_where_it_was_and_its_record_is_read_from_there() {
    let folder = folder();
    for generation in ["\"generation\":1", "\"generation\":2"] {
        let gate = Served::open(&folder);
        let status = ["status", "--admin", gate.admin(), "--format", "json"];
        let ran = folder.run(&status);
        assert!(
            ran.stdout.replace(": ", ":").contains(generation),
            "{ran:?}"
        );
        let ran = folder.run(&status[..3]);
        let place = ran.stdout.lines().find(|line| line.starts_with("memory"));
        let place = place.unwrap_or_else(|| panic!("{ran:?}"));
        assert!(
            place.contains("state/memory.db") && place.ends_with("gate `one`"),
            "{place}"
        );

        let ran = folder.run(&["log", "rotate", "--admin", gate.admin()]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains("has no segments"), "{ran:?}");
        assert_eq!(gate.terminate(), Some(0));
    }
    let once = ["started", "activated", "stopped"];
    let twice: Vec<_> = once.iter().chain(&once).copied().collect();
    assert_eq!(events(&folder.run(&["log", "--format", "json"])), twice);
    assert_eq!(folder.run(&["log"]).stdout.lines().count(), twice.len());
    assert_eq!(folder.run(&["flips"]).code, 0);
    assert!(!folder.path("state/audit.jsonl").exists());
}

#[test]
fn what_a_database_does_not_need_says_so() {
    let folder = folder();
    let ran = folder.run(&["log"]);
    assert_eq!(ran.code, 1, "there is nothing yet: {ran:?}");
    assert!(!folder.path("state").exists(), "and nobody made it");
    drop(Served::open(&folder));
    let ran = folder.run(&["log", "repair"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("is a database"), "{ran:?}");
    let ran = folder.run(&["log", "set-clock"]);
    assert!(ran.stdout.contains("nothing to do"), "{ran:?}");
}

#[test]
fn a_gate_does_not_start_without_its_database_or_its_salt() {
    let folder = folder();
    drop(Served::open(&folder));
    std::fs::remove_file(folder.path("state/memory.db.salt")).unwrap();
    let ran = folder.run(&["serve"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("hint: every gate"), "{ran:?}");
    let folder = Folder::new();
    let memory = "[memory]\nurl = \"postgres://gate@127.0.0.1:1/memory\"\n\
                    gate = \"one\"\nsalt = \"salt\"\n";
    folder.with_issuer(memory);
    let ran = folder.run(&["serve"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("127.0.0.1:1/memory"), "{ran:?}");
}
