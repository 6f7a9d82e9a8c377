//! Whoever signed in at an identity provider: whose account that is, what it may and for how
//! long, and the passkey that is made then.

use hyper::StatusCode;
use serde_json::json;

use super::browser::Browser;
use super::idp::{Idp, NOW, SESSION_MAX};
use super::signing_in::{has_session, make_passkey};
use super::{Bench, account};
use crate::accounts::Right;
use crate::passkey::encoded;
use crate::passkey::tests::{Device, register};

#[tokio::test]
async fn an_account_is_of_its_subject_and_may_what_its_groups_say_now() {
    let idp = Idp::new();
    let bench = Bench::with(idp.sign_in());
    let device = Device::new(&bench.desk.party);
    bench
        .desk
        .accounts
        .add(account("user:lee", &Right::ALL, &device))
        .unwrap();
    let mut kim = Browser::new(&bench);
    assert_eq!(idp.whole(&mut kim, json!({})).await.status, StatusCode::OK);
    let rights = || {
        let kim = bench.desk.accounts.find("user:kim").unwrap();
        (kim.rights, kim.roles.len())
    };
    assert_eq!(rights(), (vec![Right::Approve], 1));
    for (what, claims, said) in [
        (
            "another subject of this name",
            json!({ "sub": "other" }),
            "an account with this name already",
        ),
        (
            "a name that was made here",
            json!({ "sub": "l", "preferred_username": "lee" }),
            "an account with this name already",
        ),
        (
            "another name",
            json!({ "preferred_username": "kimberly" }),
            "calls you something else",
        ),
    ] {
        let refused = idp.whole(&mut Browser::new(&bench), claims).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{what}");
        assert!(refused.text.contains(said), "{what}: {}", refused.text);
        assert!(!has_session(&refused), "{what}");
    }
    for (what, claims, said) in [
        (
            "no name",
            json!({ "preferred_username": "<b>" }),
            "no name here",
        ),
        (
            "no group",
            json!({ "sub": "n", "groups": ["other"] }),
            "in no group",
        ),
        (
            "no groups",
            json!({ "sub": "n", "groups": null }),
            "what login.example.com says of you names none",
        ),
    ] {
        let refused = idp.whole(&mut Browser::new(&bench), claims).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{what}");
        assert!(refused.text.contains(said), "{what}: {}", refused.text);
    }
    // More, less, and nothing: as the last sign-in said, in every session.
    let more = json!({ "groups": ["finance", "oncall"] });
    idp.whole(&mut Browser::new(&bench), more).await;
    assert_eq!(rights(), (Right::ALL.to_vec(), 1));
    let less = json!({ "groups": ["staff"] });
    idp.whole(&mut Browser::new(&bench), less).await;
    assert_eq!(rights(), (vec![], 0));
    assert_eq!(kim.get("/approvals").await.status, StatusCode::OK);
    // Whatever they are called by now.
    let none = json!({ "groups": [], "preferred_username": "kim lee" });
    let refused = idp.whole(&mut Browser::new(&bench), none).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(kim.get("/approvals").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_the_identity_provider_said_counts_for_so_long_whatever_somebody_does() {
    let idp = Idp::new();
    let bench = Bench::with(idp.sign_in());
    let (mut lee, _) = Browser::signed_in(&bench, "lee", &Right::ALL).await;
    let mut kim = Browser::new(&bench);
    idp.whole(&mut kim, json!({})).await;
    let minute = 60_000;
    for _ in 1..SESSION_MAX.as_secs() / 60 {
        bench.step(minute);
        assert_eq!(kim.get("/approvals").await.status, StatusCode::OK);
    }
    bench.step(minute);
    assert_eq!(kim.get("/approvals").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(lee.get("/approvals").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_passkey_is_made_once_right_after_a_sign_in_by_whom_it_is_for() {
    let idp = Idp::new();
    let bench = Bench::with(idp.sign_in());
    let (mut lee, lees) = Browser::signed_in(&bench, "lee", &Right::ALL).await;
    let device = Device::new(&bench.desk.party);
    let refused = make_passkey(&mut lee, &device).await.unwrap_err();
    assert!(
        refused.text.contains("made with its passkey"),
        "{}",
        refused.text
    );
    let mut kim = Browser::new(&bench);
    idp.whole(&mut kim, json!({})).await;
    kim.get("/passkey").await;
    let form_token = std::mem::take(&mut kim.form_token);
    let forged = kim.challenge("/passkey/challenge", &json!({})).await;
    assert_eq!(forged.unwrap_err().status, StatusCode::FORBIDDEN);
    kim.form_token = form_token;
    // Of somebody else, who has it already.
    let taken = make_passkey(&mut kim, &lees).await.unwrap();
    assert_eq!(taken.status, StatusCode::CONFLICT);
    // Asked by one, answered by another.
    let mut jo = Browser::new(&bench);
    let claims = json!({ "sub": "sub-of-jo", "preferred_username": "jo" });
    idp.whole(&mut jo, claims).await;
    jo.get("/passkey").await;
    let challenge = jo
        .challenge("/passkey/challenge", &json!({}))
        .await
        .unwrap();
    let made = register(&device, &challenge);
    let made = json!({
        "authenticatorData": encoded(&made.authenticator_data),
        "clientDataJSON": encoded(&made.client_data),
    });
    assert_eq!(
        kim.post("/passkey", &made).await.status,
        StatusCode::FORBIDDEN
    );
    assert!(
        bench
            .desk
            .accounts
            .find("user:kim")
            .unwrap()
            .passkeys
            .is_empty()
    );
    bench.step(600_000);
    let late = make_passkey(&mut kim, &device).await.unwrap_err();
    assert!(late.text.contains("right after a sign-in"), "{}", late.text);
    let later = json!({ "iat": NOW + 595, "exp": NOW + 900 });
    idp.whole(&mut kim, later).await;
    let made = make_passkey(&mut kim, &device).await.unwrap();
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let another = Device::new(&bench.desk.party);
    let second = make_passkey(&mut kim, &another).await.unwrap_err();
    assert!(
        second.text.contains("you have a passkey"),
        "{}",
        second.text
    );
}
