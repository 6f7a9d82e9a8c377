//! Labels that calls leave on their sessions, and that come off again.

use super::*;

#[tokio::test]
async fn labels_are_on_disk_before_a_tainted_result_goes_on() {
    let (ledger, engine, _folder) = told();
    let grant = forever("s");
    let last = || ledger.events.lock().unwrap().last().unwrap().1;
    let pending = |id| {
        let judgement = judgement(&engine, id, &grant, "a", allow(Vec::new()));
        let engine = &engine;
        async move { permit(engine.record(judgement).await).redeem().2 }
    };
    let clean = pending("1").await;
    clean
        .complete(PastOutcome::Allowed, None, "")
        .await
        .unwrap();
    assert_eq!(last(), Durability::Written);

    let mut tainted = pending("2").await;
    tainted.leave(&reviewer(), vec!["x".into()]).await.unwrap();
    tainted
        .complete(PastOutcome::Allowed, None, "")
        .await
        .unwrap();
    assert_eq!(last(), Durability::Synced);

    let owed = allow(vec![label("w")]);
    let judged = judgement(&engine, "4", &grant, "a", owed);
    let permitted = permit(engine.record(judged).await);
    assert_eq!(
        last(),
        Durability::Synced,
        "a judge's, for a read-only tool"
    );
    drop(permitted);

    let mut early = pending("3").await;
    early.leave(&reviewer(), vec!["y".into()]).await.unwrap();
    let passed = early
        .review_early("notifications/progress", Document::empty_object())
        .await;
    assert!(matches!(passed, Reviewed::Pass(..)));
    assert_eq!(last(), Durability::Synced);
    let known = ledger.events.lock().unwrap().len();
    early.leave(&reviewer(), vec!["y".into()]).await.unwrap();
    let _passed = early
        .review_early("notifications/progress", Document::empty_object())
        .await;
    assert_eq!(
        ledger.events.lock().unwrap().len(),
        known,
        "it is there already"
    );
    early.leave(&reviewer(), vec!["z".into()]).await.unwrap();
    ledger.fails.store(true, Ordering::Relaxed);
    let withheld = early
        .review_early("notifications/progress", Document::empty_object())
        .await;
    assert!(
        matches!(
            withheld,
            Reviewed::Withheld {
                reason: Reason::AuditUnavailable,
                ..
            }
        ),
        "{withheld:?}"
    );
}

#[tokio::test]
async fn a_label_too_many_has_its_own_reason_and_costs_nothing() {
    let (_ledger, engine, _folder) = told();
    let grant = forever("s");
    for number in 0..64 {
        let owed = allow(vec![label(&number.to_string())]);
        drop(permit(
            engine
                .record(judgement(&engine, "1", &grant, "a", owed))
                .await,
        ));
    }
    let owed = allow(vec![charge("k", 1), label("one more")]);
    let ruling = engine
        .record(judgement(&engine, "2", &grant, "a", owed))
        .await;
    let Ruling::Denied(denial) = ruling else {
        panic!("{ruling:?}")
    };
    assert_eq!(denial.denied.reason, Reason::LabelsFull);
    assert_eq!(file(&engine).quotas.kept(engine.now()), []);
    let owed = allow(vec![label("0")]);
    let judgement = judgement(&engine, "3", &grant, "a", owed);
    let mut pending = permit(engine.record(judgement).await).redeem().2;
    let withheld = pending.leave(&reviewer(), vec!["one more".into()]).await;
    assert!(
        matches!(
            withheld,
            Err(Reviewed::Withheld {
                reason: Reason::LabelsFull,
                ..
            })
        ),
        "{withheld:?}"
    );
}

fn names(labels: &[Label]) -> Vec<String> {
    labels.iter().map(|label| label.name.clone()).collect()
}

fn reviewer() -> Arc<str> {
    Arc::from("reviewer")
}

