//! Decisions of people that are not taken, each for its reason.

use std::time::Duration;

use gatewright_policy::agent::Registration;

use super::*;
use crate::agents::{Asked, AskedWhat};

#[tokio::test]
async fn each_bad_decision_is_refused_for_its_reason_and_recorded() {
    let gate = Gate::new();
    let engine = gate.start();
    let asked = asks(|ask| {
        ask.roles = vec!["finance".to_owned()];
        ask.quorum = 2;
        ask.exclude_requester = true;
    });
    let _held = called(&engine, "1", "{}", asked).await;
    let good = statement(&engine, "1", "kim", Choice::Approve).await;
    let changed = |change: fn(&mut Statement)| {
        let mut statement = good.clone();
        change(&mut statement);
        Signed::by(statement, &key(1))
    };
    let mut forged = changed(|_| {});
    if let Signature::Ed25519 { key: of, .. } = &mut forged.signature {
        *of = did_key(&key(3).verifying_key());
    }
    let mut passkey = changed(|_| {});
    passkey.signature = Signature::Webauthn {
        credential: String::new(),
        authenticator_data: String::new(),
        client_data: String::new(),
        signature: String::new(),
    };
    let rows = [
        ("forged", forged, NotTaken::Forged),
        (
            "an unknown key",
            Signed::by(good.clone(), &key(9)),
            NotTaken::UnknownApprover,
        ),
        (
            "in another's name",
            changed(|it| it.approver = "alex".to_owned()),
            NotTaken::UnknownApprover,
        ),
        ("a passkey of nobody", passkey, NotTaken::UnknownApprover),
        (
            "another call",
            changed(|it| it.held = "2".to_owned()),
            NotTaken::Unknown,
        ),
        (
            "another action",
            changed(|it| it.actions.clear()),
            NotTaken::WrongCall,
        ),
        (
            "another text",
            changed(|it| it.shown = Digest::of(b"")),
            NotTaken::WrongShown,
        ),
        (
            "a reason that moves",
            changed(|it| it.reason = "\u{1b}[2J".to_owned()),
            NotTaken::Unreadable,
        ),
        (
            "another version",
            changed(|it| it.version = 2),
            NotTaken::Unreadable,
        ),
        (
            "of tomorrow",
            changed(|it| it.at = Timestamp(it.at.0 + 86_400_000)),
            NotTaken::OutOfOrder,
        ),
        (
            "before the call",
            changed(|it| it.at = Timestamp(it.at.0 - 61_000)),
            NotTaken::OutOfOrder,
        ),
        (
            "wrong role",
            Signed::by(
                statement(&engine, "1", "sam", Choice::Approve).await,
                &key(2),
            ),
            NotTaken::WrongRole,
        ),
    ];
    let mut reasons = Vec::new();
    for (what, signed, why) in rows {
        assert_eq!(engine.decide(signed).await, Err(why), "{what}");
        reasons.push(why);
    }
    let taken = engine.decide(changed(|_| {})).await;
    assert_eq!(taken, Ok(Stand::Requested));
    let again = engine.decide(changed(|_| {})).await;
    assert_eq!(again, Err(NotTaken::Duplicate), "replayed");
    reasons.push(NotTaken::Duplicate);
    let alex = statement(&engine, "1", "alex", Choice::Approve).await;
    gate.pass(DECIDE_WITHIN);
    let late = engine.decide(Signed::by(alex, &key(3))).await;
    assert_eq!(late, Err(NotTaken::Unknown), "late");
    reasons.push(NotTaken::Unknown);
    assert_eq!(gate.refusals(), reasons);
}

/// Who answers for two agents could have one agree to what the other wants.
#[tokio::test]
async fn an_agent_of_the_same_owner_does_not_approve() {
    let gate = Gate::new();
    let engine = gate.start();
    let subject = agent().subject;
    let registered = |id: &str, owner: &str| Registration {
        id: id.to_owned(),
        issuer: subject.issuer.clone(),
        owner: Some(owner.to_owned()),
        purpose: String::new(),
        servers: None,
        state: Default::default(),
    };
    let agents = vec![
        registered(&subject.id, "team-a"),
        registered("kim", "team-a"),
        registered("alex", "team-b"),
    ];
    let import = Asked {
        by: "ops".to_owned(),
        why: "a test".to_owned(),
        what: AskedWhat::Import(agents),
    };
    engine.ask_about_agents(import).await.unwrap();
    let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
    let same = decide(&engine, "1", ("kim", 1), Choice::Approve).await;
    assert_eq!(same, Err(NotTaken::OwnCall));
    let other = decide(&engine, "1", ("alex", 3), Choice::Approve).await;
    assert_eq!(
        other,
        Ok(Stand::Granted {
            at: gate.now(),
            use_by: gate.now().plus(Duration::from_millis(USE_WITHIN))
        })
    );
}

#[tokio::test]
async fn whom_a_call_is_for_does_not_approve_it() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", asks(|ask| ask.exclude_requester = true)).await;
    let own = decide(&engine, "1", ("sam", 2), Choice::Approve).await;
    assert_eq!(own, Err(NotTaken::OwnCall));
    let _excluded = called(
        &engine,
        "2",
        "[]",
        asks(|ask| ask.exclude = vec!["kim".to_owned()]),
    )
    .await;
    let excluded = decide(&engine, "2", ("kim", 1), Choice::Approve).await;
    assert_eq!(excluded, Err(NotTaken::Excluded));
}

#[tokio::test]
async fn a_stale_decision_is_not_taken_and_a_clock_that_steps_back_changes_nothing() {
    let gate = Gate::new();
    let engine = gate.start();
    let long = || asks(|ask| ask.decide_within_seconds = 86_400);
    let _held = called(&engine, "1", "{}", long()).await;
    let early = statement(&engine, "1", "kim", Choice::Approve).await;
    gate.pass(301_000);
    let stale = engine.decide(Signed::by(early, &key(1))).await;
    assert_eq!(stale, Err(NotTaken::Stale));
    approved(&engine, "1").await;
    let before = gate.now.load(Ordering::Relaxed);
    gate.pass(USE_WITHIN);
    assert_eq!(engine.approval_stand("1").await, Ok(None));
    gate.now.store(before, Ordering::Relaxed);
    assert_eq!(id_of(called(&engine, "2", "{}", long()).await), "2");
}
