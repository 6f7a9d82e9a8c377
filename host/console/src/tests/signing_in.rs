//! Signing in at an identity provider, and the passkey that signs afterwards.

use hyper::header::SET_COOKIE;
use hyper::{Method, StatusCode};
use serde_json::json;

use super::browser::{Browser, Seen};
use super::idp::{ISSUER, Idp, NOW, back};
use super::{Bench, approval};
use crate::accounts::{Right, Subject};
use crate::oidc::NotReached;
use crate::passkey::encoded;
use crate::passkey::tests::{Device, register};

pub(super) fn has_session(seen: &Seen) -> bool {
    let mut cookies = seen.headers.get_all(SET_COOKIE).iter();
    cookies.any(|cookie| cookie.to_str().unwrap().starts_with("gatewright-console="))
}

pub(super) async fn make_passkey(browser: &mut Browser<'_>, device: &Device) -> Result<Seen, Seen> {
    browser.get("/passkey").await;
    let challenge = browser.challenge("/passkey/challenge", &json!({})).await?;
    let made = register(device, &challenge);
    let made = json!({
        "authenticatorData": encoded(&made.authenticator_data),
        "clientDataJSON": encoded(&made.client_data),
    });
    Ok(browser.post("/passkey", &made).await)
}

#[tokio::test]
async fn somebody_signs_in_makes_a_passkey_and_decides_with_it_alone() {
    let idp = Idp::new();
    let bench = Bench::with(idp.sign_in());
    let mut browser = Browser::new(&bench);
    let first = browser.get("/").await;
    assert!(
        first
            .text
            .contains("Sign in with <bdi class=\"text\">login.example.com"),
        "{}",
        first.text
    );
    let way = idp.begin(&mut browser).await;
    assert!(
        way.url
            .starts_with("https://login.example.com/authorize?response_type=code&")
    );
    assert_eq!(way.query["client_id"], "console");
    assert_eq!(way.query["scope"], "openid groups");
    assert_eq!(way.query["code_challenge_method"], "S256");
    let exactly = "http://localhost:8702/sign-in/oidc/back";
    assert_eq!(way.query["redirect_uri"], exactly);
    let flow = browser.flow.clone().unwrap();
    assert!(!way.url.contains(flow.split_once('=').unwrap().1));

    let code = idp.agree(&way);
    let seen = browser.get(&back(&way, &code)).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.text);
    assert!(has_session(&seen) && seen.text.contains("0; url=/passkey"));
    assert!(browser.flow.is_none(), "its cookie is taken back");
    let kim = bench.desk.accounts.find("user:kim").unwrap();
    let subject = Subject {
        issuer: ISSUER.to_owned(),
        id: "sub-of-kim".to_owned(),
    };
    assert_eq!(kim.subject, Some(subject));
    assert_eq!(
        (kim.rights, kim.roles),
        (vec![Right::Approve], vec!["finance".to_owned()])
    );

    // Without a passkey there is no signature, and without one no decision.
    let waiting = approval("one", "transfer 1200");
    let asked = json!({ "choice": "approve", "reason": "", "shown": waiting.shown });
    bench.waiting.approvals.lock().unwrap().push(waiting);
    let page = browser.get("/approvals/one").await;
    assert!(
        page.text.contains("Make the passkey that you sign with"),
        "{}",
        page.text
    );
    let refused = browser.challenge("/approvals/one/challenge", &asked).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("no passkey to sign with"));

    let mut device = Device::new(&bench.desk.party);
    let made = make_passkey(&mut browser, &device).await.unwrap();
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    device.counter += 1;
    browser.get("/approvals/one").await;
    let challenge = browser
        .challenge("/approvals/one/challenge", &asked)
        .await
        .unwrap();
    let answer = serde_json::to_value(device.sign(&challenge)).unwrap();
    let decided = browser.post("/approvals/one", &answer).await;
    assert_eq!(decided.status, StatusCode::OK, "{}", decided.text);
    {
        let decided = bench.waiting.decided.lock().unwrap();
        let (by, statement, _) = &decided[0];
        let roles = ["finance".to_owned()];
        assert_eq!((by.name.as_str(), &*by.roles), ("user:kim", &roles[..]));
        assert_eq!(statement.approver, "user:kim");
    }

    // It opens nothing: who may come in says the identity provider.
    device.counter += 1;
    let refused = Browser::new(&bench).sign_in(&mut device).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!has_session(&refused) && refused.text.contains("where your team does"));
}

