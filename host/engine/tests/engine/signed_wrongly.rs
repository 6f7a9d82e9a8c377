//! What is signed and makes no sense, and what was signed again: the verifier names that too.

use std::fs;

use gatewright_engine::ledger::FileLedger;
use gatewright_evidence::LogKey;
use gatewright_evidence::verify::{Kind, Wanted};
use gatewright_policy::Timestamp;
use serde_json::json;

use crate::record::{Record, completed, decided, event};
use crate::tampering::{NAME, base, continued, wanted};

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
