//! What came of an approved call is given again to whoever makes exactly the same call, and
//! the call is not made again.

use std::sync::Arc;

use gatewright_policy::agent::Turn;
use gatewright_policy::json::Document;
use gatewright_policy::record::{ApprovalUse, Decided, Event};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{Reason, Response, ResponseKind};

use super::approvals::{Gate, USE_WITHIN, agent, approved, asks, called, called_by, id_of};
use super::{allow, file, hold, label};
use crate::agents::{Asked, AskedWhat};
use crate::approvals::GivenAgain;
use crate::engine::Engine;
use crate::permit::{Pending, Ruling};

const RESULT: &str = r#"{"amount": 1e2, "content": []}"#;

/// A call that people approved, and that goes ahead now.
async fn went_ahead(engine: &Arc<Engine>, id: &str, arguments: &str) -> Pending {
    went_ahead_with(engine, id, arguments, Vec::new()).await
}

async fn went_ahead_with(
    engine: &Arc<Engine>,
    id: &str,
    arguments: &str,
    obligations: Vec<gatewright_policy::Obligation>,
) -> Pending {
    let asked = format!("ask-{id}");
    let held = called(engine, &asked, arguments, hold(obligations.clone())).await;
    approved(engine, &id_of(held)).await;
    match called(engine, id, arguments, hold(obligations)).await {
        Ruling::Permitted(permit) => permit.redeem().2,
        other => panic!("not permitted: {other:?}"),
    }
}

/// It ends, and its agent is given this.
async fn ends(mut pending: Pending, result: &str) {
    let parsed = Document::parse(result.to_owned(), &Default::default()).unwrap();
    let response = Response {
        document: parsed,
        kind: ResponseKind::Final,
        is_error: false,
    };
    let _reviewed = pending.review(response).await;
    pending.gives(&format!("{{\"id\": 7, \"result\": {result}}}"));
    let completed = pending.complete(PastOutcome::Allowed, None, "").await;
    completed.unwrap();
}

fn given(ruling: Ruling) -> GivenAgain {
    match ruling {
        Ruling::Repeated(again) => again,
        other => panic!("not given again: {other:?}"),
    }
}

fn refused(ruling: Ruling) -> (Reason, String) {
    match ruling {
        Ruling::Denied(denial) => (denial.denied.reason, denial.denied.message),
        other => panic!("not refused: {other:?}"),
    }
}

fn made(gate: &Gate) -> usize {
    let used = |decided: &Decided| {
        let used = decided.approval.as_ref();
        used.is_some_and(|used| used.what == ApprovalUse::Consumed)
    };
    let entries = gate.entries().into_iter();
    let used = entries.filter(|entry| matches!(&entry.event, Event::Decided(it) if used(it)));
    used.count()
}

#[tokio::test]
async fn the_same_call_gets_the_outcome_again_and_is_not_made_again() {
    let gate = Gate::new();
    let engine = gate.start();
    ends(went_ahead(&engine, "1", "{}").await, RESULT).await;
    for id in ["2", "3"] {
        let again = given(called(&engine, id, "{}", hold(Vec::new())).await);
        assert_eq!(again.given, Ok(RESULT.to_owned()), "byte for byte");
        assert_eq!(again.made_by, "1");
        let entry = gate.decided(id);
        let used = entry.approval.unwrap();
        assert_eq!(used.what, ApprovalUse::OutcomeGiven);
        assert_eq!(
            (used.held.as_str(), used.made_by.as_deref()),
            ("ask-1", Some("1"))
        );
        assert_eq!(entry.reason, Some(Reason::ApprovalUsed));
        assert_eq!(entry.action, gate.decided("1").action);
    }
    assert!(engine.rotate().await.unwrap().is_some());
    drop(engine);
    // Over a restart, and in a new segment.
    let engine = gate.start();
    let again = given(called(&engine, "4", "{}", hold(Vec::new())).await);
    assert_eq!(again.given, Ok(RESULT.to_owned()));
    assert_eq!(made(&gate), 0, "the use is in the segment before");
    gate.pass(USE_WITHIN);
    let anew = called(&engine, "5", "{}", hold(Vec::new())).await;
    assert_eq!(id_of(anew), "5", "after its time people are asked anew");
}

