//! The HTTP face: which request is for whom, and whether it is one at all.

use std::sync::Arc;

use gatewright_engine::Snapshot;
use gatewright_engine::config::is_name;
use gatewright_policy::Reason;
use gatewright_policy::credential::TOKEN_BYTES_MAX;
use gatewright_policy::credential::proof::Sent;
use hyper::body::Incoming as HttpBody;
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, EXPECT, HeaderValue,
};
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Version};
use serde_json::json;

use crate::answering::{self, Marks};
use crate::bodies::SumMax;
use crate::body::{self, Body, Bounds};
use crate::call::{Answer, AnswerBody, Bearer, Caller, Incoming, SignIn};
use crate::cors;
use crate::headers::only;
use crate::host::Names;
use crate::identify;
use crate::joined::Joined;
use crate::listener::Visit;
use crate::owner::Owner;
use crate::proofs::Shown;
use crate::proxy::Proxy;
use crate::read::Refusal;
use crate::refusal::{PROOF_ALGORITHMS, plain};

/// Where the tool servers are.
const ENDPOINTS: &str = "/mcp/";

/// Where all of them are at once.
const JOINED: &str = "/mcp";

/// Where clients learn about credentials (RFC 9728).
const METADATA: &str = "/.well-known/oauth-protected-resource";

/// Where clients look for a sign-in that nobody told them of: the endpoints that MCP
/// 2025-03-26 takes for granted.
const SIGN_IN: [&str; 3] = ["/authorize", "/register", "/token"];

/// Answers one HTTP request of an agent. Its body is read only once its headers
/// say who asks and that it is a message, and once there is a seat for it.
pub(crate) async fn serve(
    (proxy, joined): (Arc<Proxy>, Arc<Joined>),
    names: Arc<Names>,
    visit: Arc<Visit>,
    request: Request<HttpBody>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let unread = Unread {
        version: parts.version,
        awaits_leave: parts.headers.contains_key(EXPECT),
        visit: Arc::clone(&visit),
        body,
    };
    let host = match names.check(&parts.uri, &parts.headers) {
        Ok(host) => host,
        Err(refusal) => return unread.refuse(&proxy, nobody(), refusal).await,
    };
    if let Some(answer) = cors::preflight(&parts.method, &parts.headers) {
        return body::response(answer);
    }
    let path = parts.uri.path();
    let base = names.base_url(&host);
    let snapshot = proxy.gate.engine.snapshot();
    if let Some(resource) = path.strip_prefix(METADATA) {
        return body::response(metadata(&base, resource, &parts.method, &snapshot));
    }
    if SIGN_IN.contains(&path) && snapshot.authorization_servers().is_empty() {
        return body::response(nobody_signs_in());
    }
    // A slash at the end names the same endpoint.
    let path = path.strip_suffix('/').unwrap_or(path);
    let one = path.strip_prefix(ENDPOINTS);
    let one = one.filter(|name| !name.is_empty() && !name.contains('/'));
    if one.is_none() && path != JOINED {
        return body::response(plain(StatusCode::NOT_FOUND, None));
    }
    let mut incoming = Incoming {
        server: Arc::from(one.unwrap_or_default()),
        endpoint: Some(format!("{base}{path}")),
        sign_in: sign_in(&base, path, &snapshot),
        headers: parts.headers,
        ..nobody()
    };
    let owner = match caller(&proxy, &snapshot, &incoming, base, &parts.method).await {
        Ok(bearer) => {
            let owner = Owner::of(&bearer.grant);
            let gate = &proxy.gate;
            gate.endings.note(&owner, &bearer.grant, gate.engine.now());
            incoming.caller = Caller::Bearer(bearer);
            owner
        }
        Err(refusal) => return unread.refuse(&proxy, incoming, refusal).await,
    };
    visit.prove();
    if let Caller::Bearer(bearer) = &incoming.caller
        && let Err(refusal) = match one {
            Some(_) => identify::admitted(&proxy.gate.engine, &bearer.grant, &incoming.server),
            None => identify::admitted_anywhere(&proxy.gate.engine, &bearer.grant, &snapshot),
        }
    {
        return unread.refuse(&proxy, incoming, refusal).await;
    }
    let checked = match parts.method {
        Method::POST => check_post(&incoming.headers),
        Method::GET => check_accept(&incoming.headers, &["text/event-stream"]),
        Method::DELETE => Ok(()),
        _other => {
            let allow = Some("GET, POST, DELETE");
            return body::response(plain(StatusCode::METHOD_NOT_ALLOWED, allow));
        }
    };
    match checked {
        Ok(()) => {}
        Err(Unsuitable::Status(status)) => {
            let detail = format!("HTTP status {status}: its content type or what it accepts");
            let refusal = Refusal::new(Reason::MalformedRequest, detail);
            let mut response = unread.refuse(&proxy, incoming, refusal).await;
            *response.status_mut() = status;
            return response;
        }
    }
    match proxy.seat(&snapshot, &owner, false) {
        Ok(seat) => incoming.seat = Some(seat),
        Err(refusal) => return unread.refuse(&proxy, incoming, refusal).await,
    }
    let bounds = Bounds {
        bytes_max: snapshot.limits.body_bytes_max.0,
        sum: SumMax::of_messages(&snapshot.limits),
        within: snapshot.limits.client_timeout.0,
    };
    match body::read(unread.body, &bounds, &proxy.bodies, &owner).await {
        Ok((bytes, held)) => {
            incoming.body = bytes;
            incoming.held = Some(held);
        }
        Err(refusal) => {
            return body::response(Box::pin(proxy.refuse_unread(incoming, refusal)).await);
        }
    }
    if one.is_none() {
        return body::response(match parts.method {
            Method::GET => joined.listen(&proxy, incoming, &owner).await,
            Method::DELETE => joined.end(&proxy, incoming, &owner).await,
            _post => Box::pin(joined.post(&proxy, incoming, &owner)).await,
        });
    }
    body::response(match parts.method {
        Method::GET => answering::alive(Box::pin(proxy.listen(incoming)).await),
        Method::DELETE => Box::pin(proxy.end(incoming)).await,
        _post => answering::post(&proxy, incoming, &owner).await,
    })
}

