//! What a decision leaves behind, and what it does not where it is not recorded.

mod labels;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use gatewright_policy::json::Document;
use gatewright_policy::record::{Event, SealedLabel};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{
    Budgets, Charge, Decision, Grant, Label, Limit, Obligation, OnFailure, Reason, SealedCall,
    Timestamp, WindowLimit,
};

use super::{allow, charge, deny, file, grant, hold, judgement, label, loaded, permit, spent};
use crate::awaited::Awaited;
use crate::engine::Engine;
use crate::judgements::Judgements;
use crate::ledger::{Appending, Durability, FileLedger, Ledger, LedgerError};
use crate::permit::Ruling;
use crate::review::Reviewed;

/// A ledger that keeps what it is asked, and fails or hangs when it is told to.
struct Told {
    kept: FileLedger,
    fails: AtomicBool,
    hangs: AtomicBool,
    events: Mutex<Vec<(Event, Durability)>>,
}

impl Ledger for Arc<Told> {
    fn append(&self, at: Timestamp, event: Event, durability: Durability) -> Appending<'_> {
        if self.fails.load(Ordering::Relaxed) {
            return Appending::there(Err(LedgerError::Write("no space left".into())));
        }
        self.events
            .lock()
            .unwrap()
            .push((event.clone(), durability));
        if self.hangs.load(Ordering::Relaxed) {
            return Appending::coming(std::future::pending());
        }
        self.kept.append(at, event, durability)
    }

    fn note(&self, at: Timestamp, event: Event) -> bool {
        let noted = (event.clone(), Durability::Written);
        self.events.lock().unwrap().push(noted);
        self.kept.note(at, event)
    }

    fn keep<'a>(&'a self, call: &'a SealedCall) -> Awaited<'a, Result<(), LedgerError>> {
        self.kept.keep(call)
    }

    fn confirm(&self, id: &str) -> Result<(), LedgerError> {
        self.kept.confirm(id)
    }

    fn salt(&self) -> &[u8; 32] {
        self.kept.salt()
    }

    fn is_healthy(&self) -> bool {
        self.kept.is_healthy()
    }
}

fn told() -> (Arc<Told>, Arc<Engine>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let (kept, past) = FileLedger::open(&path, Timestamp(1)).unwrap();
    let ledger = Arc::new(Told {
        kept,
        fails: AtomicBool::new(false),
        hangs: AtomicBool::new(false),
        events: Mutex::default(),
    });
    let clock = || Timestamp::from_seconds(60);
    let ours = Box::new(Arc::clone(&ledger));
    let engine = Engine::with_ledger(&loaded(folder.path()), ours, past, clock);
    (ledger, engine.unwrap(), folder)
}

fn forever(session: &str) -> Grant {
    grant(session, Timestamp(u64::MAX))
}

#[tokio::test]
async fn a_call_that_could_not_be_recorded_costs_nothing_and_leaves_no_label() {
    let (ledger, engine, _folder) = told();
    let grant = forever("s");
    let owed = || allow(vec![charge("k", 10), label("seen")]);
    ledger.fails.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        let ruling = engine
            .record(judgement(&engine, "1", &grant, "a", owed()))
            .await;
        let Ruling::Denied(denial) = ruling else {
            panic!("{ruling:?}")
        };
        assert_eq!(denial.denied.reason, Reason::AuditUnavailable);
    }
    assert_eq!(file(&engine).quotas.kept(engine.now()), []);
    assert_eq!(file(&engine).sessions.kept(engine.now()), []);
    ledger.fails.store(false, Ordering::Relaxed);
    drop(permit(
        engine
            .record(judgement(&engine, "2", &grant, "a", owed()))
            .await,
    ));
}

