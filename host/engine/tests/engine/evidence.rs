//! A record is what was signed: after restarts, crashes and rotations, and where somebody
//! changed it, no gate starts on it.

use std::fs;

use gatewright_engine::ledger::{Ledger as _, repair};
use gatewright_evidence::LogKey;
use gatewright_evidence::verify::Wanted;
use gatewright_policy::Timestamp;
use serde_json::json;

use crate::gate::{ALLOW, Gate, binding, judge, permit};
use crate::record::{Record, event};

#[tokio::test]
async fn a_record_of_every_kind_verifies() {
    let record = Record::new();
    record.assert_empty().await;
    let mut calls = 0;
    for round in 0..4 {
        let ledger = record.open();
        record.calls(&ledger, calls..calls + 70).await;
        calls += 70;
        if round % 2 == 1 {
            ledger.rotate().await.unwrap().unwrap();
            record.calls(&ledger, calls..calls + 70).await;
            calls += 70;
        }
        // What a kill at this moment leaves, with half a line more.
        let killed = record.copied();
        let mut text = fs::read(killed.path()).unwrap();
        text.extend_from_slice(b"{\"sequence\":");
        fs::write(killed.path(), text).unwrap();
        assert!(killed.assert_good().torn);
        drop(killed.open());
        let report = killed.assert_good();
        assert!(!report.torn);
        assert_eq!(report.unsigned, 0);
        drop(ledger);
        let report = record.assert_good();
        assert_eq!((report.unsigned, report.not_here), (0, 0));
    }
    let report = record.assert_good();
    assert_eq!(report.segments, 3);
    assert!(report.entries > 2 * calls, "with what segments begin with");
    assert_eq!(report.signed_until, report.entries);
    let key = fs::read_to_string(record.tree("key.pub")).unwrap();
    assert_eq!(report.key, key.trim());
}

impl Record {
    /// A record in which nothing happened yet is signed for, too.
    async fn assert_empty(&self) {
        drop(self.open());
        let report = self.assert_good();
        assert_eq!((report.entries, report.signed_until), (0, 0));
    }
}

#[tokio::test]
async fn a_gate_signs_for_its_record() {
    let mut gate = Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await;
    for id in ["1", "2"] {
        let (_, _, pending) = permit(gate.tool(id, "{}").await).redeem();
        let outcome = gatewright_policy::request::PastOutcome::Allowed;
        pending.complete(outcome, None, "").await.unwrap();
    }
    let key = gate.engine().status().segment.unwrap().key;
    gate.stop();
    let wanted = Wanted {
        key: Some(key),
        ..Wanted::default()
    };
    let report = gatewright_evidence::verify::verify(&gate.ledger_path(), &wanted).unwrap();
    assert_eq!(report.findings, []);
    assert!(report.entries >= 6, "{report:?}");
    assert_eq!(report.unsigned, 0);
}

#[tokio::test]
async fn older_segments_may_go_and_the_rest_still_verifies() {
    let record = Record::new();
    let ledger = record.open();
    record.calls(&ledger, 0..200).await;
    ledger.rotate().await.unwrap().unwrap();
    record.calls(&ledger, 200..400).await;
    ledger.rotate().await.unwrap().unwrap();
    record.calls(&ledger, 400..410).await;
    drop(ledger);
    let whole = record.assert_good();
    fs::remove_file(&record.segments()[0]).unwrap();
    let report = record.assert_good();
    assert_eq!(report.not_here, 400);
    assert_eq!(report.entries + 400, whole.entries);
    assert_eq!(report.root, whole.root);
    // Whole tiles of what is gone may go too.
    fs::remove_file(record.tree("tile/0/000")).unwrap();
    record.assert_good();
    let ledger = record.open();
    record.calls(&ledger, 410..411).await;
    drop(ledger);
    assert_eq!(record.assert_good().unsigned, 0);
}

