//! What people decided, over restarts and crashes, at once, and among many.

use super::*;

#[tokio::test]
async fn votes_and_grants_live_over_restarts_and_segments() {
    let gate = Gate::new();
    let two = || asks(|ask| ask.quorum = 2);
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", two()).await;
    let one = decide(&engine, "1", ("kim", 1), Choice::Approve).await;
    assert_eq!(one, Ok(Stand::Requested));
    assert!(engine.rotate().await.unwrap().is_some());
    drop(engine);
    let engine = gate.start();
    let again = decide(&engine, "1", ("kim", 1), Choice::Approve).await;
    assert_eq!(again, Err(NotTaken::Duplicate));
    let stand = decide(&engine, "1", ("alex", 3), Choice::Approve).await;
    assert!(matches!(stand, Ok(Stand::Granted { .. })), "{stand:?}");
    // Longer than people had to decide: what counts is when they agreed.
    gate.pass(USE_WITHIN - 1);
    assert!(engine.rotate().await.unwrap().is_some());
    drop(engine);
    let engine = gate.start();
    let ruling = called(&engine, "2", "{}", two()).await;
    assert!(matches!(ruling, Ruling::Permitted(_)), "{ruling:?}");
}

/// The gate dies after the entry of a use, before the held call is removed.
#[tokio::test]
async fn what_was_used_is_used_after_a_crash_and_in_a_new_segment() {
    for rotates in [false, true] {
        let gate = Gate::new();
        let engine = gate.start();
        let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
        let yes = statement(&engine, "1", "kim", Choice::Approve).await;
        let yes = Signed::by(yes, &key(1));
        engine.decide(yes.clone()).await.unwrap();
        let file = gate.folder.path().join("audit.jsonl.held/1.held");
        let bytes = std::fs::read(&file).unwrap();
        let ruling = called(&engine, "2", "{}", hold(Vec::new())).await;
        assert!(matches!(ruling, Ruling::Permitted(_)), "{ruling:?}");
        drop(ruling);
        if rotates {
            assert!(engine.rotate().await.unwrap().is_some());
        }
        drop(engine);
        std::fs::write(&file, bytes).unwrap();
        let engine = gate.start();
        assert_eq!(engine.decide(yes.clone()).await, Err(NotTaken::Unknown));
        let again = called(&engine, "3", "{}", hold(Vec::new())).await;
        assert_eq!(reason_of(again), Reason::ApprovalUsed);
        drop(engine);
        gate.pass(USE_WITHIN);
        let engine = gate.start();
        assert_eq!(engine.decide(yes).await, Err(NotTaken::Unknown));
        assert_eq!(
            id_of(called(&engine, "4", "{}", hold(Vec::new())).await),
            "4"
        );
        drop(engine);
        let _engine = gate.start();
        assert_eq!(gate.files(), ["4.held"]);
    }
}

#[tokio::test]
async fn of_many_identical_calls_at_once_one_goes_ahead() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
    approved(&engine, "1").await;
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..16 {
        let engine = Arc::clone(&engine);
        calls.spawn(async move {
            let id = format!("more-{number}");
            called(&engine, &id, "{}", hold(Vec::new())).await
        });
    }
    let rulings = calls.join_all().await;
    let ahead = rulings
        .iter()
        .filter(|it| matches!(it, Ruling::Permitted(_)));
    assert_eq!(ahead.count(), 1);
}

