//! Signing in and out, and making the account that one signs in to.

use bytes::Bytes;
use gatewright_policy::Timestamp;
use hyper::header::SET_COOKIE;
use hyper::{HeaderMap, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::accounts::{Account, ChangeError, is_name};
use crate::challenges::{ANSWERED_WITHIN, Question, random};
use crate::cookies::Cookie;
use crate::desk::{Desk, Visitor};
use crate::passkey::{Assertion, PasskeyError, Registration, encoded};
use crate::reply::{Body, Refused, answer, see_other};
use crate::sessions::LIFE_MAX;

/// What somebody types to make their account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enrolling {
    code: String,
    /// Counts where the code does not name the account.
    name: String,
}

/// What a passkey is asked to sign in.
pub(crate) fn ask_who(desk: &Desk) -> Result<Response<Body>, Refused> {
    let now = desk.now();
    if !desk.asking.allows(now) {
        return Err(too_often());
    }
    let challenge = random::<32>().map_err(failed)?;
    let asked = desk
        .challenges
        .ask(challenge.to_vec(), Question::SignIn, now);
    asked.map_err(|full| Refused::new(StatusCode::TOO_MANY_REQUESTS, full.to_string()))?;
    Ok(answer(&question(desk, &challenge)))
}

/// Signs in.
pub(crate) fn sign_in(
    desk: &Desk,
    headers: &HeaderMap,
    assertion: &Assertion,
) -> Result<Response<Body>, Refused> {
    let challenge = assertion.challenge().map_err(not_proved)?;
    let question = desk.challenges.take(&challenge, desk.now());
    if question != Some(Question::SignIn) {
        return Err(unknown_question());
    }
    let account = desk.accounts.with_passkey(&assertion.id).ok_or_else(|| {
        Refused::new(
            StatusCode::FORBIDDEN,
            "this passkey belongs to no account here",
        )
    })?;
    prove(desk, &account, assertion, &challenge)?;
    if account.subject.is_some() {
        let why = "this passkey signs what you decide; sign in where your team does";
        return Err(Refused::new(StatusCode::FORBIDDEN, why));
    }
    tracing::info!(account = account.name, "signed in to the console");
    begin(desk, headers, &account.name, desk.now())
}

/// Whether an account's own passkey answered a challenge. What it counts is kept before
/// anything rests on it.
pub(crate) fn prove(
    desk: &Desk,
    account: &Account,
    assertion: &Assertion,
    challenge: &[u8],
) -> Result<(), Refused> {
    let passkey = account.passkeys.iter().find(|it| it.id == assertion.id);
    let passkey = passkey.ok_or_else(|| not_proved(PasskeyError::Signature))?;
    let counter = assertion.verify(passkey, challenge, &desk.party);
    let counter = counter.map_err(not_proved)?;
    if counter != passkey.counter {
        let counted = desk.accounts.counted(&passkey.id, counter);
        counted.map_err(|error| not_changed(&error))?;
    }
    Ok(())
}

/// What a passkey is asked to make, for somebody who has a code.
pub(crate) fn ask_new(desk: &Desk, enrolling: &Enrolling) -> Result<Response<Body>, Refused> {
    let now = desk.now();
    if !desk.codes.allows(now) {
        return Err(too_often());
    }
    let Some((code, invite)) = desk.invites.find(&enrolling.code, now) else {
        tracing::warn!("somebody typed a code that is not good");
        return Err(bad_code());
    };
    let name = invite.name.unwrap_or_else(|| enrolling.name.clone());
    if !is_name(&name) {
        let why = "a name has letters, digits and -_.@:+, at most 64 of them";
        return Err(Refused::new(StatusCode::BAD_REQUEST, why));
    }
    if desk.accounts.find(&name).is_some() {
        return Err(not_changed(&ChangeError::NameTaken));
    }
    let challenge = random::<32>().map_err(failed)?;
    let handle = random::<16>().map_err(failed)?;
    let asked = Question::Enrol {
        code,
        name: name.clone(),
        handle: handle.to_vec(),
    };
    let asked = desk.challenges.ask(challenge.to_vec(), asked, now);
    asked.map_err(|full| Refused::new(StatusCode::TOO_MANY_REQUESTS, full.to_string()))?;
    let mut question = question(desk, &challenge);
    if let Value::Object(members) = &mut question {
        members.insert("name".to_owned(), json!(name));
        members.insert("handle".to_owned(), json!(encoded(&handle)));
    }
    Ok(answer(&question))
}

