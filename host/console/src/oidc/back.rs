//! A browser comes back from the identity provider.

use std::time::Duration;

use gatewright_policy::credential::{IdTokenRules, SignedIn, verify_id_token};
use hyper::header::SET_COOKIE;
use hyper::{HeaderMap, Response, StatusCode};

use super::begin::{not_here, redirect_uri, unreached};
use super::flow::Flow;
use super::means::{Means, means};
use super::provider::{NotReached, SignIn};
use crate::accounts::{Account, Right, Subject, Vouched};
use crate::cookies::Cookie;
use crate::desk::Desk;
use crate::enter::not_changed;
use crate::pages::{self, Frame};
use crate::reply::{Body, Refused, page};

/// What may be wrong at the identity provider (RFC 6749, 4.1.2.1; OpenID Connect Core,
/// 3.1.2.6). Nothing else that it says is shown: anybody can write such a link.
const ERRORS: [&str; 11] = [
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_request",
    "invalid_scope",
    "login_required",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_response_type",
];

/// What the URL says.
#[derive(Default)]
struct Answer {
    state: Option<String>,
    code: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
}

/// Signs in whoever comes back, or says why not. What was begun is over in any case.
pub(crate) async fn came_back(
    desk: &Desk,
    headers: &HeaderMap,
    query: &str,
) -> Result<Response<Body>, Refused> {
    let sign_in = desk.sign_in.as_ref().ok_or_else(not_here)?;
    let answer = Answer::read(query)?;
    let flow = flow_of(desk, headers, &answer)?;
    let code = code_of(sign_in, &flow, answer)?;
    let signed_in = ask(desk, sign_in, &flow, &code).await?;
    let names_groups = !signed_in.groups.is_empty();
    let known = means(&signed_in, &sign_in.name_prefix, &sign_in.groups)
        .map_err(|error| Refused::new(StatusCode::FORBIDDEN, error.to_string()))?;
    let subject = Subject {
        issuer: sign_in.issuer.clone(),
        id: signed_in.subject,
    };
    let account = match known {
        Some(known) => account_of(desk, subject, known)?,
        None => return Err(disowned(desk, sign_in, &subject, names_groups)),
    };
    enter(desk, headers, &account, sign_in.session_max)
}

/// The sign-in that this browser began.
fn flow_of(desk: &Desk, headers: &HeaderMap, answer: &Answer) -> Result<Flow, Refused> {
    let state = answer.state.as_deref();
    let flow = state.and_then(|state| desk.flows.take(state, desk.now()));
    let flow = flow.ok_or_else(|| {
        let why = "this sign-in is over, or was not begun here; begin again";
        Refused::new(StatusCode::FORBIDDEN, why)
    })?;
    match desk.read_cookie(Cookie::Flow, headers) {
        Some(browser) if flow.is_of(&browser) => Ok(flow),
        Some(_) | None => {
            tracing::warn!("a sign-in came back to a browser that did not begin it");
            let why = "this sign-in was begun in another browser; begin again";
            Err(Refused::new(StatusCode::FORBIDDEN, why))
        }
    }
}

/// The code, from the identity provider that was asked.
fn code_of(sign_in: &SignIn, flow: &Flow, answer: Answer) -> Result<String, Refused> {
    let is_other = match &answer.issuer {
        Some(issuer) => *issuer != sign_in.issuer,
        None => flow.places.names_itself,
    };
    if is_other {
        tracing::warn!("another identity provider answered to a sign-in");
        let why = "another identity provider answered than was asked; begin again";
        return Err(Refused::new(StatusCode::FORBIDDEN, why));
    }
    if let Some(error) = &answer.error {
        let known = ERRORS.into_iter().find(|known| known == error);
        let why = format!(
            "{} did not sign you in: {}",
            sign_in.host(),
            known.unwrap_or("it does not say why")
        );
        return Err(Refused::new(StatusCode::FORBIDDEN, why));
    }
    let none = || Refused::new(StatusCode::FORBIDDEN, "there is no code; begin again");
    answer.code.filter(|code| !code.is_empty()).ok_or_else(none)
}

