//! Deciding on a held call.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::browser::Browser;
use super::{Bench, approval};
use crate::accounts::Right;
use crate::approvals::{Choice, Stand, Voted};
use gatewright_policy::{Digest, Timestamp};

fn deciding(choice: &str, reason: &str, text: &str) -> Value {
    json!({ "choice": choice, "reason": reason, "shown": Digest::of(text.as_bytes()) })
}

#[tokio::test]
async fn a_decision_is_a_signature_over_what_was_shown() {
    let bench = Bench::new();
    let (mut browser, device) = Browser::signed_in(&bench, "kim", &[Right::Approve]).await;
    bench
        .waiting
        .approvals
        .lock()
        .unwrap()
        .push(approval("1", "amount: 1200"));
    let list = browser.get("/approvals").await;
    assert!(list.text.contains("Transfer 1200 EUR?"), "{}", list.text);
    let page = browser.get("/approvals/1").await;
    for shown in [
        "amount: 1200",
        "pay:transfer",
        "more than 1000",
        "user:lee",
        "limits",
        "finance",
    ] {
        assert!(page.text.contains(shown), "{shown}");
    }
    let asked = deciding("reject", " not today ", "amount: 1200");
    let challenge = browser
        .challenge("/approvals/1/challenge", &asked)
        .await
        .ok()
        .unwrap();
    let answer = serde_json::to_value(device.sign(&challenge)).unwrap();
    let decided = browser.post("/approvals/1", &answer).await;
    assert!(
        decided.text.contains("\"stand\":\"rejected\""),
        "{}",
        decided.text
    );
    {
        let taken = bench.waiting.decided.lock().unwrap();
        let (by, statement, assertion) = &taken[0];
        assert_eq!((&*by.name, &*statement.approver), ("kim", "kim"));
        assert_eq!(
            (statement.choice, &*statement.reason),
            (Choice::Reject, "not today")
        );
        assert_eq!(statement.shown, Digest::of(b"amount: 1200"));
        assert_eq!(assertion.challenge().unwrap(), challenge);
    }
    let replayed = browser.post("/approvals/1", &answer).await;
    assert_eq!(replayed.status, StatusCode::FORBIDDEN);
    assert_eq!(bench.waiting.decided.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_decides_what_they_did_not_see_or_may_not_decide() {
    let bench = Bench::new();
    let (mut browser, device) = Browser::signed_in(&bench, "kim", &[Right::Approve]).await;
    let (mut looker, looks) = Browser::signed_in(&bench, "lee", &[Right::Operate]).await;
    bench
        .waiting
        .approvals
        .lock()
        .unwrap()
        .push(approval("1", "text"));
    bench
        .waiting
        .approvals
        .lock()
        .unwrap()
        .push(approval("2", "text"));
    let long = "a".repeat(501);
    let cases = [
        (
            "/approvals/1/challenge",
            deciding("approve", "", "other"),
            StatusCode::CONFLICT,
        ),
        (
            "/approvals/3/challenge",
            deciding("approve", "", "text"),
            StatusCode::NOT_FOUND,
        ),
        (
            "/approvals/1/challenge",
            deciding("maybe", "", "text"),
            StatusCode::BAD_REQUEST,
        ),
        (
            "/approvals/1/challenge",
            deciding("approve", &long, "text"),
            StatusCode::BAD_REQUEST,
        ),
        (
            "/approvals/1/challenge",
            deciding("approve", "a\u{7}b", "text"),
            StatusCode::BAD_REQUEST,
        ),
        (
            "/approvals/1/challenge",
            json!({ "choice": "approve" }),
            StatusCode::BAD_REQUEST,
        ),
    ];
    for (path, body, expected) in cases {
        let refused = browser.challenge(path, &body).await.err().unwrap();
        assert_eq!(refused.status, expected, "{body}");
    }
    let asked = deciding("approve", "", "text");
    let refused = looker.challenge("/approvals/1/challenge", &asked).await;
    assert_eq!(refused.err().unwrap().status, StatusCode::FORBIDDEN);
    let page = looker.get("/approvals/1").await;
    assert!(!page.text.contains("value=\"approve\""), "{}", page.text);

    // For another call, by another person, with another passkey, or too late.
    let mut question = async || {
        browser
            .challenge("/approvals/1/challenge", &asked)
            .await
            .ok()
            .unwrap()
    };
    let (one, two, three) = (
        question().await,
        {
            bench.step(1);
            question().await
        },
        {
            bench.step(1);
            question().await
        },
    );
    let sign = |challenge: &[u8]| serde_json::to_value(device.sign(challenge)).unwrap();
    let moved = browser.post("/approvals/2", &sign(&one)).await;
    assert_eq!(moved.status, StatusCode::FORBIDDEN);
    let mut other = device.sign(&two);
    other.id = looks.id();
    let other = serde_json::to_value(other).unwrap();
    assert_eq!(
        browser.post("/approvals/1", &other).await.status,
        StatusCode::FORBIDDEN
    );
    bench.step(121_000);
    let late = browser.post("/approvals/1", &sign(&three)).await;
    assert_eq!(late.status, StatusCode::FORBIDDEN);
    assert!(bench.waiting.decided.lock().unwrap().is_empty());

    *bench.waiting.refuse.lock().unwrap() = Some("requester");
    let challenge = browser
        .challenge("/approvals/1/challenge", &asked)
        .await
        .ok()
        .unwrap();
    let refused = browser.post("/approvals/1", &sign(&challenge)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.text.contains("whom a call is made for"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn a_page_without_a_decision_to_make_has_no_button_for_it() {
    let bench = Bench::new();
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &[Right::Approve]).await;
    let button = "value=\"approve\"";
    let mut settled = approval("1", "text");
    settled.stand = Stand::Granted {
        use_by: Timestamp(1_800_000_100_000),
    };
    let mut voted = approval("2", "text");
    voted.votes.push(Voted {
        by: "kim".to_owned(),
        choice: Choice::Approve,
        reason: "seen".to_owned(),
        at: Timestamp(1_800_000_000_000),
    });
    let mut unallowed = approval("3", "text");
    unallowed.allowed = false;
    bench
        .waiting
        .approvals
        .lock()
        .unwrap()
        .extend([settled, voted, unallowed]);
    assert!(!browser.get("/approvals/1").await.text.contains(button));
    assert!(!browser.get("/approvals/2").await.text.contains(button));
    let page = browser.get("/approvals/3").await;
    assert!(page.text.contains("Approving does not make this call."));
    let gone = browser.get("/approvals/4").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_an_agent_wrote_is_inert_visible_and_cut() {
    let bench = Bench::new();
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &[Right::Approve]).await;
    let text = format!(
        "<script>alert(1)</script> </pre> \u{202e}0021 p\u{430}ypal \u{200b}{}",
        "a".repeat(3 << 20)
    );
    let mut hostile = approval("1", &text);
    hostile.agent = "\"><img src=x onerror=alert(1)>".to_owned();
    hostile.asks[0].ask.title = "<b>Pay</b>\u{202e}".to_owned();
    bench.waiting.approvals.lock().unwrap().push(hostile);
    for path in ["/approvals", "/approvals/1"] {
        let page = browser.get(path).await.text;
        for raw in ["<script>alert", "<img", "<b>Pay", "\u{202e}", "\u{200b}"] {
            assert!(!page.contains(raw), "{path} has {raw:?}");
        }
        assert!(page.contains("U+202E"), "{path}");
    }
    let page = browser.get("/approvals/1").await.text;
    assert!(page.len() < 400_000, "{}", page.len());
    assert!(page.contains("bytes in all"));
    assert!(page.contains("U+0430: a letter of another alphabet"));
}