#[tokio::test]
async fn tiles_that_a_power_cut_took_are_made_again() {
    let record = Record::new();
    let ledger = record.open();
    record.calls(&ledger, 0..300).await;
    drop(ledger);
    for tile in ["tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"] {
        assert!(record.tree(tile).exists(), "{tile}");
        for damage in ["remove", "cut", "change"] {
            match damage {
                "remove" => fs::remove_file(record.tree(tile)).unwrap(),
                "cut" => fs::write(record.tree(tile), [0; 7]).unwrap(),
                _change => fs::write(record.tree(tile), [7; 8192]).unwrap(),
            }
            assert_ne!(record.verified(&Wanted::default()).findings, []);
            drop(record.open());
            record.assert_good();
        }
    }
}

#[tokio::test]
async fn no_gate_starts_on_a_record_that_is_not_what_was_signed() {
    let base = Record::new();
    let ledger = base.open();
    let key = ledger.segment().unwrap().key;
    let started = json!({ "event": "started", "version": "test", "record": 2, "key": key });
    base.append(&ledger, 0, event(started)).await;
    base.calls(&ledger, 1..150).await;
    ledger.rotate().await.unwrap().unwrap();
    base.calls(&ledger, 150..300).await;
    drop(ledger);
    drop(base.copied().open());

    let changed = base.copied();
    changed.edit(1, |lines| lines[7] = lines[7].replace("allow", "a11ow"));
    let edited = base.copied();
    edited.edit(1, |lines| {
        lines[8] = lines[8].replace("\"at\":1", "\"at\":2")
    });
    let cut = base.copied();
    cut.edit(1, |lines| lines.truncate(250));
    let no_tree = base.copied();
    fs::remove_dir_all(no_tree.tree("")).unwrap();
    let no_key = base.copied();
    fs::remove_file(no_key.file("audit.jsonl.key")).unwrap();
    let no_key_text = base.copied();
    fs::write(no_key_text.file("audit.jsonl.key"), "a key\n").unwrap();
    let other_key = base.copied();
    let other = LogKey::new(None, &[7; 32]).unwrap();
    fs::write(other_key.file("audit.jsonl.key"), other.secret_text()).unwrap();
    let checkpoint = base.copied();
    let text = fs::read_to_string(checkpoint.tree("checkpoint")).unwrap();
    fs::write(checkpoint.tree("checkpoint"), text.replacen('6', "5", 1)).unwrap();
    let no_tiles = base.copied();
    fs::remove_dir_all(no_tiles.tree("tile")).unwrap();
    for (name, record, part) in [
        ("changed", changed, "does not fit"),
        (
            "edited",
            edited,
            "line 9 (sequence 307) is not what was signed",
        ),
        ("cut", cut, "are missing: those before 600 were signed"),
        ("no tree", no_tree, "is gone"),
        ("no key", no_key, "audit.jsonl.key` is gone"),
        ("no key in its file", no_key_text, "does not hold a key"),
        ("another key", other_key, "is another one than it says"),
        (
            "another checkpoint",
            checkpoint,
            "its checkpoint cannot be used",
        ),
        ("no tiles", no_tiles, "is missing"),
    ] {
        if name == "changed" {
            // It is not even an entry.
            assert!(record.refused().contains("line 8"), "{name}");
        } else {
            let refused = record.refused();
            assert!(refused.contains(part), "{name}: {refused}");
        }
        // A repair keeps everything, and another tree begins.
        let mended = repair(&record.path(), Timestamp(1), false).unwrap();
        assert!(mended.is_some(), "{name}");
        drop(record.open());
        let report = record.assert_good();
        assert!(report.origin.contains("/from/"), "{name}: {report:?}");
        assert_eq!(repair(&record.path(), Timestamp(1), false).unwrap(), None);
    }
}

