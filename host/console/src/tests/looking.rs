//! Looking at what happened.

use std::time::Duration;

use gatewright_policy::approval::NotTaken;
use gatewright_policy::record::{ApprovalEvent, ApprovalUse, Event, UseOfApproval};
use gatewright_policy::{DecisionKind, Reason, Timestamp};
use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::body::Body as _;
use tokio::time::Instant;

use super::Bench;
use super::browser::Browser;
use crate::desk::Visitor;
use crate::record::tests::{completed, decided, denied, id};
use crate::watch;

const NOW: u64 = 1_800_000_000_000;

#[tokio::test]
async fn every_page_says_what_to_do_where_there_is_nothing() {
    let bench = Bench::new();
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &[]).await;
    for (page, next) in [
        ("/approvals", "Nothing waits for you"),
        ("/approvals/history", "Nobody was asked yet"),
        ("/approvals/history?by=nobody", "Nothing fits"),
        ("/decisions", "Nothing was decided yet"),
        ("/decisions?agent=nobody", "Nothing fits"),
        ("/policies", "No policy is bound"),
        ("/agents", "No agent was here"),
        ("/agents?owner=nobody", "No agent is like this"),
        ("/health", "files"),
        ("/accounts", "kim"),
    ] {
        let seen = browser.get(page).await;
        assert_eq!(seen.status, StatusCode::OK, "{page}");
        assert!(seen.text.contains(next), "{page}: {}", seen.text);
        assert_eq!(seen.text.matches("<h1").count(), 1, "{page}");
    }
    let wrong = browser.get("/decisions?decision=maybe").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        browser.get("/decisions/../etc").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_decision_is_explained() {
    let bench = Bench::new();
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &[]).await;
    let (one, two) = (id(NOW, 1), id(NOW, 2));
    bench.record.push(
        NOW,
        Event::Decided(decided(&one, "bot\u{202e}", "<b>read</b>")),
    );
    bench.record.push(NOW, Event::Completed(completed(&one)));
    bench
        .record
        .push(NOW, Event::Decided(denied(&two, "bot", "write")));
    let list = browser.get("/decisions").await.text;
    assert!(
        list.contains("files:&lt;b&gt;read") && list.contains("U+202E"),
        "{list}"
    );
    assert!(list.contains(&format!("/decisions/{one}")));
    let page = browser.get(&format!("/decisions/{one}")).await.text;
    for shown in [
        "Allowed",
        "How it ended",
        "blake3:",
        "gatewright log --format json --id",
        &one,
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let page = browser.get(&format!("/decisions/{two}")).await.text;
    assert!(
        page.contains("forbidden") && !page.contains("How it ended"),
        "{page}"
    );
    let filtered = browser.get("/decisions?decision=deny").await.text;
    assert!(filtered.contains(&two) && !filtered.contains(&one));
}

#[tokio::test]
async fn the_history_and_the_decision_say_what_became_of_a_call() {
    let bench = Bench::new();
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &[]).await;
    let (held, ran, again) = (id(NOW, 1), id(NOW, 2), id(NOW, 3));
    let mut asked = decided(&held, "bot", "transfer");
    asked.decision = DecisionKind::Hold;
    asked.reason = Some(Reason::ApprovalRequired);
    bench.record.push(NOW, Event::Decided(asked));
    let refused = ApprovalEvent::Refused {
        held: held.clone(),
        approver: Some("sam\u{202e}".to_owned()),
        why: NotTaken::WrongRole,
    };
    bench.record.push(NOW, Event::Approval(Box::new(refused)));
    for (id, what, made_by) in [
        (&ran, ApprovalUse::Consumed, None),
        (&again, ApprovalUse::OutcomeGiven, Some(ran.clone())),
    ] {
        let mut used = decided(id, "bot", "transfer");
        if what == ApprovalUse::OutcomeGiven {
            used.decision = DecisionKind::Deny;
            used.reason = Some(Reason::ApprovalUsed);
        }
        used.approval = Some(UseOfApproval {
            held: held.clone(),
            what,
            approvers: vec!["olga".to_owned()],
            until: Timestamp(NOW + 600_000),
            decide_by: Timestamp(NOW + 600_000),
            outcome_until: made_by.is_none().then_some(Timestamp(NOW + 600_000)),
            made_by,
        });
        bench.record.push(NOW, Event::Decided(used));
    }
    let all = browser.get("/approvals/history").await.text;
    for shown in [
        "Not again",
        "Went ahead",
        "Not taken",
        "wrong-role",
        "U+202E",
        "olga",
        "files:transfer",
    ] {
        assert!(all.contains(shown), "{shown}: {all}");
    }
    let some = browser
        .get("/approvals/history?what=went-ahead&by=o*")
        .await;
    assert!(some.text.contains(&ran) && !some.text.contains(&again));
    let wrong = browser.get("/approvals/history?what=everything").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let page = browser.get(&format!("/decisions/{again}")).await.text;
    for shown in ["was not made again", "olga", &ran, &held] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
}

