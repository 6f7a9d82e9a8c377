//! The passkey of somebody who signs in at an identity provider: made once, right after a
//! sign-in. With it they sign what they decide, and nothing else.

use std::time::Duration;

use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use crate::accounts::Account;
use crate::challenges::{Question, random};
use crate::desk::{Desk, Visitor};
use crate::enter::{not_changed, not_proved, question, too_often, unknown_question};
use crate::pages::{self, Frame};
use crate::passkey::{Registration, encoded};
use crate::reply::{Body, Refused, answer, page};

/// A session that is older makes no passkey: whoever sits down at it later is somebody else.
const SIGNED_IN_WITHIN: Duration = Duration::from_secs(600);

/// The page where it is made.
pub(crate) fn look(desk: &Desk, visitor: &Visitor) -> Response<Body> {
    let frame = Frame::new(desk, Some(visitor), "Your passkey", "");
    let may = may_make(desk, visitor).map_err(|refused| refused.why);
    page(StatusCode::OK, pages::own_passkey(&frame, &may))
}

/// What a passkey is asked to be made for.
pub(crate) fn ask(desk: &Desk, visitor: &Visitor) -> Result<Response<Body>, Refused> {
    let now = desk.now();
    if !desk.deciding.allows(now) {
        return Err(too_often());
    }
    may_make(desk, visitor)?;
    let account = &visitor.account;
    let failed = |error: getrandom::Error| {
        Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    };
    let challenge = random::<32>().map_err(failed)?;
    let asked = Question::Own {
        account: account.name.clone(),
    };
    let asked = desk.challenges.ask(challenge.to_vec(), asked, now);
    asked.map_err(|full| Refused::new(StatusCode::TOO_MANY_REQUESTS, full.to_string()))?;
    let mut question = question(desk, &challenge);
    if let Value::Object(members) = &mut question {
        members.insert("name".to_owned(), json!(account.name));
        members.insert("handle".to_owned(), json!(encoded(&account.handle)));
    }
    Ok(answer(&question))
}

/// Keeps it.
pub(crate) fn keep(
    desk: &Desk,
    visitor: &Visitor,
    registration: &Registration,
) -> Result<Response<Body>, Refused> {
    let now = desk.now();
    let challenge = registration.challenge().map_err(not_proved)?;
    let Some(Question::Own { account }) = desk.challenges.take(&challenge, now) else {
        return Err(unknown_question());
    };
    if account != visitor.account.name {
        return Err(unknown_question());
    }
    may_make(desk, visitor)?;
    let passkey = registration.verify(&challenge, &desk.party, now);
    let passkey = passkey.map_err(not_proved)?;
    let kept = desk.accounts.bind(&account, passkey);
    kept.map_err(|error| not_changed(&error))?;
    tracing::info!(account, "a passkey was made that signs decisions");
    Ok(answer(&json!({})))
}

fn may_make(desk: &Desk, visitor: &Visitor) -> Result<(), Refused> {
    let Account {
        subject, passkeys, ..
    } = &visitor.account;
    let forbidden = |why| Err(Refused::new(StatusCode::FORBIDDEN, why));
    if subject.is_none() {
        return forbidden("your account was made with its passkey");
    }
    if !passkeys.is_empty() {
        return forbidden(
            "you have a passkey; if it is lost, have whoever operates the console remove your \
             account, and sign in again",
        );
    }
    match desk.now().since(visitor.began) < SIGNED_IN_WITHIN {
        true => Ok(()),
        false => forbidden("sign out and in again first: a passkey is made right after a sign-in"),
    }
}
