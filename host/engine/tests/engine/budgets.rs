//! What policies read of budgets: what earlier calls left, as the record says, and the same
//! when they are judged again.

use gatewright_engine::Ruling;
use gatewright_engine::ledger::record_keys;
use gatewright_engine::payloads::{PayloadReader, PayloadStore};
use gatewright_engine::rejudge::{JudgedAgain, NotJudged, judge_again};
use gatewright_policy::record::{CallPayload, PayloadKind, RecordKeys};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{BudgetRead, DecisionKind, Reason};

use crate::gate::{ALLOW, Gate, binding, denied, grant, judge, permit};
use crate::spenders::{curious, spender};

const KEEP: &str = "[audit.payloads]\n[[audit.payloads.keep]]\ntools = [\"files:*\"]\n";

/// A binding of the spender, with so much in its budget.
fn limited(limit: u64) -> String {
    let more = format!(
        "authority = [\"allow\", \"deny\", \"charge\"]\n\
         budgets = {{ calls = {{ limit = {limit}, window = \"1h\" }} }}"
    );
    binding("spender", &more) + KEEP
}

async fn started() -> Gate {
    Gate::started(&limited(2), &[("spender.wasm", spender())]).await
}

/// What the policy of each decision read.
fn reads(gate: &Gate) -> Vec<BudgetRead> {
    let decisions = gate.decisions().into_iter();
    let opinions = decisions.flat_map(|decided| decided.opinions);
    opinions.flat_map(|opinion| opinion.budgets).collect()
}

fn keys(gate: &Gate) -> RecordKeys {
    record_keys(&gate.ledger_path()).unwrap().unwrap()
}

/// The calls that were kept, in order.
fn kept(gate: &Gate) -> Vec<CallPayload> {
    let folder = PayloadStore::folder(&gate.loaded()).unwrap();
    let mut reader = PayloadReader::open(&folder).unwrap();
    let kept = gate.decisions().into_iter().map(|decided| {
        let committed = decided.kept.unwrap();
        let text = reader.text(&keys(gate), (&decided.id, PayloadKind::Call), &committed);
        serde_json::from_str(&text.unwrap()).unwrap()
    });
    kept.collect()
}

/// Every kept call, judged again by what is active now.
async fn again(gate: &Gate) -> Vec<Result<Vec<JudgedAgain>, NotJudged>> {
    let (snapshot, keys) = (gate.engine().snapshot(), keys(gate));
    let mut judged = Vec::new();
    for call in kept(gate) {
        judged.push(judge_again(&snapshot, &keys, &call).await);
    }
    judged
}

/// A call that goes ahead and is answered.
async fn goes_ahead(gate: &Gate, id: &str) {
    let (_, _, pending) = permit(gate.tool(id, "{}").await).redeem();
    let ended = pending.complete(PastOutcome::Allowed, None, "").await;
    ended.unwrap();
}

/// Two calls that go ahead, and a third that the policy itself denies.
async fn spend_all(gate: &Gate) {
    for id in ["1", "2"] {
        goes_ahead(gate, id).await;
    }
    let denial = denied(gate.tool("3", "{}").await);
    assert_eq!(
        (denial.reason, denial.message.as_str()),
        (Reason::Forbidden, "spent")
    );
}

#[tokio::test]
async fn a_policy_reads_what_earlier_calls_spent_and_the_record_says_so() {
    let mut gate = started().await;
    spend_all(&gate).await;
    // A restart counts the same.
    gate.stop();
    gate.start().await;
    denied(gate.tool("4", "{}").await);
    let reads = reads(&gate);
    let spent: Vec<_> = reads.iter().map(|read| read.spent).collect();
    assert_eq!(spent, [0, 1, 2, 2]);
    for read in &reads {
        assert_eq!(
            (read.budget.as_str(), read.limit, read.window_seconds),
            ("calls", 2, 3600)
        );
        assert!(read.key.starts_with("keyed:"), "{read:?}");
    }
}

