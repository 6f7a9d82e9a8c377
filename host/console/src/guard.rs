//! What holds for every request and every answer: one host, one origin, and nothing on a
//! page but what the console itself serves.

use hyper::header::{HOST, HeaderName, HeaderValue, ORIGIN};
use hyper::{HeaderMap, Method, Response, StatusCode, Uri};

use crate::passkey::RelyingParty;
use crate::reply::{Body, Refused};

/// Says where a request comes from. A page cannot set it.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// On every answer.
const HEADERS: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), \
         geolocation=(), microphone=()",
    ),
    ("x-robots-tag", "noindex"),
];

/// Whether a request comes to the console under its name, and from one of its own pages
/// where it wants something done.
pub(crate) fn check(
    party: &RelyingParty,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), Refused> {
    let authority = party.origin.split_once("://").map(|(_, rest)| rest);
    let host = only(headers, &HOST)?;
    let host = uri
        .authority()
        .map_or(host, |authority| Some(authority.as_str()));
    if host.map(str::to_ascii_lowercase).as_deref() != authority {
        let why = format!("the console is at {}", party.origin);
        return Err(Refused::new(StatusCode::MISDIRECTED_REQUEST, why));
    }
    let foreign = || Refused::new(StatusCode::FORBIDDEN, "this came from another page");
    let site = only(headers, &SEC_FETCH_SITE)?;
    let is_own = match only(headers, &ORIGIN)? {
        // A form of a page that sends no referrer: its origin is hidden too.
        Some("null") | None => site == Some("same-origin"),
        Some(origin) => origin == party.origin,
    };
    let only_looks = method == Method::GET && headers.get(&ORIGIN).is_none();
    match is_own || only_looks {
        true => Ok(()),
        false => Err(foreign()),
    }
}

/// Whether somebody follows a link on a page of another site: cookies do not come along.
pub(crate) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers
        .get(SEC_FETCH_SITE)
        .is_some_and(|it| it == "cross-site")
}

/// Dresses an answer.
pub(crate) fn protect(response: &mut Response<Body>) {
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
}

fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refused> {
    let bad = || {
        Refused::new(
            StatusCode::BAD_REQUEST,
            "a header is there twice, or no text",
        )
    };
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(bad());
    }
    first
        .map(|value| value.to_str().map_err(|_| bad()))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(method: &Method, headers: &[(&'static str, &str)]) -> u16 {
        let party = RelyingParty {
            id: "localhost".to_owned(),
            origin: "http://localhost:8702".to_owned(),
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        let checked = check(&party, method, &Uri::from_static("/"), &map);
        checked.map_or_else(|refused| refused.status.as_u16(), |()| 200)
    }

    #[test]
    fn only_its_own_name_and_its_own_pages() {
        let host = ("host", "localhost:8702");
        let (own, same) = (
            ("origin", "http://localhost:8702"),
            ("sec-fetch-site", "same-origin"),
        );
        type Case<'a> = (&'a Method, &'a [(&'static str, &'a str)], u16);
        let cases: [Case<'_>; 17] = [
            (&Method::GET, &[host], 200),
            (&Method::GET, &[("host", "LOCALHOST:8702")], 200),
            (&Method::GET, &[], 421),
            (&Method::GET, &[("host", "evil.example:8702")], 421),
            (&Method::GET, &[("host", "127.0.0.1:8702")], 421),
            (&Method::GET, &[("host", "localhost")], 421),
            (&Method::GET, &[host, host], 400),
            (
                &Method::GET,
                &[host, ("origin", "https://evil.example")],
                403,
            ),
            (&Method::GET, &[host, own], 200),
            (&Method::POST, &[host], 403),
            (&Method::POST, &[host, own], 200),
            (&Method::POST, &[host, own, own], 400),
            (&Method::POST, &[host, ("origin", "null")], 403),
            (&Method::POST, &[host, ("origin", "null"), same], 200),
            (&Method::POST, &[host, ("sec-fetch-site", "same-site")], 403),
            (
                &Method::POST,
                &[host, ("origin", "https://evil.example"), same],
                403,
            ),
            (&Method::POST, &[("host", "evil.example"), own], 421),
        ];
        for (at, (method, headers, expected)) in cases.into_iter().enumerate() {
            assert_eq!(checked(method, headers), expected, "case {at}");
        }
    }
}