#[tokio::test]
async fn the_record_says_who_left_a_label_and_when_and_what_was_seen_of_it() {
    let (ledger, engine, _folder) = told();
    let grant = forever("s");
    let owed = allow(vec![label("w")]);
    let judged = judgement(&engine, "1", &grant, "a", owed);
    let received_at = judged.request.context.at;
    let mut pending = permit(engine.record(judged).await).redeem().2;
    pending
        .leave(&reviewer(), vec!["w".into(), "x".into(), "x".into()])
        .await
        .unwrap();
    // Nobody makes it older, or newer, than this call left it first.
    pending
        .leave(&Arc::from("another"), vec!["x".into()])
        .await
        .unwrap();
    let ended = pending.complete(PastOutcome::Allowed, None, "").await;
    ended.unwrap();
    let next = judgement(&engine, "2", &grant, "a", deny());
    let carried = next.request.context.labels.clone();
    drop(engine.record(next).await);
    let left = |name: &str, source: &str| Label {
        source: Some(Arc::from(source)),
        at: Some(received_at),
        ..Label::named(name)
    };
    assert_eq!(carried, [left("w", "reviewer"), left("x", "reviewer")]);
    let events = ledger.events.lock().unwrap().clone();
    let [
        (Event::Decided(first), _),
        (Event::Completed(completed), _),
        (Event::Decided(second), _),
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    let keys = &engine.recorder.keys;
    let opened = |sealed: &[SealedLabel]| -> Vec<Label> {
        let labels = sealed.iter().map(|label| keys.open(label));
        labels.collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(opened(&first.labels), [left("w", "binding")]);
    assert_eq!(opened(&completed.labels), carried);
    assert_eq!(opened(&second.seen.as_ref().unwrap().labels), carried);
}

/// A judgement that takes the labels off that its session carries.
async fn declassify(engine: &Arc<Engine>, id: &str, labels: &[&str]) -> Ruling {
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    let owed = allow(vec![Obligation::Declassify(labels)]);
    let judged = judgement(engine, id, &forever("s"), "a", owed);
    engine.record(judged).await
}

#[tokio::test]
async fn labels_come_off_only_while_no_other_call_can_leave_them() {
    let (_ledger, engine, _folder) = told();
    let grant = forever("s");
    let labels = || names(&file(&engine).sessions.context("s", 64).0);
    let owed = allow(vec![label("x"), label("y")]);
    let judged = judgement(&engine, "1", &grant, "a", owed);
    let open = permit(engine.record(judged).await).redeem().2;
    let ruling = declassify(&engine, "2", &["x"]).await;
    let Ruling::Denied(denial) = ruling else {
        panic!("{ruling:?}")
    };
    assert_eq!(denial.denied.reason, Reason::UnsafeContext);
    assert_eq!(labels(), ["x", "y"]);
    open.complete(PastOutcome::Allowed, None, "").await.unwrap();
    drop(permit(declassify(&engine, "3", &["x", "unknown"]).await));
    assert_eq!(labels(), ["y"]);
}

#[tokio::test]
async fn a_label_that_was_left_after_the_question_stays() {
    let (_ledger, engine, _folder) = told();
    let grant = forever("s");
    let owed = allow(vec![Obligation::Declassify(vec!["x".into()])]);
    let judged = judgement(&engine, "1", &grant, "a", owed);
    let other = judgement(&engine, "2", &grant, "a", allow(vec![label("x")]));
    let other = permit(engine.record(other).await).redeem().2;
    other
        .complete(PastOutcome::Allowed, None, "")
        .await
        .unwrap();
    drop(permit(engine.record(judged).await));
    assert_eq!(names(&file(&engine).sessions.context("s", 64).0), ["x"]);
}

#[tokio::test]
async fn a_label_that_is_left_anew_after_the_question_stays() {
    let (_ledger, engine, _folder) = told();
    let grant = forever("s");
    let labels = || names(&file(&engine).sessions.context("s", 64).0);
    let owed = allow(vec![label("x")]);
    let judged = judgement(&engine, "1", &grant, "a", owed);
    let mut running = permit(engine.record(judged).await).redeem().2;
    // It is judged while the other one runs, and recorded when that has ended.
    let owed = allow(vec![Obligation::Declassify(vec!["x".into()])]);
    let judged = judgement(&engine, "2", &grant, "a", owed);
    running.leave(&reviewer(), vec!["x".into()]).await.unwrap();
    let ended = running.complete(PastOutcome::Allowed, None, "").await;
    ended.unwrap();
    let Ruling::Denied(denial) = engine.record(judged).await else {
        panic!("it was taken off")
    };
    assert_eq!(denial.denied.reason, Reason::UnsafeContext);
    assert_eq!(labels(), ["x"]);
    drop(permit(declassify(&engine, "3", &["x"]).await));
    assert_eq!(labels(), Vec::<String>::new());
}
