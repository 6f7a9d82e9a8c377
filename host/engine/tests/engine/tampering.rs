//! What somebody may do to a record, and that the verifier names it. The record has three
//! segments: entries 0 to 299, 300 to 600 and 601 to 701.

use std::fs;

use gatewright_engine::ledger::Ledger as _;
use gatewright_evidence::verify::{Kind, Wanted};
use gatewright_evidence::{Checkpoint, Hash, LogKey};

use crate::record::Record;

/// The key that whoever was given it has.
pub const NAME: &str = "example.com/gate";

pub async fn base() -> Record {
    let record = Record::new();
    let key = LogKey::new(Some(NAME), &[5; 32]).unwrap();
    fs::write(record.file("audit.jsonl.key"), key.secret_text()).unwrap();
    continued(&record, &[0..150, 150..300, 300..350]).await;
    record
}

/// Appends calls, with a rotation after each part but the last.
pub async fn continued(record: &Record, parts: &[std::ops::Range<u64>]) {
    let ledger = record.open();
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            ledger.rotate().await.unwrap().unwrap();
        }
        record.calls(&ledger, part.clone()).await;
    }
}

pub fn wanted(record: &Record) -> Wanted {
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
