//! Verifying, proving, comparing and exporting a record.

use gatewright_engine::ledger::{Durability, FileLedger, Ledger as _};
use gatewright_policy::Timestamp;
use gatewright_policy::record::Event;
use serde_json::{Value, json};

use super::Folder;

fn event(value: Value) -> Event {
    serde_json::from_value(value).unwrap()
}

/// Two entries for each call.
fn calls(folder: &Folder, ids: std::ops::Range<u64>) {
    std::fs::create_dir_all(folder.path("state")).unwrap();
    let path = folder.path("state/audit.jsonl");
    let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
    let digest = format!("blake3:{}", "0".repeat(64));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    for id in ids {
        let decided = json!({
            "event": "decided", "id": format!("call-{id}"), "generation": 1, "policies": digest,
            "caller": { "agent": "did:example:a\u{1b}[2J", "issuer": "i", "session": "s", "credential": digest, "expires_at": 0 },
            "method": "tools/call", "server": "files", "name": "read", "judged": true,
            "decision": if id % 2 == 0 { "allow" } else { "deny" },
        });
        let completed =
            json!({ "event": "completed", "id": format!("call-{id}"), "outcome": "allowed" });
        let events = match id % 2 {
            0 => vec![decided, completed],
            _ => vec![decided],
        };
        for value in events {
            let appended = ledger.append(Timestamp(id), event(value), Durability::Written);
            runtime.block_on(appended).unwrap();
        }
    }
}

const FILE: [&str; 2] = ["--file", "state/audit.jsonl"];

fn log(folder: &Folder, more: &[&str]) -> super::Ran {
    folder.run(&[&["log"], more].concat())
}