#[tokio::test]
async fn a_record_keeps_its_name() {
    use gatewright_engine::ledger::{FileLedger, RotateWhen};
    let record = Record::new();
    let open = |name: &str| {
        let when = RotateWhen::default();
        FileLedger::open_named(&record.path(), Timestamp(1), when, Some(name)).map(|_| ())
    };
    open("example.com/gate").unwrap();
    open("example.com/gate").unwrap();
    let refused = open("example.com/other").unwrap_err().to_string();
    assert!(
        refused.contains("signed as `example.com/gate`"),
        "{refused}"
    );
    assert_eq!(record.assert_good().origin, "example.com/gate");
}

/// Before gates kept trees, they wrote the same entries.
#[tokio::test]
async fn a_tree_begins_with_the_newest_segment_of_an_older_record() {
    let record = Record::new();
    let ledger = record.open();
    record.calls(&ledger, 0..5).await;
    ledger.rotate().await.unwrap().unwrap();
    record.calls(&ledger, 5..9).await;
    drop(ledger);
    fs::remove_dir_all(record.tree("")).unwrap();
    fs::remove_file(record.file("audit.jsonl.key")).unwrap();
    drop(record.open());
    let report = record.assert_good();
    assert!(report.origin.ends_with("/from/10"), "{report:?}");
    assert_eq!((report.first, report.entries), (10, 9));
}

/// Nothing in the entries says any more that there was a key.
fn without_key(record: &Record) {
    record.edit(0, |lines| {
        for line in lines {
            if let Some(at) = line.find(",\"key\":\"") {
                let end = line[at + 8..].find('"').unwrap() + at + 9;
                line.replace_range(at..end, "");
            }
            *line = line.replace("call-7", "call-8");
        }
    });
}

#[tokio::test]
async fn a_past_whose_tree_was_taken_away_is_not_signed_again() {
    let record = Record::new();
    let ledger = record.open();
    let started = json!({ "event": "started", "version": "1", "record": 3, "key": "a+b+c" });
    record.append(&ledger, 0, event(started)).await;
    record.calls(&ledger, 0..20).await;
    drop(ledger);
    let key = record.text(&record.file("audit.jsonl.key"));
    // The entry would say which key; this one is not that of the ledger.
    fs::remove_dir_all(record.tree("")).unwrap();
    without_key(&record);
    let refused = record.refused();
    assert!(refused.contains("audit.jsonl.tree` is gone"), "{refused}");
    assert!(refused.contains("hint: "), "{refused}");
    assert!(!record.tree("").exists(), "nothing was signed");

    // A repair keeps the key, and says with it where another tree begins.
    let mended = repair(&record.path(), Timestamp(1), false)
        .unwrap()
        .unwrap();
    assert!(mended.problem.contains("is gone"), "{mended:?}");
    let ledger = record.open();
    record.calls(&ledger, 20..22).await;
    drop(ledger);
    assert_eq!(record.text(&record.file("audit.jsonl.key")), key);
    let report = record.assert_good();
    assert!(report.origin.contains("/from/41"), "{report:?}");
    // And what it left cannot be used to begin once more.
    fs::remove_dir_all(record.tree("")).unwrap();
    assert!(record.refused().contains("is gone"));
}

#[tokio::test]
async fn one_key_follows_another_and_either_verifies_everything() {
    let record = Record::new();
    let mut public = Vec::new();
    for round in 0..3 {
        let ledger = record.open();
        record.calls(&ledger, round * 300..(round + 1) * 300).await;
        ledger.rotate().await.unwrap().unwrap();
        drop(ledger);
        public.push(record.text(&record.tree("key.pub")).trim().to_owned());
        let rotated = record.rotate_key(round).await;
        assert_eq!(rotated.old, *public.last().unwrap());
        assert_ne!(rotated.new, rotated.old);
        assert_eq!(rotated.new, record.text(&record.tree("key.pub")).trim());
        assert!(!record.file("audit.jsonl.key.next").exists());
    }
    let ledger = record.open();
    record.calls(&ledger, 900..910).await;
    drop(ledger);
    public.push(record.text(&record.tree("key.pub")).trim().to_owned());
    for key in &public {
        let wanted = Wanted {
            key: Some(key.clone()),
            ..Wanted::default()
        };
        let report = record.verified(&wanted);
        assert_eq!(report.findings, [], "{key}");
        assert_eq!(report.unsigned, 0);
    }
    // A key that has nothing to do with them does not.
    let other = LogKey::new(Some("example.com/other"), &[9; 32]).unwrap();
    let wanted = Wanted {
        key: Some(other.public_text()),
        ..Wanted::default()
    };
    assert!(!record.verified(&wanted).findings.is_empty());
}

