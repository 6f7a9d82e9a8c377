//! A browser goes to the identity provider.

use hyper::header::SET_COOKIE;
use hyper::{Response, StatusCode};

use super::flow::NotBegun;
use super::provider::SignIn;
use crate::cookies::Cookie;
use crate::desk::Desk;
use crate::enter::too_often;
use crate::pages::{self, Frame};
use crate::reply::{Body, Refused, page};

/// Where the identity provider sends browsers back to: this, and nothing else.
pub(super) const BACK: &str = "/sign-in/oidc/back";

/// Sends a browser there. What it needs to come back goes with it, in the URL and in a
/// cookie; neither opens anything by itself.
pub(crate) async fn begin(desk: &Desk) -> Result<Response<Body>, Refused> {
    let sign_in = desk.sign_in.as_ref().ok_or_else(not_here)?;
    let now = desk.now();
    if !desk.asking.allows(now) {
        return Err(too_often());
    }
    let places = sign_in.provider.places().await.map_err(|error| {
        tracing::warn!(%error, "nobody can sign in at the identity provider");
        Refused::new(StatusCode::BAD_GATEWAY, unreached(sign_in))
    })?;
    let authorization = places.authorization.clone();
    let begun = desk.flows.begin(places, now).map_err(|error| {
        let status = match error {
            NotBegun::Full => StatusCode::TOO_MANY_REQUESTS,
            NotBegun::Random(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Refused::new(status, error.to_string())
    })?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &sign_in.client_id)
        .append_pair("redirect_uri", &redirect_uri(desk))
        .append_pair("scope", &sign_in.scopes.join(" "))
        .append_pair("state", &begun.state)
        .append_pair("nonce", &begun.nonce)
        .append_pair("code_challenge", &begun.code_challenge)
        .append_pair("code_challenge_method", "S256");
    let mark = if authorization.contains('?') {
        '&'
    } else {
        '?'
    };
    let url = format!("{authorization}{mark}{}", query.finish());
    let frame = Frame::new(desk, None, "Sign in", "");
    let mut response = page(StatusCode::OK, pages::leave(&frame, sign_in.host(), &url));
    if let Some(cookie) = desk.set_cookie(Cookie::Flow, Some(&begun.browser)) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The URI that the identity provider knows, byte for byte.
pub(super) fn redirect_uri(desk: &Desk) -> String {
    format!("{}{BACK}", desk.party.origin)
}

pub(super) fn not_here() -> Refused {
    let why = "nobody signs in like this here; use a passkey";
    Refused::new(StatusCode::NOT_FOUND, why)
}

pub(super) fn unreached(sign_in: &SignIn) -> String {
    format!(
        "{} cannot be asked now; the log of the gate says why",
        sign_in.host()
    )
}