#[test]
fn a_record_is_verified_without_a_configuration_and_the_bad_entry_is_named() {
    let folder = Folder::new();
    calls(&folder, 0..20);
    let key = log(
        &folder,
        &[&["checkpoint", "--key"], FILE.as_slice()].concat(),
    );
    folder.write("gate.pub", &key.stdout);
    for place in ["state", "state/audit.jsonl"] {
        let ran = log(&folder, &["verify", place, "--key", "gate.pub"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stdout.starts_with("verified  30 entries"), "{ran:?}");
        assert!(ran.stdout.contains("as given"), "{ran:?}");
    }
    let ran = log(&folder, &["verify", "state"]);
    assert!(ran.stdout.contains("give yours with --key"), "{ran:?}");
    let other = "example.com/other+5fb5a0ed+AQID";
    assert_eq!(log(&folder, &["verify", "state", "--key", other]).code, 1);
    assert_eq!(log(&folder, &["verify", "elsewhere"]).code, 1);
    assert_eq!(log(&folder, &["verify", "--proof", "x"]).code, 2);

    let text = std::fs::read_to_string(folder.path("state/audit.jsonl")).unwrap();
    folder.write("state/audit.jsonl", &text.replacen("call-7", "call-8", 1));
    let ran = log(&folder, &["verify", "state", "--key", "gate.pub"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let first = ran.stdout.lines().next().unwrap();
    assert!(
        first.contains("audit.jsonl line 12, sequence 11"),
        "{ran:?}"
    );
    let ran = log(&folder, &["verify", "state", "--format", "json"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["findings"][0]["kind"], "changed");
    assert_eq!(report["findings"][0]["sequence"], 11);
}

#[test]
fn an_entry_is_proven_alone() {
    let folder = Folder::new();
    calls(&folder, 0..300);
    let key = log(
        &folder,
        &[&["checkpoint", "--key"], FILE.as_slice()].concat(),
    );
    folder.write("gate.pub", &key.stdout);
    for sequence in ["0", "255", "256", "449"] {
        let prove = ["prove", sequence, "-o", "proof"];
        let ran = log(&folder, &[&prove, FILE.as_slice()].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        let verify = ["verify", "--proof", "proof", "--key", "gate.pub"];
        let ran = log(&folder, &verify);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(
            ran.stdout
                .starts_with(&format!("proven    entry {sequence},")),
            "{ran:?}"
        );
        assert!(!ran.stdout.contains('\u{1b}'), "{ran:?}");
        let proof = std::fs::read_to_string(folder.path("proof")).unwrap();
        folder.write("proof", &proof.replacen("index ", "index 1", 1));
        assert_eq!(log(&folder, &verify).code, 3, "{sequence}");
    }
    let ran = log(&folder, &[&["prove", "450"], FILE.as_slice()].concat());
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("entries from 0 to 450 are signed for"),
        "{ran:?}"
    );
}

#[test]
fn checkpoints_are_compared() {
    let folder = Folder::new();
    calls(&folder, 0..20);
    let checkpoint = |name: &str| {
        let ran = log(&folder, &[&["checkpoint"], FILE.as_slice()].concat());
        folder.write(name, &ran.stdout);
    };
    checkpoint("monday");
    calls(&folder, 20..300);
    checkpoint("friday");
    let compare = |older: &str, newer: &str| {
        log(
            &folder,
            &[&["compare", older, newer], FILE.as_slice()].concat(),
        )
    };
    let ran = compare("monday", "friday");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout
            .contains("a record of 450 entries goes on from 30"),
        "{ran:?}"
    );
    assert_eq!(compare("friday", "friday").code, 0);
    assert_eq!(compare("friday", "monday").code, 1);
    let given = ["verify", "state", "--checkpoint", "monday"];
    assert_eq!(log(&folder, &given).code, 0);
    let text = std::fs::read_to_string(folder.path("monday")).unwrap();
    folder.write("monday", &text.replacen("\n30\n", "\n29\n", 1));
    assert_eq!(compare("monday", "friday").code, 3);
    assert_eq!(log(&folder, &given).code, 3);
}

#[test]
fn everything_about_one_decision_is_shown() {
    let folder = Folder::new();
    calls(&folder, 0..20);
    let show = |id: &str| log(&folder, &[&["show", id], FILE.as_slice()].concat());
    let ran = show("call-4");
    assert_eq!(ran.stdout.lines().count(), 2, "{ran:?}");
    assert!(!ran.stdout.contains('\u{1b}'), "{ran:?}");
    assert_eq!(show("call-5").stdout.lines().count(), 1);
    assert_eq!(show("call").code, 1);
}

#[test]
fn a_record_is_exported_in_every_format() {
    let folder = Folder::new();
    calls(&folder, 0..4);
    let export = |format: &str, more: &[&str]| {
        let arguments = [&["export", "--format", format], FILE.as_slice(), more].concat();
        let ran = log(&folder, &arguments);
        assert_eq!(ran.code, 0, "{ran:?}");
        let lines = ran
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        lines.collect::<Vec<Value>>()
    };
    let lines = export("jsonl", &[]);
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[5]["sequence"], 5);
    let ocsf = export("ocsf", &[]);
    assert_eq!(ocsf.len(), 6);
    assert_eq!(ocsf[0]["class_uid"], 6003);
    assert_eq!(ocsf[0]["type_uid"], 600_399);
    assert_eq!(
        (&ocsf[0]["action_id"], &ocsf[2]["action_id"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(ocsf[1]["api"]["request"]["uid"], "call-0");
    let otlp = export("otlp", &[]);
    assert_eq!(otlp.len(), 6);
    let record = |at: usize| otlp[at]["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0].clone();
    assert_eq!(record(0)["eventName"], "gatewright.record.decided");
    assert_eq!(record(0)["severityText"], "INFO");
    let told = record(2)["attributes"].to_string();
    assert!(
        told.contains(r#"{"key":"gatewright.decision","value":{"stringValue":"deny"}}"#),
        "{told}"
    );
    assert_eq!(record(2)["severityNumber"], 13);
    let entry: Value =
        serde_json::from_str(record(2)["body"]["stringValue"].as_str().unwrap()).unwrap();
    assert_eq!(entry["sequence"], 2);
    let events = export("cloudevents", &[]);
    assert_eq!(events[3]["specversion"], "1.0");
    assert_eq!(events[0]["type"], "dev.gatewright.record.decided");
    assert_eq!(events[0]["subject"], "call-0");
    assert_eq!(events[0]["data"], lines[0]);
    let opa = export("opa", &["--decision", "deny"]);
    assert_eq!(opa.len(), 2);
    assert_eq!(opa[0]["decision_id"], "call-1");
    assert_eq!(opa[0]["result"]["allow"], false);
    assert_eq!(export("opa", &["--since", "1h"]).len(), 0);
}