#[tokio::test]
async fn what_is_wrong_about_keys_that_followed_one_another_is_named() {
    let record = Record::new();
    let ledger = record.open();
    record.calls(&ledger, 0..20).await;
    drop(ledger);
    let old = LogKey::parse(&record.text(&record.file("audit.jsonl.key"))).unwrap();
    record.rotate_key(1).await;
    let ledger = record.open();
    record.calls(&ledger, 20..30).await;
    drop(ledger);
    let report = record.assert_good();
    let note = fs::read_dir(record.tree("keys"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let good = record.text(&note.path());
    let problems = |record: &Record| {
        let report = record.verified(&Wanted::default());
        let problems = report.findings.iter().map(|it| it.problem.clone());
        problems.collect::<Vec<_>>().join("; ")
    };
    // Who still has the old key signs no more.
    let latest = record.text(&record.tree("checkpoint"));
    let mut lines = latest.lines();
    let mut line = || lines.next().unwrap();
    let checkpoint = gatewright_evidence::Checkpoint {
        origin: line().to_owned(),
        size: line().parse().unwrap(),
        root: gatewright_evidence::Hash::from_base64(line()).unwrap(),
    };
    assert_eq!(checkpoint.size, report.signed_until);
    fs::write(record.tree("checkpoint"), checkpoint.signed(&old)).unwrap();
    let found = problems(&record);
    assert!(
        found.contains("a key signed it that was replaced before"),
        "{found}"
    );
    assert!(
        record
            .refused()
            .contains("not signed with the key of this log")
    );
    fs::write(record.tree("checkpoint"), &latest).unwrap();
    // One of the two did not sign.
    let (text, signatures) = good.split_once("\n\n").unwrap();
    for signature in signatures.lines() {
        fs::write(note.path(), format!("{text}\n\n{signature}\n")).unwrap();
        let found = problems(&record);
        assert!(found.contains("is not signed by both keys"), "{found}");
        assert!(found.contains("which no note here proves"), "{found}");
    }
    fs::remove_file(note.path()).unwrap();
    assert!(problems(&record).contains("which no note here proves"));
    // A note that no entry tells of.
    let third = LogKey::new(Some(old.name()), &[3; 32]).unwrap();
    let forged = gatewright_evidence::rotation(&old, &third).unwrap();
    fs::write(note.path(), &good).unwrap();
    fs::write(record.tree("keys/000000000099"), forged).unwrap();
    let found = problems(&record);
    assert!(
        found.contains("no entry says that a key followed another"),
        "{found}"
    );
}

#[tokio::test]
async fn a_rotation_of_the_key_that_broke_off_is_finished_by_the_next_start() {
    let record = Record::new();
    let ledger = record.open();
    record.calls(&ledger, 0..20).await;
    drop(ledger);
    let before = record.copied();
    let rotated = record.rotate_key(1).await;
    // The entry and the new key are there, and nothing else of it.
    let broken = before;
    fs::copy(record.path(), broken.path()).unwrap();
    let new = record.file("audit.jsonl.key");
    fs::copy(&new, broken.file("audit.jsonl.key.next")).unwrap();
    drop(broken.open());
    let report = broken.assert_good();
    assert_eq!(report.key, rotated.new);
    assert_eq!(report.unsigned, 0);
    assert!(!broken.file("audit.jsonl.key.next").exists());
    // Without the new key nobody can go on.
    let lost = record.copied();
    fs::write(lost.file("audit.jsonl.key"), "PRIVATE+KEY+").unwrap();
    assert!(lost.refused().contains("does not hold a key"));
}