#[tokio::test]
async fn calls_are_judged_again_with_what_was_read_then() {
    let gate = started().await;
    spend_all(&gate).await;
    for (judged, decided) in again(&gate).await.into_iter().zip(gate.decisions()) {
        let judged = judged.unwrap();
        assert_eq!(judged[0].opinions, decided.opinions, "fuel included");
        assert_eq!(judged[0].decision, decided.decision);
    }
    let entries = gate.entries().len();
    // Half as much: the second call would have been one too many.
    gate.configure(&limited(1));
    gate.engine().activate(&gate.loaded()).await.unwrap();
    let judged = again(&gate).await;
    let decisions: Vec<_> = judged
        .iter()
        .map(|it| it.as_ref().unwrap()[0].decision)
        .collect();
    let expected = [DecisionKind::Allow, DecisionKind::Deny, DecisionKind::Deny];
    assert_eq!(decisions, expected);
    assert_eq!(gate.entries().len(), entries + 1, "an activation");
}

#[tokio::test]
async fn a_call_is_not_judged_again_by_who_wants_to_know_more_than_was_read() {
    let allow = binding("allow", "") + KEEP;
    let components = [("allow.wasm", judge(ALLOW)), ("spender.wasm", spender())];
    let gate = Gate::started(&allow, &components).await;
    goes_ahead(&gate, "1").await;
    gate.configure(&limited(2));
    gate.engine().activate(&gate.loaded()).await.unwrap();
    let judged = again(&gate).await;
    assert!(
        matches!(judged.as_slice(), [Err(NotJudged::Budget)]),
        "{judged:?}"
    );
}

#[tokio::test]
async fn what_is_read_is_not_kept_of_a_call_that_is_masked() {
    let config = limited(2) + "mask = [\"/path\"]\n";
    let gate = Gate::started(&config, &[("spender.wasm", spender())]).await;
    goes_ahead(&gate, "1").await;
    let (_, _, pending) = permit(gate.tool("2", r#"{"path":"/a"}"#).await).redeem();
    let ended = pending.complete(PastOutcome::Allowed, None, "").await;
    ended.unwrap();
    let kept = kept(&gate);
    let counts: Vec<_> = kept
        .iter()
        .map(|call| call.names[0].budgets.len())
        .collect();
    assert_eq!(counts, [1, 0]);
}

#[tokio::test]
async fn a_budget_that_is_not_set_is_a_fault() {
    let gate = Gate::started(&binding("spender", ""), &[("spender.wasm", spender())]).await;
    let denial = denied(gate.tool("1", "{}").await);
    assert_eq!(denial.reason, Reason::PolicyFault);
    assert_eq!(reads(&gate), []);
}

#[tokio::test]
async fn each_budget_that_a_policy_reads_is_looked_up() {
    let budgets = "budgets = { calls = { limit = 2, window = \"1h\" } }";
    for (count, goes_on) in [(8, true), (9, false)] {
        let config = binding("curious", budgets);
        let gate = Gate::started(&config, &[("curious.wasm", curious(count))]).await;
        let ruling = gate.tool("1", "{}").await;
        assert_eq!(matches!(ruling, Ruling::Permitted(_)), goes_on, "{count}");
        assert_eq!(reads(&gate).len(), 8);
    }
}

#[tokio::test]
async fn a_list_is_filtered_by_what_is_left() {
    let gate = started().await;
    let visible = async || {
        let snapshot = gate.engine().snapshot();
        let server = snapshot.server("files").unwrap();
        let names = ["read".to_owned()];
        let at = gate.engine().now();
        let grant = grant(&["files:*"]);
        let engine = gate.engine();
        engine
            .visible(&snapshot, &grant, server, "tools/list", &names, at)
            .await
    };
    assert_eq!(visible().await, [true]);
    spend_all(&gate).await;
    assert_eq!(visible().await, [false]);
}
