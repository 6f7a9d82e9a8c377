//! What somebody may do to a record, and that the verifier names it. The record has three
//! segments: entries 0 to 299, 300 to 600 and 601 to 701.

use std::fs;

use gatewright_engine::ledger::{FileLedger, Ledger as _};
use gatewright_evidence::verify::{Kind, Wanted};
use gatewright_evidence::{Checkpoint, Hash, LogKey};
use gatewright_policy::Timestamp;
use serde_json::json;

use crate::record::{Record, completed, decided, event};

/// The key that whoever was given it has.
const NAME: &str = "example.com/gate";

async fn base() -> Record {
    let record = Record::new();
    let key = LogKey::new(Some(NAME), &[5; 32]).unwrap();
    fs::write(record.file("audit.jsonl.key"), key.secret_text()).unwrap();
    continued(&record, &[0..150, 150..300, 300..350]).await;
    record
}

/// Appends calls, with a rotation after each part but the last.
async fn continued(record: &Record, parts: &[std::ops::Range<u64>]) {
    let ledger = record.open();
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            ledger.rotate().await.unwrap().unwrap();
        }
        record.calls(&ledger, part.clone()).await;
    }
}

fn wanted(record: &Record) -> Wanted {
    let key = fs::read_to_string(record.tree("key.pub")).unwrap();
    Wanted {
        key: Some(key),
        ..Wanted::default()
    }
}

/// The number of the entry becomes another one.
fn renumber(line: &str, sequence: u64) -> String {
    let (before, after) = line.split_once("\"sequence\":").unwrap();
    let rest = after.trim_start_matches(|digit: char| digit.is_ascii_digit());
    format!("{before}\"sequence\":{sequence}{rest}")
}

type Deed = fn(&Record);