/// Ten thousand calls wait: a page of them, and the call that one of them is, come as if
/// there were few.
#[tokio::test]
async fn ten_thousand_that_wait_slow_nobody_down() {
    const COUNT: usize = 10_000;
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "first", "{\"n\": 0}", hold(Vec::new())).await;
    let first = engine.held("first").await.unwrap().unwrap();
    drop(engine);
    let keys = {
        let salt = std::fs::read(gate.folder.path().join("audit.jsonl.salt")).unwrap();
        gatewright_policy::record::RecordKeys::new(&salt.try_into().unwrap())
    };
    let folder = gate.folder.path().join("audit.jsonl.held");
    for number in 0..COUNT {
        let mut call = first.clone();
        call.id = format!("many-{number:05}");
        call.called = Digest::of(call.id.as_bytes());
        let sealed = call.seal(&keys);
        let mut bytes = serde_json::to_vec(&sealed.envelope).unwrap();
        bytes.push(b'\n');
        bytes.extend_from_slice(&sealed.sealed);
        std::fs::write(folder.join(format!("{}.held", call.id)), bytes).unwrap();
    }
    let engine = gate.start();
    let kim = engine.approver(&did_key(&key(1).verifying_key())).unwrap();
    approved(&engine, "first").await;
    let (mut list, mut resume) = (u128::MAX, u128::MAX);
    // The best of a few: others use the machine too.
    for number in 0..5 {
        let began = std::time::Instant::now();
        let page = engine
            .approvals(&kim, Some("many-05000"), 100)
            .await
            .unwrap();
        list = list.min(began.elapsed().as_micros());
        assert_eq!(page.approvals.len(), 100);
        let began = std::time::Instant::now();
        let mut judgement = judgement(&engine, "again", &agent(), "secret", hold(Vec::new()));
        let limits = engine.snapshot().limits.request_json();
        judgement.request = Arc::new(Request {
            arguments: Document::parse("{\"n\": 0}".to_owned(), &limits).unwrap(),
            ..Request::clone(&judgement.request)
        });
        judgement.snapshot = engine.snapshot();
        let found = resumed(&engine.recorder, judgement).await;
        resume = resume.min(began.elapsed().as_micros());
        assert!(found.approval.is_some(), "round {number}");
    }
    println!("a page of 100 of {COUNT}: {list} us; finding the call again: {resume} us");
    assert!(list < 100_000 && resume < 5_000, "{list} us, {resume} us");
}

#[tokio::test]
async fn one_person_by_two_names_counts_once_and_decides_on_nothing_of_ones_own() {
    let gate = Gate::new();
    let engine = gate.start();
    let roles: crate::Accounts =
        Arc::new(|_, _| Some(vec!["finance".to_owned(), "legal".to_owned()]));
    assert!(engine.set_accounts(roles));
    gate.knows_accounts(
        &engine,
        &[("kimberly", "kim"), ("k2", "kim"), ("sam-2", "sam")],
    );
    let two = || {
        asks(|ask| {
            ask.quorum = 2;
            ask.exclude_requester = true;
        })
    };
    let _held = called(&engine, "1", "{}", two()).await;
    // The call is made for `sam`.
    let own = decide_with_account(&engine, "1", "sam-2", Choice::Approve).await;
    assert_eq!(own, Err(NotTaken::OwnCall));
    let one = decide(&engine, "1", ("kim", 1), Choice::Approve).await;
    assert_eq!(one, Ok(Stand::Requested));
    for name in ["kimberly", "k2", "kim"] {
        for choice in [Choice::Approve, Choice::Reject] {
            let again = decide_with_account(&engine, "1", name, choice).await;
            assert_eq!(again, Err(NotTaken::Duplicate), "{name}");
        }
    }
    let other = decide_with_account(&engine, "1", "alex-2", Choice::Approve).await;
    assert!(matches!(other, Ok(Stand::Granted { .. })), "{other:?}");
    // Said only afterwards: both of those who agreed are one person.
    gate.knows_accounts(&engine, &[("alex-2", "kim")]);
    let again = called(&engine, "2", "{}", two()).await;
    assert!(!matches!(again, Ruling::Permitted(_)), "{again:?}");
}

