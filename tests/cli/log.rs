//! Reading the ledger.

use super::{Folder, Ran};

fn entry(sequence: u64, at: u64, agent: &str, decision: &str, reason: &str, name: &str) -> String {
    let digest = format!("blake3:{}", "0".repeat(64));
    let reason = match reason {
        "" => String::new(),
        reason => format!("\"reason\":\"{reason}\","),
    };
    format!(
        "{{\"sequence\":{sequence},\"at\":{at},\"event\":\"decided\",\"id\":\"d{sequence}\",\"generation\":1,\
         \"policies\":\"{digest}\",\"caller\":{{\"agent\":\"{agent}\",\"issuer\":\"i\",\"session\":\"s\",\
         \"credential\":\"{digest}\",\"expires_at\":0}},\"method\":\"tools/call\",\"server\":\"files\",\
         \"name\":\"{name}\",\"judged\":true,{reason}\"decision\":\"{decision}\"}}\n"
    )
}

fn ledger() -> Folder {
    let folder = Folder::new();
    let text = [
        entry(0, 1_000, "did:example:a", "allow", "", "read_file"),
        entry(1, 2_000, "did:example:a", "deny", "forbidden", "write_file"),
        entry(2, 3_000, "did:example:b", "deny", "no_policy", "read_file"),
    ];
    folder.write("audit.jsonl", &text.concat());
    folder
}

fn log(folder: &Folder, more: &[&str]) -> Ran {
    let mut arguments = vec!["log", "--file", "audit.jsonl", "--format", "json"];
    arguments.extend(more);
    folder.run(&arguments)
}

#[test]
fn filters_leave_what_fits_all_of_them() {
    let folder = ledger();
    for (filters, left) in [
        (&[][..], vec![0, 1, 2]),
        (&["--agent", "did:example:a"], vec![0, 1]),
        (&["--agent", "*:b"], vec![2]),
        (&["--decision", "deny"], vec![1, 2]),
        (&["--reason", "no_policy"], vec![2]),
        (&["--tool", "files:read_*"], vec![0, 2]),
        (&["--tool", "other:*"], vec![]),
        (&["--since", "1970-01-01T00:00:02Z"], vec![1, 2]),
        (&["--since", "1h"], vec![]),
        (&["--agent", "did:example:a", "--decision", "deny"], vec![1]),
    ] {
        let ran = log(&folder, filters);
        assert_eq!(ran.code, 0, "{ran:?}");
        let found = ran.stdout.lines().map(|line| {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            entry["sequence"].as_u64().unwrap()
        });
        assert_eq!(found.collect::<Vec<_>>(), left, "{filters:?}");
    }
}

#[test]
fn a_torn_last_line_is_left_out_and_mentioned() {
    let folder = ledger();
    let whole = std::fs::read_to_string(folder.path("audit.jsonl")).unwrap();
    folder.write("audit.jsonl", &whole[..whole.len() - 20]);
    let ran = log(&folder, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.stdout.lines().count(), 2, "{ran:?}");
    assert!(ran.stderr.contains("not complete"), "{ran:?}");
}

#[test]
fn a_line_that_is_no_entry_is_named_and_the_rest_is_shown() {
    let folder = ledger();
    let whole = std::fs::read_to_string(folder.path("audit.jsonl")).unwrap();
    folder.write("audit.jsonl", &format!("nonsense\n{whole}"));
    let ran = log(&folder, &[]);
    assert_eq!(ran.stdout.lines().count(), 3, "{ran:?}");
    assert!(ran.stderr.contains("line 1: "), "{ran:?}");
}

#[test]
fn text_shows_escape_sequences_and_obeys_none() {
    let folder = Folder::new();
    folder.write(
        "audit.jsonl",
        &entry(
            0,
            1_000,
            "did:example:\\u001b[2J",
            "deny",
            "forbidden",
            "read_file",
        ),
    );
    let ran = folder.run(&["log", "--file", "audit.jsonl"]);
    assert!(!ran.stdout.contains('\u{1b}'), "{ran:?}");
    assert!(
        ran.stdout
            .contains("deny   files:read_file did:example:\\u{1b}[2J forbidden"),
        "{ran:?}"
    );
}

#[test]
fn a_decision_on_several_things_is_found_and_shown_by_each() {
    let folder = Folder::new();
    let lines = entry(0, 1_000, "did:example:a", "deny", "forbidden", "file:///a");
    let part = "\"judged\":true,\"parts\":[{\"name\":\"file:///b\",\"alone\":\"allow\"}]";
    let lines = lines.replace("\"judged\":true", part);
    let allowed = entry(1, 2_000, "did:example:a", "allow", "", "file:///d");
    let labelled = "{\"sequence\":2,\"at\":3000,\"event\":\"labelled\",\"id\":\"d1\",\
                    \"session\":\"s\",\"labels\":[\"tainted\"]}\n";
    folder.write("audit.jsonl", &(lines + &allowed + labelled));
    for (tool, found) in [
        ("files:file:///a", 1),
        ("files:file:///b", 1),
        ("files:file:///c", 0),
        ("files:file:///d", 2),
    ] {
        let ran = log(&folder, &["--tool", tool]);
        assert_eq!(ran.stdout.lines().count(), found, "{tool}: {ran:?}");
    }
    let ran = folder.run(&["log", "--file", "audit.jsonl"]);
    assert!(
        ran.stdout.contains("with file:///b (alone: allow)"),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("label  tainted d1"), "{ran:?}");
}