/// Who asks, and what the headers prove of it.
async fn caller(
    proxy: &Proxy,
    snapshot: &Snapshot,
    incoming: &Incoming,
    base: String,
    verb: &Method,
) -> Result<Bearer, Refusal> {
    let engine = &proxy.gate.engine;
    let (with_proof, token) = credential(&incoming.headers)?;
    let url = incoming.endpoint.clone().unwrap_or_default();
    let bearer = identify::caller(token, [url, base], snapshot, engine).await?;
    let [url, _gate] = &bearer.resources;
    let shown = Shown {
        with_proof,
        sent: Sent {
            verb: verb.as_str(),
            url,
            token: bearer.token.as_str(),
        },
        headers: &incoming.headers,
    };
    let grant = bearer.grant.clone();
    let grant = proxy.gate.proofs.sender(grant, &shown, engine.now())?;
    Ok(Bearer { grant, ..bearer })
}

/// A body that nobody has read, and that is not going to be.
struct Unread {
    body: HttpBody,
    version: Version,
    /// The client sends it only when told to go on (`Expect: 100-continue`).
    awaits_leave: bool,
    visit: Arc<Visit>,
}

impl Unread {
    /// Refuses the request. HTTP/1 then cannot tell where the next one begins,
    /// unless the body is so small that it can be dropped.
    async fn refuse(
        self,
        proxy: &Arc<Proxy>,
        incoming: Incoming,
        refusal: Refusal,
    ) -> Response<Body> {
        let refused = Box::pin(proxy.refuse_unread(incoming, refusal)).await;
        let mut response = body::response(refused);
        let is_one_stream = self.version < Version::HTTP_2;
        if is_one_stream && !self.drain().await {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        response
    }

    /// Whether all of the body came, and was dropped. A stranger that sends it
    /// slowly holds no place that somebody else needs.
    async fn drain(self) -> bool {
        if self.awaits_leave {
            return false;
        }
        let _its_turn = self.visit.waits_for_its_client();
        body::drain(self.body).await
    }
}

/// Before the host is known to be ours, nothing of a request counts.
fn nobody() -> Incoming {
    Incoming {
        server: Arc::from(""),
        caller: Caller::Nobody,
        headers: HeaderMap::new(),
        body: bytes::Bytes::new(),
        endpoint: None,
        sign_in: None,
        held: None,
        seat: None,
        marks: Marks::default(),
    }
}

/// A request that HTTP itself has a status for.
enum Unsuitable {
    Status(StatusCode),
}

fn check_post(headers: &HeaderMap) -> Result<(), Unsuitable> {
    let unsupported = Unsuitable::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    if headers.contains_key(CONTENT_ENCODING) {
        return Err(unsupported);
    }
    let content_type = only(headers, &CONTENT_TYPE).ok().flatten();
    let essence = content_type.and_then(|text| text.split(';').next());
    match essence {
        Some(essence) if essence.trim().eq_ignore_ascii_case("application/json") => {}
        Some(_) | None => return Err(unsupported),
    }
    check_accept(headers, &["application/json", "text/event-stream"])
}

/// Whether every one of these types is acceptable.
fn check_accept(headers: &HeaderMap, wanted: &[&str]) -> Result<(), Unsuitable> {
    let mut ranges = Vec::new();
    for value in headers.get_all(ACCEPT) {
        let text = value.to_str().unwrap_or_default();
        ranges.extend(text.split(',').filter_map(acceptable));
    }
    let accepted = wanted.iter().all(|wanted| {
        let kind = wanted.split('/').next().unwrap_or_default();
        ranges.iter().any(|range| {
            range == wanted || range == "*/*" || range.strip_suffix("/*") == Some(kind)
        })
    });
    if accepted {
        Ok(())
    } else {
        Err(Unsuitable::Status(StatusCode::NOT_ACCEPTABLE))
    }
}

/// A media range, unless its weight is zero.
fn acceptable(range: &str) -> Option<String> {
    let mut parts = range.split(';').map(str::trim);
    let essence = parts.next()?.to_ascii_lowercase();
    let refused = parts.any(|part| {
        let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
        weight.is_some_and(|weight| weight.parse() == Ok(0.0))
    });
    (!refused).then_some(essence)
}

/// The credential, and whether it is shown with a proof (`DPoP`, not `Bearer`). A second
/// `Authorization` header, or another scheme, is no credential.
fn credential(headers: &HeaderMap) -> Result<(bool, Option<&str>), Refusal> {
    let invalid = |problem: &'static str| Refusal::new(Reason::CredentialInvalid, problem);
    let header =
        only(headers, &AUTHORIZATION).map_err(|()| invalid("`Authorization` is not one text"))?;
    let Some(header) = header else {
        return Ok((false, None));
    };
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    let with_proof = scheme.eq_ignore_ascii_case("dpop");
    if !with_proof && !scheme.eq_ignore_ascii_case("bearer") {
        return Err(invalid("`Authorization` is neither `Bearer` nor `DPoP`"));
    }
    let token = token.trim();
    if token.len() > TOKEN_BYTES_MAX {
        return Err(invalid("the credential is too long"));
    }
    Ok((with_proof, Some(token)))
}

/// What a client without a credential is told; nothing where there is nowhere to sign in:
/// it would be led to a place that is not there.
fn sign_in(base: &str, path: &str, snapshot: &Snapshot) -> Option<SignIn> {
    (!snapshot.authorization_servers().is_empty()).then(|| SignIn {
        resource_metadata: format!("{base}{METADATA}{path}"),
        scopes: snapshot.gate.scopes_supported.clone(),
    })
}

/// The metadata (RFC 9728) of any name that a tool server can have: which ones there are
/// is for those to know who have a credential.
fn metadata(base: &str, resource: &str, method: &Method, snapshot: &Snapshot) -> Answer {
    if method != Method::GET {
        return plain(StatusCode::METHOD_NOT_ALLOWED, Some("GET"));
    }
    let can_be = match resource.strip_prefix(ENDPOINTS) {
        Some(name) => is_name(name),
        None => resource.is_empty() || resource == JOINED,
    };
    if !can_be {
        return plain(StatusCode::NOT_FOUND, None);
    }
    let mut document = json!({
        "resource": format!("{base}{resource}"),
        "resource_name": "Gatewright",
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": PROOF_ALGORITHMS.split(' ').collect::<Vec<_>>(),
    });
    let lists = [
        (
            "authorization_servers",
            json!(snapshot.authorization_servers()),
        ),
        ("scopes_supported", json!(snapshot.gate.scopes_supported)),
    ];
    for (name, list) in lists {
        if list != json!([])
            && let Some(document) = document.as_object_mut()
        {
            document.insert(name.to_owned(), list);
        }
    }
    let mut headers = HeaderMap::new();
    headers.insert("access-control-allow-origin", HeaderValue::from_static("*"));
    Answer {
        status: StatusCode::OK,
        headers,
        body: AnswerBody::Json(document.to_string().into()),
    }
}

/// The answer to a client that tries to sign in at a gate without a sign-in, as an error of
/// OAuth (RFC 6749, 5.2; RFC 7591, 3.2.2): clients show its words.
fn nobody_signs_in() -> Answer {
    let document = json!({
        "error": "access_denied",
        "error_description": "nobody signs in at this gate; hint: give the client a credential \
                              as a header, `Authorization: Bearer <credential>`",
    });
    Answer {
        status: StatusCode::FORBIDDEN,
        headers: HeaderMap::new(),
        body: AnswerBody::Json(document.to_string().into()),
    }
}
