//! Making accounts, signing in and out.

use hyper::StatusCode;
use hyper::header::SET_COOKIE;
use serde_json::json;

use super::browser::Browser;
use super::{Bench, account};
use crate::accounts::{Invite, Right};
use crate::passkey::tests::{Device, register};
use crate::passkey::{Registration, encoded};

fn code(bench: &Bench, name: Option<&str>) -> String {
    let invite = Invite {
        name: name.map(str::to_owned),
        rights: Right::ALL.to_vec(),
        roles: vec!["finance".to_owned()],
    };
    bench
        .desk
        .invites
        .invite(invite, bench.desk.now())
        .unwrap()
        .0
}

fn written(registration: &Registration) -> serde_json::Value {
    json!({
        "authenticatorData": encoded(&registration.authenticator_data),
        "clientDataJSON": encoded(&registration.client_data),
    })
}

#[tokio::test]
async fn the_first_account_is_made_with_the_code_and_signs_in_again() {
    let bench = Bench::new();
    let code = code(&bench, None);
    let mut browser = Browser::new(&bench);
    assert!(
        browser
            .get("/")
            .await
            .text
            .contains("Make the first account")
    );
    let mut device = Device::new(&bench.desk.party);
    let asked = json!({ "code": code.to_lowercase(), "name": "kim" });
    let challenge = browser
        .challenge("/enrol/challenge", &asked)
        .await
        .ok()
        .unwrap();
    let made = browser
        .post("/enrol", &written(&register(&device, &challenge)))
        .await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    assert_eq!(browser.get("/approvals").await.status, StatusCode::OK);
    let kim = bench.desk.accounts.find("kim").unwrap();
    assert_eq!(
        (kim.rights, kim.roles),
        (Right::ALL.to_vec(), vec!["finance".to_owned()])
    );

    let again = browser.challenge("/enrol/challenge", &asked).await;
    assert_eq!(
        again.err().unwrap().status,
        StatusCode::FORBIDDEN,
        "the code was used"
    );
    device.counter += 1;
    let mut elsewhere = Browser::new(&bench);
    assert_eq!(elsewhere.sign_in(&mut device).await.status, StatusCode::OK);
    assert_eq!(elsewhere.get("/health").await.status, StatusCode::OK);
    let out = elsewhere.submit("/sign-out", &[]).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(
        elsewhere.get("/health").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(browser.get("/health").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_is_refused_when_it_is_wrong_late_or_tried_too_often() {
    let bench = Bench::new();
    let good = code(&bench, Some("kim"));
    let mut browser = Browser::new(&bench);
    let refused = |code: &str| json!({ "code": code, "name": "kim" });
    let wrong = browser
        .challenge("/enrol/challenge", &refused("0000-0000-0000-0000"))
        .await;
    assert_eq!(wrong.err().unwrap().status, StatusCode::FORBIDDEN);
    let mut last = StatusCode::OK;
    for _ in 0..20 {
        let tried = browser
            .challenge("/enrol/challenge", &refused("1111"))
            .await;
        last = tried.err().unwrap().status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let held_up = browser.challenge("/enrol/challenge", &refused(&good)).await;
    assert_eq!(held_up.err().unwrap().status, StatusCode::TOO_MANY_REQUESTS);
    bench.step(60_000);
    let challenge = browser
        .challenge("/enrol/challenge", &refused(&good))
        .await
        .ok()
        .unwrap();
    // It ends between the question and the answer.
    bench.step(119_000);
    let device = Device::new(&bench.desk.party);
    let answer = written(&register(&device, &challenge));
    bench.step(1_000);
    let late = browser.post("/enrol", &answer).await;
    assert_eq!(late.status, StatusCode::FORBIDDEN, "the question is over");
    bench.step(30 * 60_000);
    let over = browser.challenge("/enrol/challenge", &refused(&good)).await;
    assert_eq!(
        over.err().unwrap().status,
        StatusCode::FORBIDDEN,
        "the code is over"
    );
    assert!(bench.desk.accounts.is_empty());
}

#[tokio::test]
async fn only_a_passkey_of_an_account_signs_in_and_an_answer_counts_once() {
    let bench = Bench::new();
    let (mut browser, mut device) = Browser::signed_in(&bench, "kim", &[]).await;
    let mut stranger = Device::new(&bench.desk.party);
    let refused = Browser::new(&bench).sign_in(&mut stranger).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.headers.get(SET_COOKIE).is_none());

    let challenge = browser
        .challenge("/sign-in/challenge", &json!({}))
        .await
        .ok()
        .unwrap();
    let answer = serde_json::to_value(device.sign(&challenge)).unwrap();
    let mut thief = Browser::new(&bench);
    assert_eq!(thief.post("/sign-in", &answer).await.status, StatusCode::OK);
    let replayed = Browser::new(&bench).post("/sign-in", &answer).await;
    assert_eq!(replayed.status, StatusCode::FORBIDDEN, "answered already");

    // A copy of the passkey that is behind.
    device.counter = 1;
    let copy = Browser::new(&bench).sign_in(&mut device).await;
    assert!(copy.text.contains("counts backwards"), "{}", copy.text);
    let own = b"chosen by whoever wants in";
    let answer = serde_json::to_value(device.sign(own)).unwrap();
    let unasked = Browser::new(&bench).post("/sign-in", &answer).await;
    assert_eq!(unasked.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_session_is_a_cookie_that_nobody_else_sets_or_reads() {
    let bench = Bench::new();
    let device = Device::new(&bench.desk.party);
    bench
        .desk
        .accounts
        .add(account("kim", &[], &device))
        .unwrap();
    let mut device = device;
    let cookie =
        |seen: &super::browser::Seen| seen.headers[SET_COOKIE].to_str().unwrap().to_owned();
    let mut browser = Browser::new(&bench);
    let first = cookie(&browser.sign_in(&mut device).await);
    assert!(first.starts_with("gatewright-console="), "{first}");
    assert!(
        first.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{first}"
    );
    let old = browser.cookie.clone();
    let second = cookie(&browser.sign_in(&mut device).await);
    assert_ne!(first, second);
    let new = std::mem::replace(&mut browser.cookie, old.clone());
    assert_eq!(
        browser.get("/health").await.status,
        StatusCode::UNAUTHORIZED
    );
    // Set beside it by a neighbour on another port.
    browser.cookie = Some(format!("{}; {}", new.clone().unwrap(), old.unwrap()));
    assert_eq!(
        browser.get("/health").await.status,
        StatusCode::UNAUTHORIZED
    );
    browser.cookie = new;
    assert_eq!(browser.get("/health").await.status, StatusCode::OK);
    bench.step(31 * 60_000);
    assert_eq!(
        browser.get("/health").await.status,
        StatusCode::UNAUTHORIZED
    );

    let bench = Bench::at("https://gate.example.com");
    let mut device = Device::new(&bench.desk.party);
    bench
        .desk
        .accounts
        .add(account("kim", &[], &device))
        .unwrap();
    let over_tls = cookie(&Browser::new(&bench).sign_in(&mut device).await);
    assert!(over_tls.starts_with("__Host-gatewright="), "{over_tls}");
    assert!(
        over_tls.ends_with("; SameSite=Strict; Secure"),
        "{over_tls}"
    );
}

#[tokio::test]
async fn whoever_operates_invites_and_removes() {
    let bench = Bench::new();
    let (mut kim, _) = Browser::signed_in(&bench, "kim", &Right::ALL).await;
    let fields = [
        ("name", "lee"),
        ("approve", "yes"),
        ("roles", "owner, finance"),
    ];
    let invited = kim.submit("/accounts/invite", &fields).await;
    let (_, rest) = invited.text.split_once("<p class=\"code\">").unwrap();
    let code = rest.split('<').next().unwrap();
    let mut lee = Browser::new(&bench);
    // The name is the one of the invitation, whatever is typed.
    let asked = json!({ "code": code, "name": "kim" });
    let challenge = lee
        .challenge("/enrol/challenge", &asked)
        .await
        .ok()
        .unwrap();
    let device = Device::new(&bench.desk.party);
    let made = lee
        .post("/enrol", &written(&register(&device, &challenge)))
        .await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let account = bench.desk.accounts.find("lee").unwrap();
    assert_eq!(
        (account.rights, account.roles.len()),
        (vec![Right::Approve], 2)
    );

    assert_eq!(lee.get("/accounts").await.status, StatusCode::OK);
    for path in ["/accounts/invite", "/accounts/remove"] {
        let refused = lee.submit(path, &[("name", "kim")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(
        kim.submit("/accounts/remove", &[("name", "lee")])
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(lee.get("/accounts").await.status, StatusCode::UNAUTHORIZED);
    let last = kim.submit("/accounts/remove", &[("name", "kim")]).await;
    assert_eq!(last.status, StatusCode::CONFLICT, "nobody could operate it");
}
