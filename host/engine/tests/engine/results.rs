//! What comes back, and what is left behind.

use gatewright_engine::{Reviewed, Ruling};
use gatewright_policy::Reason;
use gatewright_policy::record::Event;
use gatewright_policy::request::PastOutcome;

use crate::gate::{
    ALLOW, DENY, Gate, binding, denied, document, judge, permit, result as came_back,
};
use crate::guests;

/// Passes the result with one edit: `/text` becomes `null`; leaves a label.
pub fn reviewer() -> Vec<u8> {
    guests::of_world(
        "reviewer",
        "(i32.const 64)",
        r#"(data (i32.const 64) "\00\00\00\00\80\00\00\00\01\00\00\00\a0\00\00\00\01")
           (data (i32.const 128) "\c0\00\00\00\05\00\00\00\01\00\00\00\d0\00\00\00\04")
           (data (i32.const 160) "\e0\00\00\00\07")
           (data (i32.const 192) "/text")
           (data (i32.const 208) "null")
           (data (i32.const 224) "tainted")"#,
    )
}

fn gate_config() -> String {
    binding("allow", "") + &binding("review", "")
}

fn components() -> [(&'static str, Vec<u8>); 2] {
    [("allow.wasm", judge(ALLOW)), ("review.wasm", reviewer())]
}

#[tokio::test]
async fn a_reviewer_changes_the_result_and_labels_the_session() {
    let mut gate = Gate::started(&gate_config(), &components()).await;
    let (_, _, mut pending) = permit(gate.tool("1", "{}").await).redeem();
    let reviewed = pending
        .review(came_back(r#"{"text":"secret","n":1.0}"#))
        .await;
    let Reviewed::Pass(result, true) = reviewed else {
        panic!("{reviewed:?}")
    };
    assert_eq!(result.text(), r#"{"text":null,"n":1.0}"#);
    pending
        .complete(PastOutcome::Allowed, None, "")
        .await
        .unwrap();

    let labels = |gate: &Gate| {
        let (labels, (_, history)) = (gate.labels(), gate.context());
        (
            labels,
            history.iter().map(|call| call.outcome).collect::<Vec<_>>(),
        )
    };
    let expected = (vec!["tainted".to_owned()], vec![PastOutcome::Allowed]);
    assert_eq!(labels(&gate), expected);
    gate.stop();
    gate.start().await;
    assert_eq!(labels(&gate), expected, "after a restart");
}

#[tokio::test]
async fn a_reviewer_that_gives_no_answer_withholds_the_result() {
    let bad = guests::of_world("reviewer", "(unreachable)", "");
    let config = gate_config();
    let gate = Gate::started(
        &config,
        &[("allow.wasm", judge(ALLOW)), ("review.wasm", bad)],
    )
    .await;
    let (_, _, mut pending) = permit(gate.tool("1", "{}").await).redeem();
    let reviewed = pending.review(came_back("{}")).await;
    assert!(matches!(
        reviewed,
        Reviewed::Withheld {
            reason: Reason::PolicyFault,
            ..
        }
    ));
    pending
        .complete(PastOutcome::Failed, Some(Reason::PolicyFault), "")
        .await
        .unwrap();
    let last = gate.entries().pop().unwrap().event;
    assert!(matches!(last, Event::Completed(completed) if completed.opinions[0].fault.is_some()));
}

#[tokio::test]
async fn an_edit_that_does_not_apply_withholds_the_result() {
    let gate = Gate::started(&gate_config(), &components()).await;
    for result in ["[]", "7"] {
        let (_, _, mut pending) = permit(gate.tool("1", "{}").await).redeem();
        let reviewed = pending.review(came_back(result)).await;
        assert!(matches!(reviewed, Reviewed::Withheld { .. }), "{result}");
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_is_recorded_as_abandoned() {
    let mut gate = Gate::started(&binding("allow", ""), &components()).await;
    drop(permit(gate.tool("1", "{}").await));
    gate.stop();
    let last = gate.entries().pop().unwrap().event;
    assert!(matches!(last, Event::Completed(completed) if completed.message == "abandoned"));
}

/// `allow` with one `charge`: key "k", cost 1, limit 2, an hour.
pub const CHARGE: &str = r#"(data (i32.const 64) "\01\00\00\00\80\00\00\00\01")
    (data (i32.const 128) "\00\00\00\00\00\00\00\00\c0\00\00\00\01\00\00\00\01\00\00\00\00\00\00\00\02\00\00\00\00\00\00\00\10\0e\00\00")
    (data (i32.const 192) "k")"#;

#[tokio::test]
async fn a_quota_holds_across_a_restart() {
    let config = binding("charge", "authority = [\"allow\", \"charge\"]");
    let mut gate = Gate::started(&config, &[("charge.wasm", judge(CHARGE))]).await;
    // An hour may end between two calls; three in a row see at most one end.
    let before = gate.engine().now().seconds() / 3600;
    drop(permit(gate.tool("1", "{}").await).redeem());
    gate.stop();
    gate.start().await;
    drop(permit(gate.tool("2", "{}").await).redeem());
    let third = gate.tool("3", "{}").await;
    if gate.engine().now().seconds() / 3600 == before {
        assert_eq!(denied(third).reason, Reason::QuotaExceeded);
    } else {
        assert!(matches!(third, Ruling::Permitted(_) | Ruling::Denied(_)));
    }
}

#[tokio::test]
async fn a_charge_needs_authority() {
    let gate = Gate::started(&binding("charge", ""), &[("charge.wasm", judge(CHARGE))]).await;
    assert_eq!(
        denied(gate.tool("1", "{}").await).reason,
        Reason::PolicyFault
    );
}

/// `allow` with `redact(["/a/b"])` and `limit-result(20)`.
const OBLIGE: &str = r#"(data (i32.const 64) "\01\00\00\00\80\00\00\00\02")
    (data (i32.const 128) "\02\00\00\00\00\00\00\00\c0\00\00\00\01")
    (data (i32.const 168) "\03\00\00\00\00\00\00\00\14")
    (data (i32.const 192) "\d0\00\00\00\04")
    (data (i32.const 208) "/a/b")"#;

#[tokio::test]
async fn obligations_are_met_before_the_result_goes_on() {
    let config = binding(
        "oblige",
        "authority = [\"allow\", \"redact\", \"limit-result\"]",
    );
    let gate = Gate::started(&config, &[("oblige.wasm", judge(OBLIGE))]).await;
    for (result, expected) in [
        (r#"{"a":{"b":"xyz"}}"#, Some(r#"{"a":{"b":null}}"#)),
        (r#"{"a":1}"#, Some(r#"{"a":1}"#)),
        (r#"{"a":{"b":"far too long"}}"#, None),
    ] {
        let (_, _, mut pending) = permit(gate.tool("1", "{}").await).redeem();
        let passed = match pending.review(came_back(result)).await {
            Reviewed::Pass(result, _) => Some(result.text().to_owned()),
            Reviewed::Withheld { reason, .. } => {
                assert_eq!(reason, Reason::ResultTooLarge);
                None
            }
        };
        assert_eq!(passed.as_deref(), expected);
    }
}

#[tokio::test]
async fn a_stream_without_an_end_has_a_record_with_one() {
    let gate = Gate::started(&gate_config(), &components()).await;
    let (_, _, mut pending) = permit(gate.tool("1", "{}").await).redeem();
    for _ in 0..200 {
        let reviewed = pending
            .review_early("notifications/progress", document(r#"{"text":"secret"}"#))
            .await;
        assert!(matches!(reviewed, Reviewed::Pass(_, true)));
    }
    let labelled = |gate: &Gate| {
        let entries = gate.entries().into_iter();
        entries
            .filter(|entry| matches!(&entry.event, Event::Labelled(left) if left.labels.len() == 1))
            .count()
    };
    assert_eq!(labelled(&gate), 1, "before the first one went on, and once");
    pending
        .complete(PastOutcome::Allowed, None, "")
        .await
        .unwrap();
    let Event::Completed(completed) = gate.entries().pop().unwrap().event else {
        panic!("{:?}", gate.entries())
    };
    assert_eq!(
        (completed.opinions.len(), completed.opinions[0].edits),
        (1, 200)
    );
}

#[tokio::test]
async fn a_label_that_is_too_long_is_a_fault() {
    // allow with label(["xxx..."]), 129 bytes.
    let long = format!(
        r#"(data (i32.const 64) "\01\00\00\00\80\00\00\00\01")
           (data (i32.const 128) "\01\00\00\00\00\00\00\00\c0\00\00\00\01")
           (data (i32.const 192) "\d0\00\00\00\81")
           (data (i32.const 208) "{}")"#,
        "x".repeat(129)
    );
    let config = binding("label", "authority = [\"allow\", \"label\"]");
    for (label, denies) in [(long.clone(), true), (long.replace("\\81", "\\80"), false)] {
        let gate = Gate::started(&config, &[("label.wasm", judge(&label))]).await;
        let ruling = gate.tool("1", "{}").await;
        if denies {
            assert_eq!(denied(ruling).reason, Reason::PolicyFault);
            assert!(gate.labels().is_empty());
        } else {
            drop(permit(ruling));
            assert_eq!(gate.labels(), ["x".repeat(128)]);
        }
    }
}

#[tokio::test]
async fn refused_calls_count_as_sessions_too() {
    let config = format!(
        "[limits]\ntracked_sessions_max = 2\nhistory_calls_max = 3\n{}",
        binding("deny", "")
    );
    let mut gate = Gate::started(&config, &[("deny.wasm", judge(DENY))]).await;
    let ask = async |gate: &Gate, session: &str| {
        let mut call = gate.call("1", "{}");
        call.grant.session = session.into();
        denied(gate.ask(call).await).reason
    };
    for session in ["session", "other", "session", "session", "session"] {
        assert_eq!(ask(&gate, session).await, Reason::Forbidden);
    }
    assert_eq!(ask(&gate, "third").await, Reason::Overloaded);
    assert!(
        !gate.decisions().pop().unwrap().judged,
        "no policy was asked"
    );
    assert_eq!(gate.context_of("third").1.len(), 0);
    assert_eq!(gate.context().1.len(), 3);
    gate.stop();
    gate.start().await;
    assert_eq!(
        ask(&gate, "third").await,
        Reason::Overloaded,
        "after a restart"
    );
    assert_eq!(ask(&gate, "other").await, Reason::Forbidden);
}
