//! Erasing calls that are kept: who dies in the middle of it, and what the record says of it.

use std::fs::{self, OpenOptions};
use std::path::PathBuf;
use std::time::Duration;

use gatewright_disk::Lock;
use gatewright_engine::payloads::{EraseError, Wanted, erase, erasures};
use gatewright_policy::Timestamp;
use gatewright_policy::record::Event;
use gatewright_policy::segment::LedgerEvent;
use serde_json::json;

use crate::gate::{ALLOW, Gate, judge};
use crate::payloads::{KEEP, called, config, folder, kept};

async fn gate() -> Gate {
    Gate::started(&config(KEEP, &["allow"]), &[("allow.wasm", judge(ALLOW))]).await
}

/// The only file of payloads.
fn file(gate: &Gate) -> PathBuf {
    let files = fs::read_dir(folder(gate)).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    let file = files.find(|path| path.extension().is_some_and(|it| it == "kept"));
    file.unwrap()
}

fn of(id: &str) -> Wanted {
    Wanted {
        id: Some(id.to_owned()),
        ..Wanted::default()
    }
}

/// Entries about erasures: number, who, how many.
fn erased(gate: &Gate) -> Vec<(u64, String, u64)> {
    let entries = gate.entries().into_iter();
    entries
        .filter_map(|entry| match entry.event {
            Event::Ledger(LedgerEvent::Erased(it)) => Some((it.number, it.by, it.count)),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn the_record_tells_who_erased_what_once() {
    let mut gate = gate().await;
    for id in ["1", "2", "3"] {
        called(&gate, id, r#"{"path":"/a"}"#).await;
    }
    erase(&folder(&gate), &of("1"), ("kim", Timestamp(7))).unwrap();
    erase(&folder(&gate), &of("nothing"), ("kim", Timestamp(8))).unwrap();
    for _ in 0..2 {
        gate.engine().sum_up().await;
        assert_eq!(erased(&gate), [(0, "kim".to_owned(), 2)]);
    }
    // While no gate was running.
    gate.stop();
    erase(&folder(&gate), &of("2"), ("ann", Timestamp(9))).unwrap();
    gate.start().await;
    gate.engine().sum_up().await;
    let all = [(0, "kim".to_owned(), 2), (1, "ann".to_owned(), 2)];
    assert_eq!(erased(&gate), all);
    // A gate that died between the two says it once more, under the same number.
    fs::write(folder(&gate).join("erased.recorded"), "1").unwrap();
    gate.engine().stop().await;
    assert_eq!(erased(&gate)[2..], all[1..]);
    // What cannot be read is not taken for nothing.
    fs::write(folder(&gate).join("erased.recorded"), "many").unwrap();
    gate.engine().sum_up().await;
    assert_eq!(erased(&gate).len(), 3);
}

#[tokio::test]
async fn what_was_erased_before_something_stood_in_the_way_is_written_down() {
    let gate = gate().await;
    called(&gate, "1", r#"{"path":"/1"}"#).await;
    // The last of the files cannot be read.
    fs::create_dir(folder(&gate).join("999999999999999-000000.kept")).unwrap();
    let erased = erase(&folder(&gate), &of("1"), ("kim", Timestamp(1)));
    assert!(matches!(erased, Err(EraseError::Io { .. })), "{erased:?}");
    let noted = erasures(&folder(&gate)).unwrap();
    assert_eq!((noted.len(), noted[0].count), (1, 2));
}

#[tokio::test]
async fn what_an_error_stood_in_the_way_of_is_tried_again() {
    let mut gate = gate().await;
    for id in ["1", "2"] {
        called(&gate, id, r#"{"path":"/a"}"#).await;
    }
    let path = file(&gate);
    let aside = path.with_extension("aside");
    // A file that cannot be read, and one with a payload that is wanted too.
    let other = folder(&gate).join("999999999999999-000000.kept");
    fs::copy(&path, &other).unwrap();
    fs::rename(&path, &aside).unwrap();
    fs::create_dir(&path).unwrap();
    let stopped = erase(&folder(&gate), &of("1"), ("kim", Timestamp(7)));
    assert!(matches!(stopped, Err(EraseError::Io { .. })), "{stopped:?}");
    // What goes goes at once, and is told of; nothing is told of twice.
    let first = [(0, "kim".to_owned(), 2)];
    for _ in 0..2 {
        gate.engine().sum_up().await;
        assert_eq!(erased(&gate), first);
        assert!(folder(&gate).join("erasing.json").exists());
    }
    // No other one begins before this one has ended.
    let another = erase(&folder(&gate), &of("2"), ("ann", Timestamp(8)));
    assert!(matches!(another, Err(EraseError::Io { .. })), "{another:?}");
    gate.stop();
    fs::remove_dir(&path).unwrap();
    fs::rename(&aside, &path).unwrap();
    gate.start().await;
    for _ in 0..2 {
        gate.engine().sum_up().await;
        assert!(!folder(&gate).join("erasing.json").exists());
        assert_eq!(
            erased(&gate),
            [(0, "kim".to_owned(), 2), (1, "kim".to_owned(), 2)]
        );
    }
    let noted = erasures(&folder(&gate)).unwrap();
    let noted: Vec<_> = noted.iter().map(|it| (it.failed, it.more)).collect();
    assert_eq!(noted[0], (0, true));
    assert!(noted[1].0 > 0 && !noted[1].1, "{noted:?}");
}

#[tokio::test]
async fn what_is_kept_later_stays_however_long_something_stands_in_the_way() {
    let gate = gate().await;
    called(&gate, "1", r#"{"path":"/1"}"#).await;
    let last = gate.engine().now();
    // A file that cannot be read, and is not about to be.
    let unreadable = folder(&gate).join(format!("{:015}-999999.kept", last.0));
    fs::create_dir(&unreadable).unwrap();
    let wanted = Wanted {
        before: Some(Timestamp(u64::MAX)),
        ..Wanted::default()
    };
    let stopped = erase(&folder(&gate), &wanted, ("kim", Timestamp(7)));
    assert!(matches!(stopped, Err(EraseError::Io { .. })), "{stopped:?}");
    while gate.engine().now() <= last {
        tokio::task::yield_now().await;
    }
    called(&gate, "2", r#"{"path":"/2"}"#).await;
    for _ in 0..2 {
        gate.engine().sum_up().await;
        assert_eq!(erased(&gate), [(0, "kim".to_owned(), 2)]);
    }
    assert!(folder(&gate).join("erasing.json").exists());
    fs::remove_dir(&unreadable).unwrap();
    gate.engine().sum_up().await;
    assert_eq!(erased(&gate).len(), 1);
    assert!(!folder(&gate).join("erasing.json").exists());
    let of_both = kept(&gate);
    assert!(of_both[0].is_err() && of_both[1].is_ok());
}

#[tokio::test]
async fn who_dies_after_an_error_was_told_of_leaves_the_rest_to_the_next() {
    let gate = gate().await;
    called(&gate, "1", r#"{"path":"/1"}"#).await;
    let noted = json!({"at": 7, "by": "kim", "count": 3, "id": "1", "more": true});
    let list = folder(&gate).join("erased.jsonl");
    fs::write(&list, format!("{noted}\n")).unwrap();
    begun(&gate, 3, None);
    gate.engine().sum_up().await;
    let all = [(0, "kim".to_owned(), 3), (1, "kim".to_owned(), 2)];
    assert_eq!(erased(&gate), all);
    assert!(kept(&gate)[0].is_err());
    assert!(!folder(&gate).join("erasing.json").exists());
}

#[tokio::test]
async fn half_of_a_payload_is_erased_like_a_whole_one() {
    let calls = KEEP.replace("results = true\n", "");
    let gate = Gate::started(&config(&calls, &["allow"]), &[("allow.wasm", judge(ALLOW))]).await;
    called(&gate, "1", r#"{"path":"/1"}"#).await;
    let path = file(&gate);
    let first = fs::metadata(&path).unwrap().len();
    called(&gate, "2", r#"{"path":"/2"}"#).await;
    // The machine died before the end of it was on disk.
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(file.metadata().unwrap().len() - 10).unwrap();
    let erased = erase(&folder(&gate), &of("2"), ("kim", Timestamp(1))).unwrap();
    assert_eq!(erased.count, 1);
    assert_eq!(fs::metadata(&path).unwrap().len(), first);
    assert!(kept(&gate)[0].is_ok());
}

/// What a process leaves that died while it erased what is kept of the first call: with so
/// much gone already, and this file about to be written again.
fn begun(gate: &Gate, gone: u64, next: Option<u64>) {
    let erasure = json!({"at": 7, "by": "kim", "count": gone, "id": "1"});
    let mut begun = json!({ "erasure": erasure });
    if let Some(count) = next {
        let file = file(gate);
        let name = file.file_name().unwrap().to_str().unwrap();
        begun["next"] = json!({ "file": name, "count": count });
    }
    fs::write(folder(gate).join("erasing.json"), begun.to_string()).unwrap();
}

#[tokio::test]
async fn an_erasure_that_somebody_died_in_is_ended_and_told_of() {
    for (name, next, is_gone, is_noted) in [
        ("before anything went", None, false, false),
        ("before the file was written again", Some(2), false, false),
        ("after the file was written again", Some(2), true, false),
        ("after it was noted", Some(2), true, true),
    ] {
        let mut gate = gate().await;
        called(&gate, "1", r#"{"path":"/1"}"#).await;
        called(&gate, "2", r#"{"path":"/2"}"#).await;
        let part = file(&gate).with_extension("kept.77-0.part");
        fs::write(&part, "half of what another erasure left").unwrap();
        if is_gone {
            let done = erase(&folder(&gate), &of("1"), ("kim", Timestamp(7))).unwrap();
            assert_eq!(done.count, 2);
        }
        if is_gone && !is_noted {
            fs::remove_file(folder(&gate).join("erased.jsonl")).unwrap();
        }
        begun(&gate, 0, next);
        gate.stop();
        gate.start().await;
        for _ in 0..2 {
            gate.engine().sum_up().await;
            assert_eq!(erased(&gate), [(0, "kim".to_owned(), 2)], "{name}");
            assert!(!folder(&gate).join("erasing.json").exists(), "{name}");
        }
        assert!(kept(&gate)[0].is_err() && kept(&gate)[1].is_ok(), "{name}");
        assert!(!part.exists(), "{name}");
    }
}

#[tokio::test]
async fn the_next_erasure_ends_the_one_before() {
    let gate = gate().await;
    for id in ["1", "2", "3"] {
        called(&gate, id, r#"{"path":"/a"}"#).await;
    }
    begun(&gate, 5, None);
    let second = erase(&folder(&gate), &of("2"), ("ann", Timestamp(8))).unwrap();
    assert_eq!(second.count, 2);
    let noted = erasures(&folder(&gate)).unwrap();
    let noted: Vec<_> = noted.iter().map(|it| (it.by.as_str(), it.count)).collect();
    assert_eq!(noted, [("kim", 7), ("ann", 2)]);
}

#[tokio::test]
async fn whoever_is_at_it_still_is_left_alone() {
    let gate = gate().await;
    called(&gate, "1", r#"{"path":"/1"}"#).await;
    begun(&gate, 0, None);
    let lock = folder(&gate).join("erasing.lock");
    let opened = OpenOptions::new().create(true).append(true).open(&lock);
    let held = Lock::within(opened.unwrap(), Duration::ZERO).unwrap();
    gate.engine().sum_up().await;
    assert!(kept(&gate)[0].is_ok());
    drop(held);
    gate.engine().sum_up().await;
    assert!(kept(&gate)[0].is_err());
    assert_eq!(erased(&gate), [(0, "kim".to_owned(), 2)]);
}

#[tokio::test]
async fn what_is_no_erasure_erases_nothing() {
    let gate = gate().await;
    called(&gate, "1", r#"{"path":"/1"}"#).await;
    let path = folder(&gate).join("erasing.json");
    for text in [
        "",
        "{}",
        // Of everything.
        r#"{"erasure":{"at":7,"by":"kim","count":0}}"#,
        r#"{"erasure":{"at":7,"by":"kim","count":0,"id":"1"},"more":1}"#,
    ] {
        fs::write(&path, text).unwrap();
        gate.engine().sum_up().await;
        let refused = erase(&folder(&gate), &of("1"), ("kim", Timestamp(8)));
        assert!(matches!(refused, Err(EraseError::Io { .. })), "{text}");
        assert!(kept(&gate)[0].is_ok(), "{text}");
    }
}