#[tokio::test]
async fn what_an_identity_provider_signs_counts_for_this_sign_in_alone() {
    let idp = Idp::new();
    let bench = Bench::with(idp.sign_in());
    for (what, header, claims, expected) in [
        (
            "another nonce",
            json!({}),
            json!({ "nonce": "n" }),
            "`nonce` is not of the sign-in",
        ),
        (
            "another issuer",
            json!({}),
            json!({ "iss": "https://evil.example" }),
            "`iss` is not the issuer",
        ),
        (
            "another client",
            json!({}),
            json!({ "aud": "other" }),
            "for another audience",
        ),
        (
            "two clients",
            json!({}),
            json!({ "aud": ["console", "other"] }),
            "for another audience",
        ),
        (
            "another party",
            json!({}),
            json!({ "azp": "other" }),
            "`azp` is another client",
        ),
        (
            "over",
            json!({}),
            json!({ "exp": NOW, "iat": NOW - 60 }),
            "expired at",
        ),
        (
            "old",
            json!({}),
            json!({ "iat": NOW - 3600 }),
            "`iat` is too long ago",
        ),
        (
            "early",
            json!({}),
            json!({ "nbf": NOW + 60 }),
            "not valid before",
        ),
        (
            "nobody",
            json!({}),
            json!({ "sub": null }),
            "`sub` is missing",
        ),
        (
            "not signed",
            json!({ "alg": "none" }),
            json!({}),
            "`alg` is not one of its issuer",
        ),
        (
            "an HMAC",
            json!({ "alg": "HS256" }),
            json!({}),
            "`alg` is not one of its issuer",
        ),
        (
            "another algorithm",
            json!({ "alg": "ES384" }),
            json!({}),
            "`alg` is not one of its issuer",
        ),
        (
            "another key",
            json!({ "kid": "two" }),
            json!({}),
            "a key that its issuer does not have",
        ),
        (
            "an access token",
            json!({ "typ": "at+jwt" }),
            json!({}),
            "`typ` is not the one of an ID token",
        ),
        (
            "its own key",
            json!({ "jwk": idp.jwk() }),
            json!({}),
            "`jwk` brings a key",
        ),
    ] {
        bench.step(2_000);
        *idp.header.lock().unwrap() = header;
        let mut browser = Browser::new(&bench);
        let seen = idp.whole(&mut browser, claims).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{what}: {}", seen.text);
        assert!(seen.text.contains(expected), "{what}: {}", seen.text);
        assert!(!has_session(&seen), "{what}");
    }
    assert!(bench.desk.accounts.is_empty());
}