#[tokio::test]
async fn what_is_too_long_to_record_is_refused_and_that_is_recorded() {
    for (decision, reason) in [
        (deny(), Reason::Forbidden),
        (hold(vec![label("seen")]), Reason::AuditUnavailable),
        (
            allow(vec![charge("k", 10), label("seen")]),
            Reason::AuditUnavailable,
        ),
    ] {
        let (ledger, engine, folder) = told();
        let grant = forever("s");
        let name = "x".repeat(4096);
        let mut judgements = Judgements::from(judgement(&engine, "1", &grant, &name, decision));
        for _ in 0..1024 {
            judgements.push(judgement(&engine, "1", &grant, &name, allow(Vec::new())));
        }
        let ruling = engine.record(judgements).await;
        let Ruling::Denied(denial) = ruling else {
            panic!("{ruling:?}")
        };
        assert_eq!(denial.denied.reason, reason);
        assert_eq!(file(&engine).quotas.kept(engine.now()), []);
        let events = ledger.events.lock().unwrap();
        let Some((Event::Decided(decided), _)) = events.last() else {
            panic!("{events:?}")
        };
        assert_eq!(
            (decided.decision.as_str(), decided.reason),
            ("deny", Some(reason))
        );
        assert!(decided.labels.is_empty() && decided.charges.is_empty());
        let kept = std::fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
        assert_eq!(kept.lines().count(), 1, "it is there");
    }
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_counts_where_its_record_may_be_there() {
    let (ledger, engine, _folder) = told();
    let grant = forever("s");
    ledger.hangs.store(true, Ordering::Relaxed);
    let owed = allow(vec![charge("k", 10), label("seen")]);
    {
        let recording = engine.record(judgement(&engine, "1", &grant, "a", owed));
        let mut recording = Box::pin(recording);
        let waker = std::task::Waker::noop();
        let mut context = std::task::Context::from_waker(waker);
        assert!(recording.as_mut().poll(&mut context).is_pending());
    }
    let (labels, history) = file(&engine).sessions.context("s", 64);
    assert_eq!((labels.len(), history.len()), (1, 1));
    assert_eq!(file(&engine).quotas.kept(engine.now()).len(), 1);
}

#[tokio::test]
async fn a_message_that_names_several_things_is_one_record_and_one_charge() {
    let cases: [(&str, Vec<Decision>, &str, &str); 5] = [
        (
            "all allowed",
            vec![
                allow(vec![charge("k", 4), label("x")]),
                allow(vec![charge("k", 6), label("x")]),
            ],
            "allow",
            "0",
        ),
        (
            "one denied",
            vec![allow(vec![charge("k", 4), label("x")]), deny()],
            "deny",
            "1",
        ),
        (
            "one held",
            vec![
                allow(vec![charge("k", 4)]),
                hold(vec![label("x")]),
                allow(Vec::new()),
            ],
            "hold",
            "1",
        ),
        (
            "one held and one denied",
            vec![hold(Vec::new()), deny()],
            "deny",
            "1",
        ),
        (
            "together beyond the quota",
            vec![allow(vec![charge("k", 6)]), allow(vec![charge("k", 6)])],
            "deny",
            "0",
        ),
    ];
    for (case, decisions, expected, turned_on) in cases {
        let (ledger, engine, _folder) = told();
        let grant = forever("s");
        let alone: Vec<_> = decisions.iter().map(Decision::name).collect();
        let mut all = decisions.into_iter().enumerate().map(|(place, decision)| {
            judgement(
                &engine,
                &place.to_string(),
                &grant,
                &place.to_string(),
                decision,
            )
        });
        let mut judgements = Judgements::from(all.next().unwrap());
        all.for_each(|judgement| judgements.push(judgement));
        let ruling = engine.record(judgements).await;
        let went_ahead = matches!(ruling, Ruling::Permitted(_));
        let events = ledger.events.lock().unwrap().clone();
        let [(Event::Decided(decided), _)] = events.as_slice() else {
            panic!("{case}: {events:?}")
        };
        assert_eq!(
            (decided.decision.as_str(), decided.name.as_str()),
            (expected, turned_on),
            "{case}"
        );
        for part in &decided.parts {
            let place: usize = part.name.parse().unwrap();
            assert_eq!(part.alone.as_str(), alone[place], "{case}");
        }
        assert_eq!(decided.parts.len() + 1, alone.len(), "{case}");
        let (labels, history) = file(&engine).sessions.context("s", 64);
        assert_eq!(history.len(), alone.len(), "{case}");
        let charged = spent(&engine, engine.now());
        let opened = decided
            .labels
            .iter()
            .map(|it| engine.recorder.keys.open(it));
        let opened: Result<Vec<_>, _> = opened.collect();
        assert_eq!(opened.as_ref(), Ok(&labels), "{case}");
        if went_ahead {
            assert_eq!((labels.len(), charged[0].3), (1, 10), "{case}");
        } else {
            assert_eq!((labels.len(), charged.len()), (0, 0), "{case}");
        }
        drop(ruling);
        let after = ledger.events.lock().unwrap().len();
        assert_eq!(
            after,
            if went_ahead { 2 } else { 1 },
            "{case}: what follows a refusal"
        );
    }
}

#[tokio::test]
async fn a_permit_of_which_nothing_was_sent_gives_back_what_it_cost() {
    let (ledger, engine, _folder) = told();
    let grant = forever("s");
    let owed = || allow(vec![charge("k", 10)]);
    drop(permit(
        engine
            .record(judgement(&engine, "1", &grant, "a", owed()))
            .await,
    ));
    assert_eq!(file(&engine).quotas.kept(engine.now()), []);
    let sent = permit(
        engine
            .record(judgement(&engine, "2", &grant, "a", owed()))
            .await,
    );
    drop(sent.redeem());
    assert_eq!(file(&engine).quotas.kept(engine.now()).len(), 1);
    let events = ledger.events.lock().unwrap();
    let returned: Vec<_> = events
        .iter()
        .filter_map(|(event, _)| match event {
            Event::Completed(completed) => Some(completed.returned.is_some()),
            _ => None,
        })
        .collect();
    assert_eq!(returned, [true, false]);
}

#[tokio::test]
async fn a_failed_call_gets_back_what_is_refunded_and_a_costly_one_pays_later() {
    let (_ledger, engine, _folder) = told();
    let spent = || {
        let kept = file(&engine).quotas.kept(engine.now());
        kept.iter()
            .map(|(_, _, _, spent)| *spent)
            .collect::<Vec<_>>()
    };
    let quota = |cost| {
        let Obligation::Charge(charge) = charge("late", cost) else {
            unreachable!()
        };
        charge.quota(&Budgets::new()).unwrap()
    };
    for (outcome, expected) in [
        (PastOutcome::Failed, vec![]),
        (PastOutcome::Allowed, vec![3]),
    ] {
        let mut owed = charge("k", 3);
        if let Obligation::Charge(charge) = &mut owed {
            charge.on_failure = OnFailure::Refund;
        }
        let judged = judgement(&engine, "1", &forever("s"), "a", allow(vec![owed]));
        let sent = permit(engine.record(judged).await).redeem().2;
        sent.complete(outcome, None, "").await.unwrap();
        assert_eq!(spent(), expected, "{outcome:?}");
    }
    let judged = judgement(&engine, "2", &forever("s"), "a", allow(Vec::new()));
    let mut sent = permit(engine.record(judged).await).redeem().2;
    sent.owe("reviewer", vec![quota(7), quota(8)]).unwrap();
    assert_eq!(spent(), [3], "not before it is recorded");
    sent.complete(PastOutcome::Allowed, None, "").await.unwrap();
    assert_eq!(
        spent(),
        [3, 15],
        "over the limit of 10: the call has happened"
    );
}

#[tokio::test]
async fn nobody_earns_a_refund_by_hanging_up() {
    let refunded = |went_out: bool| async move {
        let (_ledger, engine, _folder) = told();
        let owed = allow(vec![Obligation::Charge(Charge {
            key: "k".into(),
            cost: 3,
            limit: Limit::Fixed(WindowLimit {
                limit: 10,
                window_seconds: 60,
            }),
            on_failure: OnFailure::Refund,
        })]);
        let judged = judgement(&engine, "1", &forever("s"), "a", owed);
        let permit = permit(engine.record(judged).await);
        match went_out {
            true => drop(permit.redeem()),
            false => drop(permit),
        }
        file(&engine).quotas.kept(engine.now()).is_empty()
    };
    assert!(refunded(false).await, "nothing was sent");
    assert!(!refunded(true).await, "it may have been made");
}

#[tokio::test]
async fn an_end_that_nobody_waits_for_is_the_only_one() {
    let (ledger, engine, _folder) = told();
    let owed = allow(vec![charge("k", 3)]);
    let judged = judgement(&engine, "1", &forever("s"), "a", owed);
    let pending = permit(engine.record(judged).await).redeem().2;
    ledger.hangs.store(true, Ordering::Relaxed);
    {
        let ending = pending.complete(PastOutcome::Failed, None, "");
        let mut ending = Box::pin(ending);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(ending.as_mut().poll(&mut context).is_pending());
    }
    let events = ledger.events.lock().unwrap();
    let ends = events.iter();
    let ends = ends.filter(|(event, _)| matches!(event, Event::Completed(_)));
    assert_eq!(ends.count(), 1);
}
