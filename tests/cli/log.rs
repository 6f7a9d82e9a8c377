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
        (&["--id", "d1"], vec![1]),
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
fn what_stands_for_a_text_is_short_and_refusals_are_summed_up() {
    let folder = Folder::new();
    let digits = "0123456789abcdef".repeat(4);
    let sealed = format!("keyed:{digits} (40 bytes)");
    let refused = "{\"sequence\":1,\"at\":9000,\"event\":\"refused\",\"count\":7,\"since\":1000,\"until\":8000,\
                   \"reasons\":[[\"credential_missing\",5],[\"credential_invalid\",2]]}\n";
    let denied = entry(0, 1_000, "a", "deny", "insufficient_scope", &sealed);
    folder.write("audit.jsonl", &(denied + refused));
    let ran = folder.run(&["log", "--file", "audit.jsonl"]);
    for part in [
        "deny   files:keyed:0123456789ab (40 bytes) a insufficient_scope",
        "deny   7 more without a credential since 1970-01-01T00:00:01",
        ": 5 credential_missing, 2 credential_invalid",
    ] {
        assert!(ran.stdout.contains(part), "no `{part}`: {ran:?}");
    }
    assert_eq!(
        log(&folder, &["--decision", "deny"]).stdout.lines().count(),
        1
    );
}

