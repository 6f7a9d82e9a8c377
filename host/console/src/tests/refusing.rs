//! What is never done, whoever asks.

use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, ORIGIN};
use hyper::{Method, StatusCode};
use serde_json::json;

use super::browser::Browser;
use super::{Bench, approval};
use crate::accounts::Right;

/// Every page, and every place that something is done.
const PAGES: [&str; 11] = [
    "/",
    "/approvals",
    "/approvals/1",
    "/approvals/news",
    "/decisions",
    "/decisions/1",
    "/decisions/live",
    "/policies",
    "/agents",
    "/health",
    "/accounts",
];

#[tokio::test]
async fn nobody_sees_anything_without_an_account() {
    let bench = Bench::new();
    Browser::signed_in(&bench, "kim", &[]).await;
    bench
        .waiting
        .approvals
        .lock()
        .unwrap()
        .push(approval("1", "secret"));
    for page in PAGES {
        let seen = Browser::new(&bench).get(page).await;
        assert_eq!(seen.status, StatusCode::UNAUTHORIZED, "{page}");
        assert!(
            !seen.text.contains("secret") && !seen.text.contains("kim"),
            "{page}"
        );
    }
    for path in ["/approvals/1/challenge", "/approvals/1"] {
        let seen = Browser::new(&bench).post(path, &json!({})).await;
        assert_eq!(seen.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in ["/sign-out", "/accounts/invite", "/accounts/remove"] {
        let seen = Browser::new(&bench).submit(path, &[]).await;
        assert_eq!(seen.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn every_answer_lets_a_browser_do_as_little_as_can_be() {
    let bench = Bench::new();
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &[]).await;
    let style = bench.desk.assets.style.path.clone();
    for page in PAGES.iter().copied().chain([&*style, "/nowhere", "/enrol"]) {
        let seen = browser.get(page).await;
        let header = |name: &str| seen.headers[name].to_str().unwrap().to_owned();
        let csp = header("content-security-policy");
        for wanted in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(csp.contains(wanted), "{page}: {csp}");
        }
        assert!(!csp.contains("unsafe") && !csp.contains('*'), "{csp}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{page}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{page}");
        let is_kept = page == style;
        assert_eq!(
            header(CACHE_CONTROL.as_str()) != "no-store",
            is_kept,
            "{page}"
        );
        assert!(seen.headers.contains_key(CONTENT_TYPE), "{page}");
        for inline in ["<style", " style=", " onclick", "javascript:"] {
            assert!(
                !seen.text.contains(inline) || is_kept,
                "{page} has {inline}"
            );
        }
        for script in seen.text.split("<script").skip(1) {
            assert!(
                script.starts_with(" defer src=\"/assets/"),
                "{page}: {script}"
            );
        }
    }
}

#[tokio::test]
async fn requests_under_another_name_or_from_another_page_are_refused() {
    let bench = Bench::new();
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &Right::ALL).await;
    let rebound = [(HOST.as_str(), "evil.example:8702")];
    let seen = browser
        .send(Method::GET, "/health", &rebound, String::new())
        .await;
    assert_eq!(seen.status, StatusCode::MISDIRECTED_REQUEST);
    let body = format!("form-token={}&name=kim", browser.form_token);
    let form = (CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded");
    for origin in ["https://evil.example", "http://localhost:9999", "null"] {
        let headers = [(ORIGIN.as_str(), origin), form];
        let seen = browser
            .send(Method::POST, "/accounts/remove", &headers, body.clone())
            .await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{origin}");
    }
    for method in [Method::PUT, Method::DELETE, Method::OPTIONS, Method::HEAD] {
        let headers = [(ORIGIN.as_str(), super::ORIGIN)];
        let seen = browser
            .send(method, "/health", &headers, String::new())
            .await;
        assert_eq!(seen.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn forms_and_scripts_must_bring_the_token_of_their_session() {
    let bench = Bench::new();
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &Right::ALL).await;
    let (other, _) = Browser::signed_in(&bench, "lee", &Right::ALL).await;
    bench
        .waiting
        .approvals
        .lock()
        .unwrap()
        .push(approval("1", "text"));
    for token in ["", "wrong", &other.form_token] {
        for path in ["/sign-out", "/accounts/invite", "/accounts/remove"] {
            // Every page brings the right one.
            token.clone_into(&mut browser.form_token);
            let seen = browser.submit(path, &[("name", "x")]).await;
            assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path} {token}");
        }
        for path in ["/approvals/1/challenge", "/approvals/1"] {
            token.clone_into(&mut browser.form_token);
            let seen = browser.post(path, &json!({})).await;
            assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path} {token}");
        }
    }
    assert_eq!(browser.get("/health").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_sent_is_short_and_what_it_should_be() {
    let bench = Bench::new();
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &Right::ALL).await;
    let long = json!({ "id": "a".repeat(20_000) });
    let cases = [
        (long, StatusCode::PAYLOAD_TOO_LARGE),
        (json!([]), StatusCode::BAD_REQUEST),
        (json!({ "id": "!" }), StatusCode::BAD_REQUEST),
    ];
    for (body, expected) in cases {
        assert_eq!(browser.post("/sign-in", &body).await.status, expected);
    }
    let headers = [
        (ORIGIN.as_str(), super::ORIGIN),
        (CONTENT_TYPE.as_str(), "text/plain"),
    ];
    let plain = browser
        .send(Method::POST, "/sign-in", &headers, "{}".to_owned())
        .await;
    assert_eq!(plain.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let twice = browser
        .submit("/accounts/invite", &[("name", "a"), ("name", "b")])
        .await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn sign_in_is_asked_for_only_so_often() {
    let bench = Bench::new();
    let mut browser = Browser::new(&bench);
    let mut asked = 0;
    while let Ok(_challenge) = browser.challenge("/sign-in/challenge", &json!({})).await {
        asked += 1;
        assert!(asked < 1000, "it never ends");
    }
    assert_eq!(asked, 60);
    bench.step(1000);
    assert!(
        browser
            .challenge("/sign-in/challenge", &json!({}))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_link_of_another_site_is_followed_once_more_with_the_cookie() {
    let bench = Bench::new();
    Browser::signed_in(&bench, "kim", &[]).await;
    let elsewhere = [("sec-fetch-site", "cross-site")];
    let seen = Browser::new(&bench)
        .send(Method::GET, "/approvals/1", &elsewhere, String::new())
        .await;
    assert!(seen.text.contains("http-equiv=\"refresh\" content=\"0\""));
    let own = [("sec-fetch-site", "same-origin")];
    let seen = Browser::new(&bench)
        .send(Method::GET, "/approvals/1", &own, String::new())
        .await;
    assert_eq!(seen.status, StatusCode::UNAUTHORIZED);
    assert!(!seen.text.contains("http-equiv"));
}