/// Makes the account, and signs in to it.
pub(crate) fn enrol(
    desk: &Desk,
    headers: &HeaderMap,
    registration: &Registration,
) -> Result<Response<Body>, Refused> {
    let now = desk.now();
    let challenge = registration.challenge().map_err(not_proved)?;
    let question = desk.challenges.take(&challenge, now);
    let Some(Question::Enrol { code, name, handle }) = question else {
        return Err(unknown_question());
    };
    let passkey = registration.verify(&challenge, &desk.party, now);
    let passkey = passkey.map_err(not_proved)?;
    let invite = desk.invites.take(&code, now).ok_or_else(bad_code)?;
    let account = Account {
        name,
        subject: None,
        handle,
        rights: invite.rights,
        roles: invite.roles,
        created_at: now,
        passkeys: vec![passkey],
    };
    let name = account.name.clone();
    desk.accounts
        .add(account)
        .map_err(|error| not_changed(&error))?;
    tracing::info!(account = name, "an account of the console was made");
    begin(desk, headers, &name, now)
}

/// Signs out.
pub(crate) fn sign_out(desk: &Desk, visitor: &Visitor) -> Response<Body> {
    desk.sessions.end(&visitor.token);
    let mut response = see_other("/");
    if let Some(cookie) = desk.set_cookie(Cookie::Session, None) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// What the script hands to the browser.
pub(crate) fn question(desk: &Desk, challenge: &[u8]) -> Value {
    json!({
        "challenge": encoded(challenge),
        "rpId": desk.party.id,
        "timeout": u64::try_from(ANSWERED_WITHIN.as_millis()).unwrap_or(u64::MAX),
    })
}

/// A new session: one that the browser had before is over.
fn begin(
    desk: &Desk,
    headers: &HeaderMap,
    account: &str,
    now: Timestamp,
) -> Result<Response<Body>, Refused> {
    if let Some(before) = desk.token(headers) {
        desk.sessions.end(&before);
    }
    let token = desk.sessions.begin(account, LIFE_MAX, now);
    let token = token.map_err(failed)?;
    let mut response = answer(&json!({}));
    if let Some(cookie) = desk.set_cookie(Cookie::Session, Some(token.as_str())) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

pub(crate) fn too_often() -> Refused {
    let why = "that was tried too often; try again in a minute";
    Refused::new(StatusCode::TOO_MANY_REQUESTS, why)
}

pub(crate) fn not_proved(error: PasskeyError) -> Refused {
    Refused::new(StatusCode::FORBIDDEN, error.to_string())
}

pub(crate) fn unknown_question() -> Refused {
    let why = "this was answered already, or too late; try again";
    Refused::new(StatusCode::FORBIDDEN, why)
}

pub(crate) fn not_changed(error: &ChangeError) -> Refused {
    let status = match error {
        ChangeError::File(_) | ChangeError::Random(_) => StatusCode::INTERNAL_SERVER_ERROR,
        ChangeError::NameTaken
        | ChangeError::PasskeyTaken
        | ChangeError::Renamed
        | ChangeError::HasPasskey
        | ChangeError::Full
        | ChangeError::Unknown
        | ChangeError::LastOperator => StatusCode::CONFLICT,
    };
    Refused::new(status, error.to_string())
}

fn bad_code() -> Refused {
    let why = "this code is not good: it was used, or is older than half an hour, or was mistyped";
    Refused::new(StatusCode::FORBIDDEN, why)
}

fn failed(error: getrandom::Error) -> Refused {
    Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

/// The header with the token of a form, of what a script sends.
pub(crate) fn form_token(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-form-token")?.to_str().ok()
}

/// Bodies of requests, whoever brings them.
pub(crate) trait Sent:
    hyper::body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send
{
}

impl<B> Sent for B where
    B: hyper::body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
        + Send
{
}
