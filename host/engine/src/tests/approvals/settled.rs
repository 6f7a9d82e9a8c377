//! A no, and what voids a yes.

use super::*;

#[tokio::test]
async fn a_no_settles_the_call_until_its_time_is_over() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
    let stand = decide(&engine, "1", ("kim", 1), Choice::Reject).await;
    assert!(matches!(stand, Ok(Stand::Rejected { .. })), "{stand:?}");
    for id in ["2", "3"] {
        let Ruling::Denied(denial) = called(&engine, id, "{}", hold(Vec::new())).await else {
            panic!("not refused");
        };
        assert_eq!(denial.denied.reason, Reason::ApprovalRejected);
    }
    let late = decide(&engine, "1", ("alex", 3), Choice::Approve).await;
    assert_eq!(late, Err(NotTaken::Ended));
    gate.pass(DECIDE_WITHIN);
    assert_eq!(
        id_of(called(&engine, "4", "{}", hold(Vec::new())).await),
        "4"
    );
}

#[tokio::test]
async fn what_voids_a_grant_voids_it() {
    type Between = fn(&Gate, &Arc<Engine>);
    let nothing: Between = |_, _| {};
    let rows: [(&str, Between, Decision, bool); 7] = [
        ("nothing", nothing, hold(Vec::new()), true),
        (
            "the approver is gone",
            |gate, engine| gate.knows(engine, &ALL[1..]),
            hold(Vec::new()),
            false,
        ),
        (
            "the approver has another key",
            |gate, engine| gate.knows(engine, &[("kim", 9, "finance")]),
            hold(Vec::new()),
            false,
        ),
        (
            "the time to use it is over",
            |gate, _| gate.pass(USE_WITHIN),
            hold(Vec::new()),
            false,
        ),
        (
            "two are asked for",
            nothing,
            asks(|ask| ask.quorum = 2),
            false,
        ),
        (
            "a role is asked for that was not",
            nothing,
            asks(|ask| ask.roles = vec!["finance".to_owned()]),
            false,
        ),
        (
            "more time than before, and other words",
            nothing,
            asks(|ask| {
                ask.use_within_seconds = 600;
                ask.title = "other".to_owned();
            }),
            true,
        ),
    ];
    for (what, between, decision, goes_ahead) in rows {
        let gate = Gate::new();
        let engine = gate.start();
        let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
        approved(&engine, "1").await;
        between(&gate, &engine);
        let ruling = called(&engine, "2", "{}", decision).await;
        match goes_ahead {
            true => assert!(matches!(ruling, Ruling::Permitted(_)), "{what}: {ruling:?}"),
            false => assert_eq!(id_of(ruling), "2", "{what}"),
        }
    }
}

#[tokio::test]
async fn a_policy_that_denies_voids_what_people_agreed_to() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
    approved(&engine, "1").await;
    let ruling = called(&engine, "2", "{}", deny()).await;
    assert!(matches!(ruling, Ruling::Denied(_)));
    assert_eq!(gate.decided("2").approval.unwrap().what, ApprovalUse::Void);
    assert_eq!(
        id_of(called(&engine, "3", "{}", hold(Vec::new())).await),
        "3"
    );
    drop(engine);
    let engine = gate.start();
    let gone = engine.approval_stand("1").await;
    assert_eq!(gone, Ok(None));
}

/// Its policies did not hear who agreed, and may have something against that.
#[tokio::test]
async fn a_call_that_was_judged_before_people_agreed_does_not_go_ahead_with_that() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
    let early = asked_for(&engine, &agent(), ("2", "{}"), hold(Vec::new()));
    approved(&engine, "1").await;
    let early = reason_of(engine.record(early).await);
    assert_eq!(early, Reason::ApprovalRequired, "and it is to call again");
    let ruling = called(&engine, "3", "{}", hold(Vec::new())).await;
    assert!(matches!(ruling, Ruling::Permitted(_)), "{ruling:?}");
}

/// It comes while what somebody decided is being written: nobody finds the request then.
#[tokio::test]
async fn a_call_that_comes_while_people_agree_is_judged_with_that() {
    let gate = Gate::new();
    let engine = gate.start();
    let mut met = 0;
    for number in 0..32 {
        let arguments = format!("{{\"number\": {number}}}");
        let (first, again) = (format!("{number}-first"), format!("{number}-again"));
        let _held = called(&engine, &first, &arguments, hold(Vec::new())).await;
        let asked = asked_for(&engine, &agent(), (&again, &arguments), hold(Vec::new()));
        let same = engine
            .recorder
            .keys
            .called(std::iter::once(&*asked.request));
        let mut deciding = Box::pin(approved(&engine, &first));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let mut is_over = false;
        while !is_over && !engine.recorder.memory.is_changing(same) {
            is_over = deciding.as_mut().poll(&mut context).is_ready();
            tokio::task::yield_now().await;
        }
        if is_over {
            continue;
        }
        met += 1;
        let calling = called(&engine, &again, &arguments, hold(Vec::new()));
        let (ruling, ()) = tokio::join!(calling, deciding);
        assert!(matches!(ruling, Ruling::Permitted(_)), "{ruling:?}");
    }
    assert!(
        met > 0,
        "no call came while what was decided was being written"
    );
}

#[tokio::test]
async fn people_do_not_stand_in_for_a_policy() {
    let gate = Gate::new();
    let engine = gate.start();
    let unallowed = || {
        let mut decision = hold(Vec::new());
        if let Decision::Hold(held) = &mut decision {
            held.allowed = false;
        }
        decision
    };
    let _held = called(&engine, "1", "{}", unallowed()).await;
    approved(&engine, "1").await;
    let Ruling::Denied(denial) = called(&engine, "2", "{}", unallowed()).await else {
        panic!("not refused");
    };
    assert_eq!(denial.denied.reason, Reason::NoPolicy);
}
