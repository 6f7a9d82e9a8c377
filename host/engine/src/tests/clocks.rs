//! Held calls and status lists under a clock that was ahead, and beside a ledger whose folder fails.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use gatewright_policy::Timestamp;
use gatewright_policy::credential::status::{ListKind, Status, StatusRef};

use super::held::{Gate, agent, held, held_with};
use super::{deny, judgement};
use crate::judgements::Judgements;
use crate::ledger::{ClockSet, set_clock};
use crate::permit::Ruling;

const YEARS: u64 = 10 * 365 * 86_400_000;

impl Gate {
    /// The clock is mended, with no gate running.
    async fn mended(&self, now: Timestamp) -> Option<ClockSet> {
        self.now.store(now.0, Ordering::Relaxed);
        let path = self.folder.path().join("audit.jsonl");
        set_clock(&path, now).await.unwrap()
    }
}

#[tokio::test]
async fn a_start_with_a_clock_that_is_ahead_lets_go_of_no_call() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = held(&engine, "call-1", &agent("a"), "{}").await;
    let before = engine.now();
    drop(engine);
    gate.pass(YEARS);
    let engine = gate.start();
    let ahead = engine.now();
    assert_eq!(engine.held("call-1").await, Ok(None), "its time is over");
    let refused = judgement(&engine, "no", &agent("b"), "secret", deny());
    let _refused = engine.record(Judgements::from(refused)).await;
    drop(engine);
    let set = gate.mended(Timestamp(before.0 + 1000)).await;
    let expected = ClockSet {
        was: ahead,
        let_go: 0,
    };
    assert_eq!(set, Some(expected));
    let engine = gate.start();
    assert!(engine.held("call-1").await.unwrap().is_some());
}

#[tokio::test]
async fn what_was_held_under_a_wrong_clock_is_asked_about_anew() {
    let gate = Gate::new();
    let engine = gate.start();
    let early = held_with(&engine, "early", &agent("a"), "{}", "early").await;
    assert!(matches!(early, Ruling::Held(_)), "{early:?}");
    let before = engine.now();
    drop(engine);
    gate.pass(YEARS);
    let engine = gate.start();
    let late = held_with(&engine, "late", &agent("b"), "{}", "late").await;
    assert!(matches!(late, Ruling::Held(_)), "{late:?}");
    drop(engine);
    let set = gate.mended(before).await.unwrap();
    assert_eq!(set.let_go, 1);
    assert_eq!(gate.mended(before).await, None, "it is set");
    let engine = gate.start();
    assert_eq!(engine.held("late").await, Ok(None));
    let again = held_with(&engine, "again", &agent("b"), "{}", "late").await;
    assert!(matches!(again, Ruling::Held(_)), "{again:?}");
    let call = engine.held("again").await.unwrap().unwrap();
    assert!(call.decide_by < Timestamp(before.0 + YEARS));
}

/// One that went ahead, and that the segment does not know, would wait for people again.
#[tokio::test]
async fn what_a_segment_of_the_wrong_clock_does_not_know_is_asked_about_anew() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = held_with(&engine, "early", &agent("a"), "{}", "early").await;
    let before = engine.now();
    drop(engine);
    gate.pass(YEARS);
    let engine = gate.start();
    let refused = judgement(&engine, "no", &agent("b"), "secret", deny());
    let _refused = engine.record(Judgements::from(refused)).await;
    assert!(engine.rotate().await.unwrap().is_some());
    drop(engine);
    let set = gate.mended(Timestamp(before.0 + 1000)).await.unwrap();
    assert_eq!(set.let_go, 1);
    let engine = gate.start();
    assert_eq!(engine.held("early").await, Ok(None));
    let again = held_with(&engine, "again", &agent("a"), "{}", "early").await;
    assert!(matches!(again, Ruling::Held(_)), "{again:?}");
}

#[tokio::test]
async fn a_fault_of_the_folder_shows_in_the_status() {
    let gate = Gate::new();
    let engine = gate.start();
    let trouble = |engine: &crate::Engine| engine.status().segment.unwrap().held_error;
    let _held = held(&engine, "call-1", &agent("a"), "{}").await;
    assert_eq!(trouble(&engine), None);
    let folder = gate.folder.path().join("audit.jsonl.held");
    let away = gate.folder.path().join("away");
    std::fs::rename(&folder, &away).unwrap();
    std::fs::write(&folder, "no folder").unwrap();
    let refused = held(&engine, "call-2", &agent("a"), "{}").await;
    assert!(matches!(refused, Ruling::Denied(_)), "{refused:?}");
    assert!(trouble(&engine).is_some());
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&away, &folder).unwrap();
    // That something can be read says nothing about the next write.
    assert!(engine.held("call-1").await.unwrap().is_some());
    assert!(trouble(&engine).is_some());
    let _held = held(&engine, "call-3", &agent("a"), "{}").await;
    assert_eq!(trouble(&engine), None);
    drop(engine);
    std::fs::write(folder.join("notes.txt"), "mine").unwrap();
    let engine = gate.start();
    let said = trouble(&engine).unwrap();
    assert!(
        said.contains("nobody is asked about them: 1 file"),
        "{said}"
    );
}

/// What an issuer takes back meanwhile is heard of, however long time stands still.
#[tokio::test]
async fn status_lists_are_fetched_while_time_stands_still() {
    let gate = Gate::new();
    let engine = gate.start();
    let status = Status {
        refs: vec![StatusRef {
            list: "https://id.example.org/lists/1".into(),
            index: 1,
            kind: ListKind::Token,
        }],
        issuer: "did:example:issuer".into(),
        grace: Duration::ZERO,
    };
    engine.agents().statuses().want(&status, engine.now());
    let began = Instant::now();
    let mut all_at = began;
    let mut due = |seconds: u64| {
        let at = began + Duration::from_secs(seconds);
        engine.lists_due(&mut all_at, at)
    };
    let lists = due(0);
    assert_eq!(lists.len(), 1);
    let failed = engine.put_status(&lists[0], Err("down".to_owned())).await;
    assert!(failed.is_err());
    assert!(due(100).is_empty(), "time goes on: it is not due yet");
    gate.pass(600_000);
    assert_eq!(due(100), lists);
    let failed = engine.put_status(&lists[0], Err("down".to_owned())).await;
    assert!(failed.is_err());
    gate.now.fetch_sub(500_000, Ordering::Relaxed);
    let mut fetched = Vec::new();
    for seconds in [101, 102, 130, 131, 132, 160, 161, 162] {
        match due(seconds).as_slice() {
            [] => {}
            some => {
                assert_eq!(some, lists);
                fetched.push(seconds);
            }
        }
    }
    assert_eq!(fetched, [101, 131, 161]);
}