/// Whoever lost the answer to a call gets it, whatever policies make of such calls by now.
#[tokio::test]
async fn a_call_that_nobody_is_asked_about_any_more_is_not_made_again_either() {
    let gate = Gate::new();
    let engine = gate.start();
    ends(went_ahead(&engine, "1", "{}").await, RESULT).await;
    let again = given(called(&engine, "2", "{}", allow(Vec::new())).await);
    assert_eq!(
        (again.given, again.made_by.as_str()),
        (Ok(RESULT.to_owned()), "1")
    );
    let used = gate.decided("2").approval.unwrap();
    assert_eq!(used.what, ApprovalUse::OutcomeGiven);
    // Another call is one, and so is this one after its time.
    let other = called(&engine, "3", "{ }", allow(Vec::new())).await;
    assert!(matches!(other, Ruling::Permitted(_)), "{other:?}");
    gate.pass(USE_WITHIN);
    let anew = called(&engine, "4", "{}", allow(Vec::new())).await;
    assert!(matches!(anew, Ruling::Permitted(_)), "{anew:?}");
}

/// Sealed or not, nothing is kept for longer than it counts.
#[tokio::test]
async fn what_came_of_a_call_goes_when_its_time_is_over() {
    let gate = Gate::new();
    let engine = gate.start();
    ends(went_ahead(&engine, "1", "{}").await, RESULT).await;
    let held = called(&engine, "2", "[]", hold(Vec::new())).await;
    assert_eq!(id_of(held), "2");
    let files = |folder: &str| {
        let folder = gate.folder.path().join(format!("audit.jsonl.{folder}"));
        std::fs::read_dir(folder).unwrap().count()
    };
    engine.sum_up().await;
    assert_eq!((files("outcomes"), files("held")), (1, 2));
    gate.pass(USE_WITHIN);
    engine.sum_up().await;
    assert_eq!((files("outcomes"), files("held")), (0, 0));
}

#[tokio::test]
async fn nobody_else_gets_it_and_nothing_else_is_it() {
    let gate = Gate::new();
    let engine = gate.start();
    ends(went_ahead(&engine, "1", "{}").await, RESULT).await;
    let mut other = agent();
    let mut subject = (*other.subject).clone();
    subject.id.push('2');
    other.subject = Arc::new(subject);
    let ruling = called_by(&engine, &other, "2", "{}", hold(Vec::new())).await;
    assert_eq!(id_of(ruling), "2");
    assert_eq!(
        id_of(called(&engine, "3", "{ }", hold(Vec::new())).await),
        "3"
    );
    // More is asked than people agreed to.
    let two = asks(|ask| ask.quorum = 2);
    assert_eq!(id_of(called(&engine, "4", "{}", two).await), "4");
}

#[tokio::test]
async fn an_approver_who_may_not_decide_any_more_voids_the_outcome_too() {
    let gate = Gate::new();
    let engine = gate.start();
    ends(went_ahead(&engine, "1", "{}").await, RESULT).await;
    gate.knows(&engine, &[("sam", 2, "legal")]);
    assert_eq!(
        id_of(called(&engine, "2", "{}", hold(Vec::new())).await),
        "2"
    );
}

/// Whoever agrees a second time agrees to what was done already.
#[tokio::test]
async fn what_people_agree_to_twice_is_done_once() {
    let gate = Gate::new();
    let engine = gate.start();
    ends(went_ahead(&engine, "1", "{}").await, RESULT).await;
    gate.knows(&engine, &[("sam", 2, "legal")]);
    assert_eq!(
        id_of(called(&engine, "2", "{}", hold(Vec::new())).await),
        "2"
    );
    gate.knows(&engine, &[("kim", 1, "finance"), ("sam", 2, "legal")]);
    approved(&engine, "2").await;
    let again = given(called(&engine, "3", "{}", hold(Vec::new())).await);
    assert_eq!(again.made_by, "1");
    assert_eq!(made(&gate), 1);
}

#[tokio::test]
async fn a_call_whose_outcome_nobody_knows_is_not_made_again() {
    let gate = Gate::new();
    let engine = gate.start();
    let pending = went_ahead(&engine, "1", "{}").await;
    let (reason, message) = refused(called(&engine, "2", "{}", hold(Vec::new())).await);
    assert_eq!(reason, Reason::ApprovalUsed, "it is under way");
    assert!(message.contains("sent at most once"), "{message}");
    let used = gate.decided("2").approval.unwrap();
    assert_eq!(used.what, ApprovalUse::OutcomeNotGiven);
    // The agent went away, or the gate died.
    drop(pending);
    for id in ["3", "4"] {
        let again = called(&engine, id, "{}", hold(Vec::new())).await;
        assert_eq!(refused(again).0, Reason::ApprovalUsed);
    }
    drop(engine);
    let engine = gate.start();
    let again = called(&engine, "5", "{}", hold(Vec::new())).await;
    assert_eq!(refused(again).0, Reason::ApprovalUsed);
    assert_eq!(made(&gate), 1);
}