#[test]
fn one_decision_is_shown_with_the_rules_that_policies_answered_by() {
    let folder = Folder::new();
    let digest = format!("blake3:{}", "0".repeat(64));
    let opinion = |binding: &str, verdict: &str, notes: &str| {
        format!(
            "{{\"binding\":\"{binding}\",\"component\":\"{digest}\",\"mode\":\"enforce\",{verdict}\
             \"notes\":[{notes}],\"fuel\":1}}"
        )
    };
    let unlisted = format!("{{\"rule\":\"keyed:{}\"}}", "0123456789abcdef".repeat(4));
    let said = "{\"rule\":\"closed\",\"text\":\"the \\u001b[2Jtool is closed\"}";
    let opinions = [
        opinion(
            "paths",
            "\"verdict\":{\"verdict\":\"allow\"},",
            "{\"rule\":\"roots\"}",
        ),
        opinion(
            "gate",
            "\"verdict\":{\"verdict\":\"abstain\"},",
            &format!("{said},{unlisted}"),
        ),
        opinion("silent", "\"verdict\":{\"verdict\":\"abstain\"},", ""),
    ];
    let decided = entry(0, 1_000, "a", "allow", "", "read_file");
    let decided = decided.replace(
        "\"decision\":",
        &format!("\"opinions\":[{}],\"decision\":", opinions.join(",")),
    );
    let completed = format!(
        "{{\"sequence\":1,\"at\":2000,\"event\":\"completed\",\"id\":\"d0\",\"outcome\":\"allowed\",\
         \"opinions\":[{}]}}\n",
        opinion("shield", "", "{\"rule\":\"secrets\"}")
    );
    folder.write("audit.jsonl", &(decided + &completed));
    let ran = folder.run(&["log", "show", "d0", "--file", "audit.jsonl"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let rules: Vec<_> = ran
        .stdout
        .lines()
        .filter(|line| line.starts_with("  "))
        .collect();
    assert_eq!(
        rules,
        [
            "  rules of paths: roots",
            "  rules of gate: closed \"the \\u{1b}[2Jtool is closed\", keyed:0123456789ab",
            "  rules of shield: secrets",
        ],
        "{ran:?}"
    );
}

/// Seals `audit.jsonl` as the gate does, and puts another file in its place.
fn seal(folder: &Folder, first: &str, next: &str) {
    folder.write("audit.jsonl.next", next);
    let path = folder.path("audit.jsonl");
    std::fs::hard_link(&path, folder.path(&format!("audit.jsonl.{first}"))).unwrap();
    std::fs::rename(folder.path("audit.jsonl.next"), path).unwrap();
}

fn sequence(line: &str) -> u64 {
    let entry: serde_json::Value = serde_json::from_str(line).unwrap();
    entry["sequence"].as_u64().unwrap()
}

fn read_entry(number: u64) -> String {
    entry(number, 4_000, "did:example:b", "allow", "", "read_file")
}

#[test]
fn segments_are_read_in_order() {
    let folder = ledger();
    seal(&folder, "000000000000", &read_entry(3));
    seal(&folder, "000000000003", &read_entry(4));
    let ran = log(&folder, &[]);
    let found: Vec<_> = ran.stdout.lines().map(sequence).collect();
    assert_eq!(found, [0, 1, 2, 3, 4], "{ran:?}");
    folder.write("audit.jsonl.000000000003", "nonsense");
    let ran = log(&folder, &[]);
    let found: Vec<_> = ran.stdout.lines().map(sequence).collect();
    assert_eq!(found, [0, 1, 2, 4], "{ran:?}");
    assert!(
        ran.stderr.contains("audit.jsonl.000000000003` line 1: "),
        "{ran:?}"
    );
}

#[test]
fn following_goes_on_into_the_next_segment() {
    use std::io::{BufRead as _, Write as _};
    let folder = ledger();
    let arguments = ["log", "--file", "audit.jsonl", "--format", "json", "-f"];
    let mut child = folder
        .command(&arguments)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || sequence(&lines.next().unwrap().unwrap());
    assert_eq!([next(), next(), next()], [0, 1, 2]);
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(folder.path("audit.jsonl"))
        .unwrap();
    file.write_all(read_entry(3).as_bytes()).unwrap();
    seal(&folder, "000000000000", &read_entry(4));
    seal(&folder, "000000000004", &read_entry(5));
    assert_eq!([next(), next(), next()], [3, 4, 5]);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_damaged_ledger_is_repaired_and_nothing_of_it_is_taken_away() {
    let folder = ledger();
    folder.write("audit.jsonl.salt", &"s".repeat(32));
    let ran = folder.run(&["log", "repair", "--file", "audit.jsonl"]);
    assert!(ran.stdout.contains("nothing to repair"), "{ran:?}");
    let mut text = std::fs::read_to_string(folder.path("audit.jsonl")).unwrap();
    text.push_str("nonsense\n");
    folder.write("audit.jsonl", &text);
    let ran = folder.run(&["log", "repair", "--file", "audit.jsonl"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("line 4: "), "{ran:?}");
    assert!(ran.stdout.contains("carried     nothing"), "{ran:?}");
    let kept = std::fs::read_to_string(folder.path("audit.jsonl.000000000000"));
    assert_eq!(kept.unwrap(), text);
    let ran = log(&folder, &[]);
    let found: Vec<_> = ran.stdout.lines().map(sequence).collect();
    assert_eq!(found[..4], [0, 1, 2, 3], "{ran:?}");
    let ran = folder.run(&["log", "--file", "audit.jsonl"]);
    assert!(ran.stdout.contains("ledger repaired: line 4: "), "{ran:?}");
}

#[test]
fn a_repair_says_what_was_carried_over_and_keeps_the_salt_that_it_replaces() {
    let folder = Folder::new();
    let old = "s".repeat(32);
    folder.write("audit.jsonl.salt", &old);
    folder.write("audit.jsonl", "nonsense\n");
    let ran = folder.run(&["log", "repair", "--file", "audit.jsonl", "--new-salt"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("carried     nothing"), "{ran:?}");
    assert!(ran.stdout.contains("old salt    "), "{ran:?}");
    let salt = |name| std::fs::read(folder.path(name)).unwrap();
    assert_eq!(salt("audit.jsonl.salt.000000000000"), old.as_bytes());
    assert_ne!(salt("audit.jsonl.salt"), old.as_bytes());
}

#[test]
fn what_is_no_entry_does_not_steer_the_terminal() {
    let folder = Folder::new();
    let line = "{\"sequence\":0,\"at\":1,\"event\":\"\\u001b[2Jgone\"}\n";
    folder.write("audit.jsonl", line);
    for command in ["log", "flips"] {
        let ran = folder.run(&[command, "--file", "audit.jsonl"]);
        assert!(ran.stderr.contains("\\u{1b}[2Jgone"), "{command}: {ran:?}");
        assert!(!ran.stderr.contains('\u{1b}'), "{command}: {ran:?}");
    }
}

#[test]
fn a_ledger_whose_time_ran_ahead_goes_on_from_now() {
    let folder = Folder::new();
    let ahead = entry(0, 4_102_444_800_000, "a", "allow", "", "read_file");
    folder.write("audit.jsonl", &ahead);
    folder.write("audit.jsonl.salt", &"s".repeat(32));
    let set = ["log", "set-clock", "--file", "audit.jsonl"];
    let ran = folder.run(&set);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout.contains("it was 2100-01-01T00:00:00Z"),
        "{ran:?}"
    );
    let ran = folder.run(&set);
    assert!(ran.stdout.contains("nothing to do"), "{ran:?}");
    let ran = folder.run(&["log", "--file", "audit.jsonl"]);
    assert!(
        ran.stdout.contains("ledger time set back from 2100-01-01"),
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
    assert!(
        ran.stdout.contains("label  1 more on the session d1"),
        "{ran:?}"
    );
}