#[tokio::test]
async fn a_million_decisions_cost_a_page_no_more_than_a_few() {
    let bench = Bench::new();
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &[]).await;
    {
        let id = id(NOW, 1);
        bench
            .record
            .push(NOW, Event::Decided(decided(&id, "bot", "read")));
        let mut lines = bench.record.0.lock().unwrap();
        let line = lines[0].clone();
        let numbered = |number| line.replace("\"sequence\":0", &format!("\"sequence\":{number}"));
        *lines = (0..1_000_000).map(numbered).collect();
    }
    for page in ["/approvals", "/decisions", "/decisions?decision=deny"] {
        let began = Instant::now();
        let seen = browser.get(page).await;
        assert_eq!(seen.status, StatusCode::OK);
        assert!(
            began.elapsed() < Duration::from_millis(100),
            "{page}: {:?}",
            began.elapsed()
        );
    }
}

#[tokio::test]
async fn what_is_recorded_comes_in_live_and_ends_with_the_session() {
    let bench = Bench::new();
    let (browser, _) = Browser::signed_in(&bench, "kim", &[]).await;
    let cookie = browser.cookie.clone().unwrap();
    let mut headers = hyper::HeaderMap::new();
    headers.insert("cookie", cookie.parse().unwrap());
    let visitor = || -> Visitor { bench.desk.visitor(&headers).unwrap() };
    let (one, two) = (id(NOW, 1), id(NOW, 2));
    bench
        .record
        .push(NOW, Event::Decided(denied(&id(NOW, 0), "bot", "write")));
    bench
        .record
        .push(NOW, Event::Decided(decided(&one, "bot", "a\nb\u{202e}")));
    bench.record.push(NOW, Event::Completed(completed(&one)));
    bench
        .record
        .push(NOW, Event::Decided(denied(&two, "bot", "write")));
    let kim = visitor();
    let stream = watch::decisions(&bench.desk, &kim, "after=0&decision=allow", &headers);
    let mut body = stream.await.unwrap().into_body();
    let mut next = async || {
        let frame = body.frame().await?.ok()?.into_data().ok()?;
        Some(String::from_utf8(frame.to_vec()).unwrap())
    };
    let first = next().await.unwrap();
    assert!(
        first.starts_with("id: 1\nevent: decision\ndata: {"),
        "{first}"
    );
    assert!(
        first.contains("[U+000A]") && first.contains("[U+202E]"),
        "{first}"
    );
    assert_eq!(first.matches('\n').count(), 4, "{first}");
    let end = next().await.unwrap();
    assert!(end.starts_with("id: 2\nevent: end\n"), "{end}");
    bench.desk.sessions.end(&visitor().token);
    assert_eq!(next().await.unwrap(), "event: over\ndata: 1\n\n");
    assert_eq!(next().await, None);
}

#[tokio::test]
async fn there_are_only_so_many_streams() {
    let bench = Bench::new();
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &[]).await;
    let mut headers = hyper::HeaderMap::new();
    headers.insert("cookie", browser.cookie.clone().unwrap().parse().unwrap());
    let visitor = bench.desk.visitor(&headers).unwrap();
    let mut open = Vec::new();
    while let Ok(stream) = watch::approvals(&bench.desk, &visitor) {
        open.push(stream.into_body());
        assert!(open.len() < 1000, "it never ends");
    }
    assert!(open.iter().all(|stream| !stream.is_end_stream()));
    let full = browser.get("/decisions/live").await;
    assert_eq!(full.status, StatusCode::SERVICE_UNAVAILABLE);
    drop(open);
    assert!(watch::approvals(&bench.desk, &visitor).is_ok());
}