/// A name, what is done, and the first finding: of this kind, about this entry.
type Case = (&'static str, Deed, Kind, Option<u64>);

const ENTRIES: [Case; 19] = [
    (
        "a flipped bit",
        |record| record.edit(0, |lines| lines[100] = lines[100].replace("files", "gilet")),
        Kind::Changed,
        Some(100),
    ),
    (
        "a dropped entry",
        |record| record.edit(0, |lines| drop(lines.remove(100))),
        Kind::Sequence,
        Some(100),
    ),
    (
        "a dropped entry, and those after it renumbered",
        |record| {
            record.edit(0, |lines| {
                lines.remove(100);
                for (at, line) in lines.iter_mut().enumerate() {
                    *line = renumber(line, at as u64);
                }
            });
        },
        Kind::Changed,
        Some(100),
    ),
    (
        "two entries swapped",
        |record| record.edit(0, |lines| lines.swap(100, 102)),
        Kind::Sequence,
        Some(100),
    ),
    (
        "two entries swapped, with each other's numbers",
        |record| {
            record.edit(0, |lines| {
                let (one, other) = (renumber(&lines[102], 100), renumber(&lines[100], 102));
                (lines[100], lines[102]) = (one, other);
            });
        },
        Kind::Changed,
        Some(100),
    ),
    (
        "an entry twice",
        |record| record.edit(0, |lines| lines.insert(100, lines[99].clone())),
        Kind::Sequence,
        Some(100),
    ),
    (
        "an entry more",
        |record| record.edit(2, |lines| lines.insert(50, renumber(&lines[49], 651))),
        Kind::Changed,
        Some(651),
    ),
    (
        "the last entries cut off",
        |record| record.edit(2, |lines| lines.truncate(60)),
        Kind::Missing,
        Some(661),
    ),
    (
        "half of the last entry cut off",
        |record| {
            let text = fs::read(record.path()).unwrap();
            fs::write(record.path(), &text[..text.len() - 20]).unwrap();
        },
        Kind::NotAnEntry,
        Some(701),
    ),
    (
        "a back-dated entry",
        |record| {
            record.edit(1, |lines| {
                lines[3] = lines[3].replace("\"at\":151", "\"at\":1")
            })
        },
        Kind::Changed,
        Some(303),
    ),
    (
        "another number",
        |record| record.edit(0, |lines| lines[100] = renumber(&lines[100], 1000)),
        Kind::Sequence,
        Some(100),
    ),
    (
        "a line that is no entry",
        |record| record.edit(0, |lines| "nonsense".clone_into(&mut lines[100])),
        Kind::NotAnEntry,
        Some(100),
    ),
    (
        "a member twice",
        |record| {
            record.edit(0, |lines| {
                lines[100] = lines[100].replace('}', ",\"at\":7}")
            })
        },
        Kind::NotAnEntry,
        Some(100),
    ),
    (
        "an entry that moved to the next segment",
        |record| {
            let mut moved = String::new();
            record.edit(0, |lines| moved = lines.pop().unwrap());
            record.edit(1, |lines| lines.insert(0, moved));
        },
        Kind::Segment,
        Some(299),
    ),
    (
        "an entry and its hash in the tile",
        |record| {
            let mut hash = Hash::of_nothing();
            record.edit(0, |lines| {
                lines[100] = lines[100].replace("files", "gilet");
                hash = Hash::of_entry(lines[100].as_bytes());
            });
            let tile = record.tree("tile/0/000");
            let mut bytes = fs::read(&tile).unwrap();
            bytes[3200..3232].copy_from_slice(hash.as_bytes());
            fs::write(tile, bytes).unwrap();
        },
        Kind::Changed,
        // Nothing tells which one it was: it is one before the first good checkpoint.
        Some(0),
    ),
    (
        "members in another order",
        |record| {
            record.edit(1, |lines| {
                let line = lines[100].trim_matches(['{', '}']);
                let (first, rest) = line.split_once(',').unwrap();
                lines[100] = format!("{{{rest},{first}}}");
            });
        },
        Kind::NotCanonical,
        Some(400),
    ),
    (
        "a space more",
        |record| record.edit(1, |lines| lines[100] = lines[100].replacen(':', ": ", 1)),
        Kind::NotCanonical,
        Some(400),
    ),
    (
        "a character that is escaped otherwise",
        |record| {
            record.edit(1, |lines| {
                lines[100] = lines[100].replace("allowed", "\\u0061llowed");
            });
        },
        Kind::NotCanonical,
        Some(400),
    ),
    (
        "a blank line",
        |record| record.edit(1, |lines| lines.insert(10, String::new())),
        Kind::NotAnEntry,
        Some(310),
    ),
];

const FILES: [Case; 14] = [
    (
        "a missing segment",
        |record| fs::remove_file(&record.segments()[1]).unwrap(),
        Kind::Sequence,
        Some(300),
    ),
    (
        "a segment with another name",
        |record| {
            let to = record.file("audit.jsonl.000000000301");
            fs::rename(&record.segments()[1], to).unwrap();
        },
        Kind::Segment,
        Some(300),
    ),
    (
        "the newest segment is gone",
        |record| fs::remove_file(record.path()).unwrap(),
        Kind::Missing,
        Some(601),
    ),
    (
        "a missing tile",
        |record| fs::remove_file(record.tree("tile/0/001")).unwrap(),
        Kind::TileMissing,
        Some(256),
    ),
    (
        "a tile that was cut",
        |record| fs::write(record.tree("tile/0/001"), [0; 320]).unwrap(),
        Kind::TileMissing,
        Some(256),
    ),
    (
        "an edited tile",
        |record| flip(record, "tile/0/001", 320),
        Kind::Tile,
        Some(266),
    ),
    (
        "an edited tile above",
        |record| flip(record, "tile/1/000.p/2", 40),
        Kind::Tile,
        Some(511),
    ),
    (
        "an edited root",
        |record| edit_note(record, |lines| lines[2] = Hash::of_nothing().to_base64()),
        Kind::Signature,
        None,
    ),
    (
        "an edited size",
        |record| edit_note(record, |lines| "700".clone_into(&mut lines[1])),
        Kind::Signature,
        None,
    ),
    (
        "a checkpoint of another log",
        |record| {
            let key = LogKey::new(Some("example.com/other"), &[6; 32]).unwrap();
            let origin = "example.com/other".to_owned();
            let (size, root) = (702, Hash::of_nothing());
            let note = Checkpoint { origin, size, root }.signed(&key);
            fs::write(record.tree("checkpoint"), note).unwrap();
        },
        Kind::Signature,
        None,
    ),
    (
        "a signature of another checkpoint",
        |record| {
            let older = record.text(&record.tree("checkpoints/000000000300"));
            edit_note(record, |lines| {
                older.lines().last().unwrap().clone_into(&mut lines[4]);
            });
        },
        Kind::Signature,
        None,
    ),
    (
        "no signature",
        |record| edit_note(record, |lines| lines.truncate(4)),
        Kind::Checkpoint,
        None,
    ),
    (
        "the last checkpoint is gone",
        |record| fs::remove_file(record.tree("checkpoint")).unwrap(),
        Kind::Checkpoint,
        None,
    ),
    (
        "a checkpoint that says something else as well",
        |record| {
            let key = record.text(&record.file("audit.jsonl.key"));
            let key = LogKey::parse(&key).unwrap();
            let note = record.text(&record.tree("checkpoint"));
            let text = note.split_once("\n\n").unwrap().0.to_owned() + "\nmore\n";
            let note = format!("{text}\n{}", key.sign(&text));
            fs::write(record.tree("checkpoint"), note).unwrap();
        },
        Kind::Checkpoint,
        None,
    ),
];

fn flip(record: &Record, tile: &str, at: usize) {
    let mut bytes = fs::read(record.tree(tile)).unwrap();
    bytes[at] ^= 1;
    fs::write(record.tree(tile), bytes).unwrap();
}

fn edit_note(record: &Record, edit: impl FnOnce(&mut Vec<String>)) {
    let text = record.text(&record.tree("checkpoint"));
    let mut lines = text.lines().map(str::to_owned).collect();
    edit(&mut lines);
    let text: String = lines.into_iter().map(|line| line + "\n").collect();
    fs::write(record.tree("checkpoint"), text).unwrap();
}

#[tokio::test]
async fn every_tampering_is_named() {
    let base = base().await;
    let report = base.assert_good();
    assert_eq!((report.entries, report.signed_until), (702, 702));
    for (name, deed, kind, sequence) in ENTRIES.into_iter().chain(FILES) {
        let record = base.copied();
        deed(&record);
        let report = record.verified(&wanted(&record));
        let first = report.findings.first();
        let first = first.unwrap_or_else(|| panic!("{name}: nothing was found"));
        let found = (first.kind, first.sequence);
        assert_eq!(found, (kind, sequence), "{name}: {:?}", report.findings);
        let is_entry = [Kind::Sequence, Kind::NotAnEntry].contains(&kind);
        assert!(!is_entry || first.line.is_some(), "{name}: {first:?}");
    }
}

/// What a gate signed that was not in its right mind, or somebody with its key.
#[tokio::test]
async fn what_was_signed_must_make_sense_all_the_same() {
    let at = 7_200_000;
    let started =
        |record: u32| event(json!({"event": "started", "version": "x", "record": record}));
    for (name, events, kind) in [
        (
            "an outcome without intent",
            vec![(at, completed(9))],
            Kind::OutcomeWithoutIntent,
        ),
        (
            "an outcome of what was denied",
            vec![(at, decided(9, "deny")), (at, completed(9))],
            Kind::OutcomeWithoutIntent,
        ),
        (
            "two outcomes",
            vec![
                (at, decided(9, "allow")),
                (at, completed(9)),
                (at, completed(9)),
            ],
            Kind::SecondOutcome,
        ),
        (
            "a time that runs back",
            vec![
                (at, decided(9, "allow")),
                (at - 3_600_000, decided(10, "allow")),
            ],
            Kind::Time,
        ),
        (
            "an unknown version",
            vec![(at, started(99))],
            Kind::RecordVersion,
        ),
    ] {
        let record = Record::new();
        let ledger = record.open();
        record.calls(&ledger, 0..3).await;
        let last = 5 + events.len() as u64;
        for (at, event) in events {
            record.append(&ledger, at, event).await;
        }
        drop(ledger);
        let findings = record.verified(&Wanted::default()).findings;
        assert_eq!(findings.len(), 1, "{name}: {findings:?}");
        assert_eq!(
            (findings[0].kind, findings[0].sequence),
            (kind, Some(last)),
            "{name}"
        );
    }
}

/// Who has the key can sign a line that no gate writes: there is one text of each entry.
#[tokio::test]
async fn what_was_signed_is_the_one_text_of_its_entry() {
    let line = |first: &str| format!("{first}\"at\":5,\"event\":\"stopped\",\"sequence\":0}}");
    for (record, first, expected) in [
        (6, "{", None),
        (6, "{ ", Some(Kind::NotCanonical)),
        // Older gates wrote entries in another order.
        (5, "{ ", None),
    ] {
        let place = Record::new();
        let ledger = place.open();
        let started = json!({"event": "started", "version": "x", "record": record});
        place.append(&ledger, 1, event(started)).await;
        drop(ledger);
        let text = place.text(&place.path());
        let line = line(first).replace("\"sequence\":0", "\"sequence\":1");
        fs::write(place.path(), format!("{text}{line}\n")).unwrap();
        // It is not signed for yet, and a start takes it for what was not synced.
        drop(place.open());
        let report = place.verified(&Wanted::default());
        let found = report.findings.first().map(|first| first.kind);
        assert_eq!((found, report.unsigned), (expected, 0), "{record} {first}");
    }
}

/// An older gate says what it found at the end of a record before it says that it is one.
#[tokio::test]
async fn what_an_older_gate_wrote_is_judged_by_its_version() {
    let cut = |sequence: u64| {
        let zero = "0".repeat(64);
        format!(
            "{{\"sequence\":{sequence},\"at\":5,\"event\":\"ledger\",\"what\":\"cut\",\"bytes\":7,\
             \"digest\":\"blake3:{zero}\",\"kept\":\"audit.jsonl.cut\"}}\n"
        )
    };
    let older = |sequence: u64, record: u32| {
        format!(
            "{{\"sequence\":{sequence},\"at\":5,\"event\":\"started\",\"version\":\"x\",\"record\":{record}}}\n"
        )
    };
    let newer = |sequence: u64| {
        format!(
            "{{\"at\":5,\"event\":\"started\",\"record\":6,\"sequence\":{sequence},\"version\":\"x\"}}\n"
        )
    };
    let stopped =
        |sequence: u64| format!("{{\"sequence\":{sequence},\"at\":5,\"event\":\"stopped\"}}\n");
    let canonically_stopped =
        |sequence: u64| format!("{{\"at\":5,\"event\":\"stopped\",\"sequence\":{sequence}}}\n");
    let canonical_cut = |sequence: u64| {
        let zero = "0".repeat(64);
        format!(
            "{{\"at\":5,\"bytes\":7,\"digest\":\"blake3:{zero}\",\"event\":\"ledger\",\
             \"kept\":\"audit.jsonl.cut\",\"sequence\":{sequence},\"what\":\"cut\"}}\n"
        )
    };
    let clock = |sequence: u64| {
        format!(
            "{{\"sequence\":{sequence},\"at\":5,\"event\":\"ledger\",\"what\":\"clock-set\",\"was\":9}}\n"
        )
    };
    for (name, more, expected) in [
        (
            "an older program set the clock",
            clock(1) + &newer(2) + &canonically_stopped(3),
            None,
        ),
        ("it did so last", clock(1), None),
        (
            "it found a torn end, and set the clock again and again",
            cut(1) + &clock(2) + &clock(3) + &clock(4) + &clock(5) + &clock(6) + &newer(7),
            None,
        ),
        (
            "a newer program found a torn end after it",
            clock(1) + &canonical_cut(2) + &newer(3),
            None,
        ),
        (
            "the clock was set while a gate was running",
            clock(1) + &canonically_stopped(2) + &newer(3),
            Some(1),
        ),
        (
            "the clock was set in another form",
            clock(1).replace(":9", ": 9") + &newer(2),
            Some(1),
        ),
        (
            "the clock was set, and something else said",
            clock(1).replace(":9", ":9,\"is\":1") + &newer(2),
            Some(1),
        ),
        (
            "a torn end in another form before the clock was set",
            cut(1).replace(":7", ": 7") + &clock(2) + &newer(3),
            Some(1),
        ),
        (
            "an older program set the clock, and what follows is not canonical",
            clock(1) + &cut(2) + &newer(3),
            Some(2),
        ),
        (
            "an older gate began",
            cut(1) + &older(2, 5) + &stopped(3) + &newer(4),
            None,
        ),
        ("a newer gate began", cut(1) + &newer(2), Some(1)),
        ("nobody began", cut(1), Some(1)),
        ("something else", stopped(1) + &older(2, 5), Some(1)),
        (
            "something else came before an older gate began",
            cut(1) + &canonically_stopped(2) + &older(3, 5),
            Some(1),
        ),
        (
            "what is canonical came before an older gate began",
            cut(1) + &canonical_cut(2) + &older(3, 5),
            Some(1),
        ),
    ] {
        let place = Record::new();
        let ledger = place.open();
        let started = json!({"event": "started", "version": "x", "record": 6});
        place.append(&ledger, 1, event(started)).await;
        drop(ledger);
        let text = place.text(&place.path());
        fs::write(place.path(), text + &more).unwrap();
        drop(place.open());
        let report = place.verified(&Wanted::default());
        let found = report.findings.first();
        let found = found.map(|first| (first.kind, first.sequence.unwrap()));
        let expected = expected.map(|sequence| (Kind::NotCanonical, sequence));
        assert_eq!(found, expected, "{name}");
    }
}

/// The clock may be set, if the record says so.
#[tokio::test]
async fn a_clock_that_was_set_is_no_tampering() {
    let record = Record::new();
    let ledger = record.open();
    record.append(&ledger, 7_200_000, decided(1, "allow")).await;
    let set = json!({"event": "ledger", "what": "clock-set", "was": 7_200_000});
    record.append(&ledger, 5, event(set)).await;
    record.append(&ledger, 6, completed(1)).await;
    drop(ledger);
    record.assert_good();
}

#[tokio::test]
async fn who_has_a_checkpoint_sees_what_was_rewritten_with_the_key() {
    let base = base().await;
    let kept = base.text(&base.tree("checkpoint"));
    let given = |record: &Record| Wanted {
        checkpoints: vec![("kept".to_owned(), kept.clone())],
        ..wanted(record)
    };
    assert_eq!(base.verified(&given(&base)).findings, []);

    // An older state, with the checkpoint of then: whole in itself.
    let older = base.copied();
    fs::remove_file(older.path()).unwrap();
    let sealed = older.segments();
    fs::rename(&sealed[1], older.path()).unwrap();
    let checkpoint = older.tree("checkpoints/000000000601");
    fs::copy(checkpoint, older.tree("checkpoint")).unwrap();
    older.assert_good();
    let found = older.verified(&given(&older)).findings;
    assert_eq!(
        (found[0].kind, found[0].sequence),
        (Kind::Missing, Some(601))
    );

    // Another past, signed with the same key.
    for (name, calls) in [("shorter", 300..310), ("longer", 400..500)] {
        let forked = Record::new();
        let key = base.text(&base.file("audit.jsonl.key"));
        fs::write(forked.file("audit.jsonl.key"), key).unwrap();
        continued(&forked, &[0..150, 151..301, calls]).await;
        forked.assert_good();
        let found = forked.verified(&given(&forked)).findings;
        let kind = if name == "longer" {
            Kind::Fork
        } else {
            Kind::Missing
        };
        assert_eq!(found[0].kind, kind, "{name}: {found:?}");
    }

    // Everything signed again with another key.
    let again = Record::new();
    let other = LogKey::new(Some(NAME), &[6; 32]).unwrap();
    fs::write(again.file("audit.jsonl.key"), other.secret_text()).unwrap();
    continued(&again, &[0..150, 150..300, 300..350]).await;
    again.assert_good();
    let found = again.verified(&Wanted {
        key: wanted(&base).key,
        ..Wanted::default()
    });
    assert!(found.findings.iter().all(|it| it.kind != Kind::Changed));
    assert_eq!(found.findings[0].kind, Kind::Signature, "{found:?}");

    // A segment of it among those of the first.
    let grafted = base.copied();
    fs::copy(&again.segments()[0], &grafted.segments()[0]).unwrap();
    grafted.assert_good();
    let other = Record::new();
    continued(&other, &[0..150, 500..650, 700..750]).await;
    fs::copy(&other.segments()[1], &grafted.segments()[1]).unwrap();
    let found = grafted.verified(&wanted(&grafted)).findings;
    assert_eq!(
        (found[0].kind, found[0].sequence),
        (Kind::Changed, Some(301)),
        "{found:?}"
    );
    assert!(found.iter().any(|it| it.kind == Kind::Segment), "{found:?}");
}

#[tokio::test]
async fn a_witness_must_have_cosigned() {
    let record = base().await;
    let witness = LogKey::new(Some("witness.example/w"), &[9; 32]).unwrap();
    let with = |record: &Record| Wanted {
        witnesses: vec![witness.public_text()],
        ..wanted(record)
    };
    let found = record.verified(&with(&record)).findings;
    assert_eq!(found[0].kind, Kind::Witness, "{found:?}");
    let note = record.text(&record.tree("checkpoint"));
    let (text, _) = note.split_once("\n\n").unwrap();
    let signed = format!("{note}{}", witness.sign(&format!("{text}\n")));
    fs::write(record.tree("checkpoint"), &signed).unwrap();
    let report = record.verified(&with(&record));
    assert_eq!(report.findings, []);
    assert_eq!(report.witnesses, [("witness.example/w".to_owned(), 702, 0)]);
    // A gate goes on from a checkpoint that others signed, too.
    drop(FileLedger::open(&record.path(), Timestamp(1)).unwrap());
    let forged = format!("{note}{}", witness.sign("something else\n"));
    fs::write(record.tree("checkpoint"), forged).unwrap();
    let found = record.verified(&with(&record)).findings;
    assert!(found.iter().all(|it| it.kind == Kind::Witness), "{found:?}");
}
