//! What candidates would decide otherwise, from the ledger.

use serde_json::{Value, json};

use super::{Folder, Ran};

fn entry(sequence: u64, name: &str, decision: &str, candidate: &str) -> String {
    let digest = format!("blake3:{}", "0".repeat(64));
    let opinion = |component: &str, mode: &str| {
        json!({ "binding": "paths", "component": format!("blake3:{}", component.repeat(64)),
                "mode": mode, "fuel": 1 })
    };
    let mut entry = json!({
        "sequence": sequence, "at": sequence * 1000, "event": "decided", "id": format!("d{sequence}"),
        "generation": 1, "policies": digest, "method": "tools/call", "server": "files",
        "name": name, "judged": true, "decision": decision,
        "opinions": [opinion("1", "enforce"), opinion("2", "observe")],
    });
    if candidate != decision {
        entry["flip"] = json!({ "stable": decision, "candidate": candidate });
    }
    format!("{entry}\n")
}

fn ledger() -> Folder {
    let folder = Folder::new();
    let text = [
        entry(1, "read", "allow", "deny"),
        entry(2, "read", "allow", "allow"),
        entry(3, "write", "deny", "allow"),
        entry(4, "read", "allow", "deny"),
        entry(5, "write", "hold", "allow"),
    ];
    folder.write("audit.jsonl", &text.concat());
    folder
}

fn flips(folder: &Folder, more: &[&str]) -> Ran {
    let mut arguments = vec!["flips", "--file", "audit.jsonl"];
    arguments.extend(more);
    folder.run(&arguments)
}

#[test]
fn what_would_be_let_through_comes_first() {
    let ran = flips(&ledger(), &["--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["judged"], 5);
    let found: Vec<_> = report["flips"]
        .as_array()
        .unwrap()
        .iter()
        .map(|flip| {
            let text = |member: &str| flip[member].as_str().unwrap().to_owned();
            (
                text("stable") + " " + &text("candidate"),
                flip["count"].as_u64().unwrap(),
                text("decision"),
            )
        })
        .collect();
    let expected = [
        ("deny allow", 1, "d3"),
        ("hold allow", 1, "d5"),
        ("allow deny", 2, "d4"),
    ];
    let expected = expected.map(|(kind, count, id)| (kind.to_owned(), count, id.to_owned()));
    assert_eq!(found, expected);
    assert_eq!(report["flips"][0]["bindings"], json!(["paths"]));
}

#[test]
fn a_person_gets_a_line_for_each_kind() {
    let ran = flips(&ledger(), &["--tool", "files:read"]);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{ran:?}");
    assert_eq!(lines[0], "2 flips in 3 judged calls");
    assert!(
        lines[1].contains("allow -> deny       2  files:read  by paths"),
        "{ran:?}"
    );
}