/// A question that is not for a person is not for an account of the person either: neither when
/// the vote is taken, nor when it is used.
#[tokio::test]
async fn a_vote_by_another_name_is_granted_for_nothing_that_its_use_is_refused_for() {
    let gate = Gate::new();
    let engine = gate.start();
    let roles: crate::Accounts =
        Arc::new(|_, _| Some(vec!["finance".to_owned(), "legal".to_owned()]));
    assert!(engine.set_accounts(roles));
    gate.knows_accounts(&engine, &[("kimberly", "kim")]);
    let two_questions = || {
        let mut decision = hold(Vec::new());
        if let Decision::Hold(held) = &mut decision {
            let (binding, mut ask) = held.asks[0].clone();
            ask.exclude = vec!["kim".to_owned()];
            held.asks.push((binding, ask));
        }
        decision
    };
    let _held = called(&engine, "1", "{}", two_questions()).await;
    let one = decide_with_account(&engine, "1", "kimberly", Choice::Approve).await;
    assert_eq!(one, Ok(Stand::Requested), "the second question is open");
    let stand = engine.approval_stand("1").await;
    assert_eq!(stand, Ok(Some(Stand::Requested)));
    let waits = called(&engine, "2", "{}", two_questions()).await;
    assert_eq!(id_of(waits), "1");
    let other = decide(&engine, "1", ("alex", 3), Choice::Approve).await;
    assert!(matches!(other, Ok(Stand::Granted { .. })), "{other:?}");
    let ruling = called(&engine, "3", "{}", two_questions()).await;
    assert!(matches!(ruling, Ruling::Permitted(_)), "{ruling:?}");
}

/// Said only afterwards, and after the time to decide: the call is asked about anew.
#[tokio::test]
async fn a_grant_of_one_person_by_two_names_makes_way_for_a_new_question() {
    let gate = Gate::new();
    let engine = gate.start();
    let roles: crate::Accounts = Arc::new(|_, _| Some(vec!["finance".to_owned()]));
    assert!(engine.set_accounts(roles));
    gate.knows_accounts(&engine, &[]);
    let two = || asks(|ask| ask.quorum = 2);
    let _held = called(&engine, "1", "{}", two()).await;
    gate.pass(DECIDE_WITHIN / 2);
    let one = decide(&engine, "1", ("kim", 1), Choice::Approve).await;
    assert_eq!(one, Ok(Stand::Requested));
    let other = decide_with_account(&engine, "1", "alex-2", Choice::Approve).await;
    assert!(matches!(other, Ok(Stand::Granted { .. })), "{other:?}");
    gate.pass(DECIDE_WITHIN / 2);
    gate.knows_accounts(&engine, &[("alex-2", "kim")]);
    let ruling = called(&engine, "2", "{}", two()).await;
    assert_eq!(id_of(ruling), "2");
    assert_eq!(gate.decided("2").approval.unwrap().what, ApprovalUse::Void);
}

/// A refusal counts for what such people agreed to, whatever is said of them later.
#[tokio::test]
async fn a_refusal_voids_what_one_person_agreed_to_by_two_names() {
    let gate = Gate::new();
    let engine = gate.start();
    let roles: crate::Accounts = Arc::new(|_, _| Some(vec!["finance".to_owned()]));
    assert!(engine.set_accounts(roles));
    gate.knows_accounts(&engine, &[]);
    let two = || asks(|ask| ask.quorum = 2);
    let _held = called(&engine, "1", "{}", two()).await;
    gate.pass(DECIDE_WITHIN / 2);
    let one = decide(&engine, "1", ("kim", 1), Choice::Approve).await;
    assert_eq!(one, Ok(Stand::Requested));
    let other = decide_with_account(&engine, "1", "alex-2", Choice::Approve).await;
    assert!(matches!(other, Ok(Stand::Granted { .. })), "{other:?}");
    gate.pass(DECIDE_WITHIN / 2);
    gate.knows_accounts(&engine, &[("alex-2", "kim")]);
    let refused = called(&engine, "2", "{}", deny()).await;
    assert_eq!(reason_of(refused), Reason::Forbidden);
    gate.knows_accounts(&engine, &[]);
    let again = called(&engine, "3", "{}", two()).await;
    assert_eq!(id_of(again), "3");
}

/// What was to give way to a new question is over before it does: nobody waits for it.
#[tokio::test]
async fn a_question_in_place_of_one_that_ended_meanwhile_is_asked_at_once() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
    let two = asks(|ask| ask.quorum = 2);
    let late = asked_for(&engine, &agent(), ("2", "{}"), two);
    let late = resumed(&engine.recorder, late).await;
    let refused = called(&engine, "3", "{}", deny()).await;
    assert_eq!(reason_of(refused), Reason::Forbidden);
    assert_eq!(id_of(engine.record(late).await), "2");
    assert_eq!(gate.decided("2").approval, None);
}