#[tokio::test]
async fn a_browser_comes_back_once_to_where_it_began_from_whom_was_asked() {
    let idp = Idp::new();
    let bench = Bench::with(idp.sign_in());
    let mut kim = Browser::new(&bench);
    let mut begun = Vec::new();
    for _ in 0..10 {
        begun.push((idp.begin(&mut kim).await, kim.flow.clone()));
    }
    let mut ways = begun.into_iter();
    let mut next = || {
        let (way, flow) = ways.next().unwrap();
        let code = idp.agree(&way);
        (back(&way, &code), flow, way, code)
    };
    let refused = async |url: &str, flow: Option<String>| {
        let mut browser = Browser::new(&bench);
        browser.flow = flow;
        let seen = browser.get(url).await;
        assert!(
            !has_session(&seen) && !seen.status.is_success(),
            "{url}: {}",
            seen.text
        );
        (seen.status.as_u16(), seen.text)
    };
    // A browser that did not begin it: a link that somebody was given.
    let (url, flow, ..) = next();
    let (status, text) = refused(&url, None).await;
    assert!(
        status == 403 && text.contains("begun in another browser"),
        "{text}"
    );
    let (status, text) = refused(&url, flow).await;
    assert!(
        status == 403 && text.contains("over, or was not begun here"),
        "{text}"
    );
    let (url, ..) = next();
    let (_, other, ..) = next();
    assert!(
        refused(&url, other)
            .await
            .1
            .contains("begun in another browser")
    );
    // What it says must be whole, and of whom was asked.
    let (url, flow, ..) = next();
    let (status, text) = refused(&format!("{url}&code=b"), flow.clone()).await;
    assert!(status == 400 && text.contains("twice"), "{text}");
    let (url, flow, ..) = next();
    let other = url.replace("login.example.com", "evil.example");
    assert!(
        refused(&other, flow)
            .await
            .1
            .contains("another identity provider")
    );
    let (url, flow, ..) = next();
    let unnamed = url.split("&iss=").next().unwrap();
    assert!(
        refused(unnamed, flow)
            .await
            .1
            .contains("another identity provider")
    );
    for (error, said) in [
        ("access_denied", "did not sign you in: access_denied"),
        ("%3Cscript%3E", "did not sign you in: it does not say why"),
    ] {
        let (url, flow, ..) = next();
        let (status, text) = refused(&format!("{url}&error={error}"), flow).await;
        assert!(status == 403 && text.contains(said), "{text}");
        assert!(!text.contains("<script>"), "{text}");
    }
    // A code that was used, with a sign-in of its own.
    let (url, flow, _, used) = next();
    kim.flow = flow;
    assert_eq!(kim.get(&url).await.status, StatusCode::OK);
    let (_, flow, way, _) = next();
    let (status, text) = refused(&back(&way, &used), flow).await;
    assert!(
        status == 502 && text.contains("cannot be asked now"),
        "{text}"
    );
    // Without anything, with another state, and too late.
    assert_eq!(refused("/sign-in/oidc/back", None).await.0, 403);
    assert_eq!(
        refused("/sign-in/oidc/back?state=x&code=y", None).await.0,
        403
    );
    bench.step(60_000);
    let way = idp.begin(&mut kim).await;
    let code = idp.agree(&way);
    bench.step(600_000);
    assert!(
        refused(&back(&way, &code), kim.flow.clone())
            .await
            .1
            .contains("over")
    );
}

#[tokio::test]
async fn nobody_begins_a_sign_in_from_elsewhere_or_where_there_is_none() {
    let idp = Idp::new();
    let bench = Bench::with(idp.sign_in());
    let mut browser = Browser::new(&bench);
    let foreign = [("origin", "https://evil.example")];
    let forged = browser
        .send(Method::POST, "/sign-in/oidc", &foreign, String::new())
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let followed = browser.get("/sign-in/oidc").await;
    assert_eq!(followed.status, StatusCode::UNAUTHORIZED);
    assert!(browser.flow.is_none());
    // Where its page has a query already.
    if let Ok(places) = &mut *idp.places.lock().unwrap() {
        places.authorization = format!("{ISSUER}/authorize?p=one");
    }
    let way = idp.begin(&mut browser).await;
    assert!(way.url.contains("/authorize?p=one&response_type=code"));
    *idp.places.lock().unwrap() = Err(NotReached("s3cret".to_owned()));
    let down = browser.submit("/sign-in/oidc", &[]).await;
    assert_eq!(down.status, StatusCode::BAD_GATEWAY);
    assert!(!down.text.contains("s3cret"));
    let mut last = StatusCode::OK;
    for _ in 0..80 {
        last = browser.submit("/sign-in/oidc", &[]).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);

    let bench = Bench::new();
    let mut browser = Browser::new(&bench);
    for seen in [
        browser.submit("/sign-in/oidc", &[]).await,
        browser.get("/sign-in/oidc/back?state=a&code=b").await,
    ] {
        assert_eq!(seen.status, StatusCode::NOT_FOUND);
    }
}
