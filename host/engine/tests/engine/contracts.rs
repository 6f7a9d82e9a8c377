//! Policies of two contracts on one call: those of 0.1 go on as they did, those of 0.2
//! need no power but that for what they do.

use std::fs;
use std::path::Path;

use gatewright_engine::{Reviewed, Ruling};
use gatewright_policy::record::{Completed, Event};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{Decision, Reason, Response, ResponseKind, Verdict};

use crate::gate::{ALLOW, Gate, binding, denied, document, grant, judge, permit, result};

/// A component that was built against 0.2.0.
fn released(name: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let path = root.unwrap().join("tests/contracts/0.2.0").join(name);
    fs::read(path).unwrap()
}

/// A policy of 0.1 that allows everything, beside one of 0.2 with this authority.
async fn side_by_side(more: &str) -> Gate {
    let config = binding("old", "") + &binding("new", more);
    let components = [
        ("old.wasm", judge(ALLOW)),
        ("new.wasm", released("policy.wasm")),
    ];
    Gate::started(&config, &components).await
}

/// The policy of 0.2 alone.
async fn alone(more: &str) -> Gate {
    let components = [("new.wasm", released("policy.wasm"))];
    Gate::started(&binding("new", more), &components).await
}

fn told(what: &str) -> String {
    format!(r#"{{"do":"{what}"}}"#)
}

async fn ends(gate: &Gate, id: &str, what: &str, outcome: PastOutcome) {
    let (_, _, pending) = permit(gate.tool(id, &told(what)).await).redeem();
    pending.complete(outcome, None, "").await.unwrap();
}

#[tokio::test]
async fn a_labeller_labels_what_another_policy_allows() {
    let gate = side_by_side("authority = [\"label\"]").await;
    ends(&gate, "1", "label", PastOutcome::Allowed).await;
    assert_eq!(gate.labels(), ["seen"]);
    let decided = &gate.decisions()[0];
    let [old, new] = decided.opinions.as_slice() else {
        panic!("{decided:?}")
    };
    assert_eq!(old.verdict, Some(Verdict::Allow));
    assert_eq!(new.verdict, Some(Verdict::Abstain));
    assert_eq!(new.obligations.len(), 1);
    assert_eq!(new.notes[0].rule, "told", "a described rule is in clear");
    assert!(new.notes[0].text.starts_with("keyed:"), "{new:?}");
    assert_eq!(decided.labels.len(), 1);
}

#[tokio::test]
async fn an_obligation_is_no_allow() {
    let gate = alone("authority = [\"label\"]").await;
    let denial = denied(gate.tool("1", &told("label")).await);
    assert_eq!(denial.reason, Reason::NoPolicy);
    assert_eq!(gate.labels(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_beyond_its_authority_is_a_fault() {
    for (what, authority) in [
        ("allow", "[\"label\"]"),
        ("label", "[\"allow\", \"deny\", \"ask\"]"),
        ("charge", "[\"label\"]"),
        ("declassify", "[\"label\"]"),
        ("redact", "[\"redact\"]"),
        ("deny", "[\"label\"]"),
        ("deny", "[\"deny\"]"),
        ("bad-ask", "[\"ask\"]"),
        ("charge", "[\"charge\"]"),
    ] {
        let gate = side_by_side(&format!("authority = {authority}")).await;
        let denial = denied(gate.tool("1", &told(what)).await);
        assert_eq!(denial.reason, Reason::PolicyFault, "{what} {authority}");
    }
}

#[tokio::test]
async fn what_stands_beside_a_no_is_not_done() {
    let gate = side_by_side("authority = [\"deny\", \"label\"]").await;
    let denial = denied(gate.tool("1", &told("deny")).await);
    assert_eq!(
        (denial.reason, denial.message.as_str()),
        (Reason::Forbidden, "told to")
    );
    assert_eq!(gate.labels(), Vec::<String>::new());
    let noted = &gate.decisions()[0].opinions[1].notes[0].rule;
    assert!(
        noted.starts_with("keyed:"),
        "an undescribed rule may quote: {noted}"
    );
}

#[tokio::test]
async fn labels_come_off_with_the_power_to_declassify() {
    let gate = side_by_side("authority = [\"label\", \"declassify\"]").await;
    ends(&gate, "1", "label", PastOutcome::Allowed).await;
    ends(&gate, "2", "declassify", PastOutcome::Allowed).await;
    assert_eq!(gate.labels(), Vec::<String>::new());
    assert_eq!(gate.decisions()[1].declassified.len(), 1);
}

#[tokio::test]
async fn the_operator_sets_a_budget_that_the_policy_charges() {
    let budgets = "authority = [\"charge\"]\nbudgets = { calls = { limit = 1, window = \"1h\" } }";
    let gate = side_by_side(budgets).await;
    ends(&gate, "1", "charge", PastOutcome::Failed).await;
    let denial = denied(gate.tool("2", &told("charge")).await);
    assert_eq!(denial.reason, Reason::QuotaExceeded);
}

#[tokio::test]
async fn a_charge_with_a_refund_costs_nothing_where_no_answer_came() {
    let gate = side_by_side("authority = [\"charge\"]").await;
    ends(&gate, "1", "refund", PastOutcome::Failed).await;
    ends(&gate, "2", "refund", PastOutcome::Allowed).await;
    let denial = denied(gate.tool("3", &told("refund")).await);
    assert_eq!(denial.reason, Reason::QuotaExceeded);
}

#[tokio::test]
async fn people_who_agree_do_not_stand_in_for_a_policy_that_allows() {
    let asks = "authority = [\"ask\", \"label\"]";
    for (gate, allowed) in [
        (side_by_side(asks).await, true),
        (alone(asks).await, false),
        (
            alone("authority = [\"allow\", \"ask\", \"label\"]").await,
            true,
        ),
    ] {
        let ruling = gate.tool("1", &told("ask")).await;
        let Ruling::Held(ticket) = ruling else {
            panic!("{ruling:?}")
        };
        assert_eq!(ticket.held.allowed, allowed);
        let (_, ask) = &ticket.held.asks[0];
        assert_eq!((ask.quorum, ask.decide_within_seconds), (2, 60));
        let approved = ticket.held.approved();
        assert_eq!(matches!(approved, Decision::Allow(_)), allowed);
    }
}

#[tokio::test]
async fn history_has_ids_and_tells_what_is_under_way() {
    let gate = side_by_side("").await;
    ends(&gate, "1", "", PastOutcome::Allowed).await;
    let (_, _, open) = permit(gate.tool("2", &told("")).await).redeem();
    denied(gate.tool("3", &told("deny")).await);
    let engine = gate.engine();
    let judgement = engine
        .judge(&engine.snapshot(), gate.call("4", &told("facts")))
        .await;
    let lines: Vec<_> = judgement.log().iter().map(|line| &line.message).collect();
    let history = lines.iter().find(|line| line.starts_with("history"));
    assert_eq!(
        history.map(|line| line.as_str()),
        Some(
            "history 3 read Outcome::Denied Some(\"policy_fault\"); \
             2 read Outcome::Pending None; 1 read Outcome::Allowed None"
        )
    );
    assert!(
        lines.iter().any(|line| line.ends_with(" 4 session")),
        "{lines:?}"
    );
    drop(open);
}

#[tokio::test]
async fn a_policy_is_told_that_something_is_only_listed() {
    let gate = alone("authority = [\"deny\"]").await;
    let engine = gate.engine();
    let snapshot = engine.snapshot();
    let server = snapshot.server("files").unwrap();
    let names = ["read".to_owned(), "hidden-1".to_owned()];
    let grant = grant(&["files:*"]);
    let at = engine.now();
    let visible = engine.visible(&snapshot, &grant, server, "tools/list", &names, at);
    assert_eq!(visible.await, [true, false]);
}

#[tokio::test]
async fn a_reviewer_is_told_what_it_sees_and_charges_for_it() {
    let config = binding("old", "")
        + &binding(
            "reviewer",
            "authority = [\"edit\", \"block\", \"label\", \"charge\"]",
        );
    let components = [
        ("old.wasm", judge(ALLOW)),
        ("reviewer.wasm", released("reviewer.wasm")),
    ];
    let gate = Gate::started(&config, &components).await;
    let (_, _, mut pending) = permit(gate.tool("1", "{}").await).redeem();
    let params = document(r#"{"progress":1}"#);
    let early = pending.review_early("notifications/progress", params).await;
    assert!(matches!(early, Reviewed::Pass(_, false)), "{early:?}");
    let text = r#"{"content":[{"type":"text","text":"a secret"}]}"#;
    let passed = pending.review(result(text)).await;
    assert!(matches!(passed, Reviewed::Pass(_, true)), "{passed:?}");
    pending
        .complete(PastOutcome::Allowed, None, "")
        .await
        .unwrap();

    let (_, _, mut pending) = permit(gate.tool("2", "{}").await).redeem();
    let error = Response {
        document: document(r#"{"code":1,"message":"no"}"#),
        kind: ResponseKind::Error,
        is_error: true,
    };
    let withheld = pending.review(error).await;
    assert!(
        matches!(withheld, Reviewed::Withheld { .. }),
        "{withheld:?}"
    );
    let reason = Some(Reason::ResultWithheld);
    pending
        .complete(PastOutcome::Allowed, reason, "")
        .await
        .unwrap();

    let labels = ["error", "failed", "final", "notifications/progress"];
    assert_eq!(gate.labels(), labels, "those of what was blocked too");
    let ended = |entry: gatewright_policy::record::Entry| match entry.event {
        Event::Completed(completed) => Some(completed),
        _ => None,
    };
    let ended: Vec<Completed> = gate.entries().into_iter().filter_map(ended).collect();
    let costs = |completed: &Completed| {
        let settled = completed.settled.as_ref().unwrap();
        settled
            .charges
            .iter()
            .map(|(_, quota)| quota.cost)
            .collect::<Vec<_>>()
    };
    let sizes = [14 + text.len() as u64, 25];
    assert_eq!(
        (costs(&ended[0]), costs(&ended[1])),
        (vec![sizes[0]], vec![sizes[1]])
    );
    assert_eq!(ended[0].opinions[0].notes[0].rule, "seen");
}