/// Who it is, as the identity provider signed.
async fn ask(desk: &Desk, sign_in: &SignIn, flow: &Flow, code: &str) -> Result<SignedIn, Refused> {
    let not_reached = |error: NotReached| {
        tracing::warn!(%error, "a sign-in was not finished");
        Refused::new(StatusCode::BAD_GATEWAY, unreached(sign_in))
    };
    let (provider, places) = (&sign_in.provider, &flow.places);
    let back = redirect_uri(desk);
    let token = provider.redeem(places, code, &flow.verifier, &back).await;
    let token = token.map_err(not_reached)?;
    let keys = provider.keys(places).await.map_err(not_reached)?;
    let rules = IdTokenRules {
        issuer: &sign_in.issuer,
        client_id: &sign_in.client_id,
        nonce: &flow.nonce,
        algorithms: &sign_in.algorithms,
        name: &sign_in.name,
        groups: &sign_in.groups_claim,
    };
    verify_id_token(&token, &keys, &rules, desk.now()).map_err(|error| {
        let why = error.unquoted();
        tracing::warn!(%why, "an ID token was refused");
        let why = format!("what {} says of you does not count: {why}", sign_in.host());
        Refused::new(StatusCode::FORBIDDEN, why)
    })
}

/// The account of a subject, with what they may do from now on.
fn account_of(desk: &Desk, subject: Subject, known: Means) -> Result<Account, Refused> {
    let vouched = Vouched {
        subject,
        name: known.name,
        rights: known.rights,
        roles: known.roles,
    };
    let vouched = desk.accounts.vouch(vouched, desk.now());
    vouched.map_err(|error| not_changed(&error))
}

/// Takes everything from a subject that is in no group: their sessions end.
fn disowned(desk: &Desk, sign_in: &SignIn, subject: &Subject, names_groups: bool) -> Refused {
    match desk.accounts.disown(subject) {
        Err(error) => return not_changed(&error),
        Ok(None) => {}
        Ok(Some(name)) => {
            desk.sessions.end_all(&name);
            tracing::warn!(
                account = name,
                "an account lost its groups, and with them its rights"
            );
        }
    }
    let why = "you are in no group that may use this console";
    let why = match names_groups {
        true => why.to_owned(),
        false => format!(
            "{why}: what {} says of you names none; hint: whoever runs the gate has it put them \
             into the ID token, in the claim of `console.oidc.groups_claim`",
            sign_in.host()
        ),
    };
    Refused::new(StatusCode::FORBIDDEN, why)
}

/// A new session, for a page that loads itself once more: what comes from another site
/// brings no cookie of a session along.
fn enter(
    desk: &Desk,
    headers: &HeaderMap,
    account: &Account,
    session_max: Duration,
) -> Result<Response<Body>, Refused> {
    if let Some(before) = desk.token(headers) {
        desk.sessions.end(&before);
    }
    let begun = desk.sessions.begin(&account.name, session_max, desk.now());
    let token = begun
        .map_err(|error| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    tracing::info!(account = account.name, "signed in to the console");
    let next = match account.may(Right::Approve) && account.passkeys.is_empty() {
        true => "/passkey",
        false => "/approvals",
    };
    let frame = Frame::new(desk, None, "Gatewright", "");
    let mut response = page(StatusCode::OK, pages::again(&frame, next));
    let cookies = [
        desk.set_cookie(Cookie::Session, Some(token.as_str())),
        desk.set_cookie(Cookie::Flow, None),
    ];
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

impl Answer {
    /// Each at most once: of two nobody can say which was meant.
    fn read(query: &str) -> Result<Self, Refused> {
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "state" => &mut answer.state,
                "code" => &mut answer.code,
                "iss" => &mut answer.issuer,
                "error" => &mut answer.error,
                _other => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                let why = "the answer of the identity provider says something twice";
                return Err(Refused::new(StatusCode::BAD_REQUEST, why));
            }
        }
        Ok(answer)
    }
}