#[tokio::test]
async fn whoever_was_stopped_gets_no_outcome() {
    let gate = Gate::new();
    let engine = gate.start();
    ends(went_ahead(&engine, "1", "{}").await, RESULT).await;
    let subject = agent().subject;
    let stop = Asked {
        by: "ops".to_owned(),
        why: "a test".to_owned(),
        what: AskedWhat::Turn {
            turn: Turn::Suspend,
            agent: Some(subject.id.clone()),
            owner: None,
            issuer: Some(subject.issuer.clone()),
        },
    };
    engine.ask_about_agents(stop).await.unwrap();
    let again = called(&engine, "2", "{}", hold(Vec::new())).await;
    assert_eq!(refused(again).0, Reason::AgentSuspended);
}

#[tokio::test]
async fn an_outcome_that_is_too_large_is_settled_and_not_kept() {
    let gate = Gate::new();
    let engine = gate.start();
    let large = format!("{{\"text\": \"{}\"}}", "x".repeat(256 << 10));
    ends(went_ahead(&engine, "1", "{}").await, &large).await;
    let (reason, message) = refused(called(&engine, "2", "{}", hold(Vec::new())).await);
    assert_eq!(reason, Reason::ApprovalUsed);
    assert!(message.contains("outcome_bytes_max"), "{message}");
}

#[tokio::test]
async fn an_outcome_that_was_tampered_with_is_not_given() {
    let gate = Gate::new();
    let engine = gate.start();
    ends(went_ahead(&engine, "1", "{}").await, RESULT).await;
    let path = gate
        .folder
        .path()
        .join("audit.jsonl.outcomes/ask-1.outcome");
    let mut bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(6).any(|it| it == b"amount"), "it is sealed");
    bytes[20] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let again = called(&engine, "2", "{}", hold(Vec::new())).await;
    assert_eq!(refused(again).0, Reason::ApprovalUsed);
}

/// Whoever sees what a call returned carries its labels, in whichever session.
#[tokio::test]
async fn an_outcome_brings_its_labels_along() {
    let gate = Gate::new();
    let engine = gate.start();
    let pending = went_ahead_with(&engine, "1", "{}", vec![label("pii")]).await;
    ends(pending, RESULT).await;
    let mut elsewhere = agent();
    elsewhere.session = Arc::from("another");
    let again = called_by(&engine, &elsewhere, "2", "{}", hold(vec![label("pii")])).await;
    let _given = given(again);
    let labels = async |engine: &Arc<Engine>| {
        let (labels, _) = engine.session_context("another").await.unwrap();
        labels.into_iter().map(|it| it.name).collect::<Vec<_>>()
    };
    assert_eq!(labels(&engine).await, ["pii"]);
    drop(engine);
    let engine = gate.start();
    assert_eq!(labels(&engine).await, ["pii"], "over a restart too");
}

#[tokio::test]
async fn an_agent_asks_people_only_so_often_something_new() {
    let gate = Gate::new();
    let engine = gate.start();
    gate.asks_at_most(&engine, 3);
    for number in 0..3 {
        let arguments = format!("{{\"n\": {number}}}");
        let id = format!("new-{number}");
        assert_eq!(
            id_of(called(&engine, &id, &arguments, hold(Vec::new())).await),
            id
        );
        // The same again is no new question.
        let repeat = format!("repeat-{number}");
        assert_eq!(
            id_of(called(&engine, &repeat, &arguments, hold(Vec::new())).await),
            id
        );
    }
    drop(engine);
    let engine = gate.start();
    gate.asks_at_most(&engine, 3);
    let more = called(&engine, "more", "{\"n\": 3}", hold(Vec::new())).await;
    let (reason, message) = refused(more);
    assert_eq!(reason, Reason::TooManyQuestions);
    assert!(message.contains("3 times within 3600 seconds"), "{message}");
    assert_eq!(
        file(&engine).held_ids().len(),
        3,
        "nobody is asked about it"
    );
    // Another agent may ask.
    let mut other = agent();
    let mut subject = (*other.subject).clone();
    subject.id.push('2');
    other.subject = Arc::new(subject);
    let ruling = called_by(&engine, &other, "other", "{}", hold(Vec::new())).await;
    assert_eq!(id_of(ruling), "other");
    gate.pass(3_600_000);
    let later = called(&engine, "later", "{\"n\": 3}", hold(Vec::new())).await;
    assert_eq!(id_of(later), "later");
}
