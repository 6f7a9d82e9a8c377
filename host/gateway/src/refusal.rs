//! Saying no: which form a refusal takes on the wire, by its reason and by what
//! was asked.

use bytes::Bytes;
use gatewright_engine::{Denial, Ticket};
use gatewright_policy::{Reason, Trouble};
use hyper::header::{ALLOW, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use crate::asked::Asked;
use crate::call::{Answer, AnswerBody};
use crate::era::{Era, supported};
use crate::pending::approvals;

/// Member of `_meta` with the reason code.
pub(crate) const META_REASON: &str = "gatewright/reason";
/// Member of `_meta` with the id of the decision.
pub(crate) const META_DECISION: &str = "gatewright/decision";
/// Member of `_meta` with what must be approved.
pub(crate) const META_APPROVAL: &str = "gatewright/approval";

/// How a proof may be signed (RFC 9449, 5.1).
pub(crate) const PROOF_ALGORITHMS: &str = "EdDSA ES256";

/// How a refusal looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// An HTTP error with a JSON-RPC error in it.
    Http(StatusCode, i64),
    /// A result with `isError` for `tools/call`, a JSON-RPC error with this code
    /// for every other request.
    Final(i64),
    /// HTTP 200 and a JSON-RPC error, for `tools/call` too.
    Error(i64),
}

/// The form of each reason. Codes of our own stand outside the range that
/// JSON-RPC reserves (-32768 to -32000).
const fn form(reason: Reason) -> Form {
    match reason {
        Reason::CredentialMissing
        | Reason::CredentialInvalid
        | Reason::CredentialExpired
        | Reason::CredentialRevoked
        | Reason::ProofMissing
        | Reason::ProofInvalid
        | Reason::ProofReplayed => Form::Http(StatusCode::UNAUTHORIZED, -31_401),
        Reason::StatusUnavailable | Reason::StatusInvalid => {
            Form::Http(StatusCode::SERVICE_UNAVAILABLE, -31_503)
        }
        Reason::AgentSuspended
        | Reason::AgentDecommissioned
        | Reason::AgentUnknown
        | Reason::ServerRefused => Form::Http(StatusCode::FORBIDDEN, -31_403),
        Reason::InsufficientScope => Form::Http(StatusCode::FORBIDDEN, -31_403),
        Reason::HostRefused | Reason::OriginRefused => Form::Http(StatusCode::FORBIDDEN, -31_403),
        Reason::MalformedRequest | Reason::BatchRefused => {
            Form::Http(StatusCode::BAD_REQUEST, -32_600)
        }
        Reason::UnknownMethod => Form::Http(StatusCode::NOT_FOUND, -32_601),
        Reason::UnsupportedVersion => Form::Http(StatusCode::BAD_REQUEST, -32_022),
        Reason::HeaderMismatch => Form::Http(StatusCode::BAD_REQUEST, -32_020),
        Reason::TooLarge => Form::Http(StatusCode::PAYLOAD_TOO_LARGE, -32_600),
        Reason::UnknownServer | Reason::UnknownSession => {
            Form::Http(StatusCode::NOT_FOUND, -31_404)
        }
        Reason::Overloaded | Reason::NotReady | Reason::ShuttingDown => {
            Form::Http(StatusCode::SERVICE_UNAVAILABLE, -31_503)
        }
        Reason::Forbidden
        | Reason::ArgumentsBeyondScope
        | Reason::InvalidArguments
        | Reason::UnknownArguments
        | Reason::ToolChanged
        | Reason::ToolNotPinned
        | Reason::UnsafeContext
        | Reason::NoPolicy
        | Reason::PolicyFault
        | Reason::QuotaExceeded
        | Reason::ApprovalRejected
        | Reason::ApprovalUsed
        | Reason::TooManyQuestions
        | Reason::TooManyHeld
        | Reason::LabelsFull
        | Reason::ResultWithheld
        | Reason::ResultTooLarge => Form::Final(-31_403),
        Reason::ApprovalRequired => Form::Final(-31_202),
        Reason::AuditUnavailable => Form::Final(-31_503),
        Reason::UpstreamUnavailable | Reason::UpstreamInvalid => Form::Error(-31_502),
        Reason::UpstreamTimeout => Form::Error(-31_504),
    }
}

/// What the agent gets for a refused call.
pub(crate) fn denied(asked: &Asked, denial: &Denial) -> Answer {
    let denied = &denial.denied;
    let sign_in = asked
        .grant
        .as_ref()
        .and_then(|grant| grant.sign_in.as_ref());
    // Whoever signed in asks for all of them at once, by the names that the
    // authorization server has for them.
    let scopes = match sign_in {
        Some(sign_in) if !denied.scopes.is_empty() => sign_in.needed(&denied.scopes),
        Some(_) | None => denied.scopes.clone(),
    };
    let told = Told {
        reason: denied.reason,
        message: &denied.message,
        decision: &denial.id,
        scopes: &scopes,
        approval: None,
        trouble: None,
    };
    answer(asked, &told)
}

/// What the agent gets for a held call.
pub(crate) fn held(asked: &Asked, ticket: &Ticket) -> Answer {
    let told = Told {
        reason: Reason::ApprovalRequired,
        message: &format!(
            "held for approval {}: call again, exactly like this, once it is approved; it was not made",
            ticket.id
        ),
        decision: &ticket.id,
        scopes: &[],
        approval: Some(approvals(ticket)),
        trouble: None,
    };
    answer(asked, &told)
}

/// What the agent gets in place of the answer to a call that went ahead. The
/// HTTP status is not ours to choose any more.
pub(crate) fn instead_of_answer(
    asked: &Asked,
    (reason, trouble): (Reason, Option<Trouble>),
    message: &str,
    decision: &str,
) -> String {
    let told = Told {
        reason,
        message,
        decision,
        scopes: &[],
        approval: None,
        trouble,
    };
    match form(reason) {
        Form::Http(_, code) | Form::Error(code) => error(asked, &told, code),
        Form::Final(code) => final_refusal(asked, &told, code),
    }
    .to_string()
}

/// A refusal that carries no message: a page that is not there, a method that
/// HTTP does not allow here.
pub(crate) fn plain(status: StatusCode, allow: Option<&'static str>) -> Answer {
    let mut headers = HeaderMap::new();
    if let Some(allow) = allow {
        headers.insert(ALLOW, HeaderValue::from_static(allow));
    }
    Answer {
        status,
        headers,
        body: AnswerBody::Empty,
    }
}

struct Told<'a> {
    reason: Reason,
    message: &'a str,
    decision: &'a str,
    scopes: &'a [String],
    approval: Option<Value>,
    trouble: Option<Trouble>,
}

fn answer(asked: &Asked, told: &Told<'_>) -> Answer {
    let (status, body) = match form(told.reason) {
        Form::Http(StatusCode::NOT_FOUND, code @ -32_601) if asked.in_session => {
            (StatusCode::OK, error(asked, told, code))
        }
        // A policy refused for want of a scope, but named none to obtain.
        Form::Http(_, code)
            if told.reason == Reason::InsufficientScope && told.scopes.is_empty() =>
        {
            (StatusCode::OK, final_refusal(asked, told, code))
        }
        Form::Http(status, code) => (status, error(asked, told, asked.code.unwrap_or(code))),
        Form::Final(code) => {
            let code = asked.code.unwrap_or(code);
            (StatusCode::OK, final_refusal(asked, told, code))
        }
        Form::Error(code) => (StatusCode::OK, error(asked, told, code)),
    };
    // A refused notification is an HTTP error: nobody reads an answer.
    let status = if status == StatusCode::OK && asked.id.is_none() {
        StatusCode::BAD_REQUEST
    } else {
        status
    };
    let mut headers = HeaderMap::new();
    if let Some(challenge) = challenge(asked, told) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    Answer {
        status,
        headers,
        body: AnswerBody::Json(Bytes::from(body.to_string())),
    }
}

/// A result for `tools/call`: models read it, and clients keep their session.
fn final_refusal(asked: &Asked, told: &Told<'_>, code: i64) -> Value {
    let Some(id) = asked.id.as_ref().filter(|_| asked.is_tool_call) else {
        return error(asked, told, code);
    };
    let mut meta = Map::new();
    meta.insert(META_REASON.to_owned(), told.reason.code().into());
    meta.insert(META_DECISION.to_owned(), told.decision.into());
    if let Some(approval) = &told.approval {
        meta.insert(META_APPROVAL.to_owned(), approval.clone());
    }
    let text = format!("Refused by the gate ({}): {}", told.reason, told.message);
    let mut result = json!({
        "content": [{ "type": "text", "text": text }],
        "isError": true,
        "_meta": meta,
    });
    if asked.era == Some(Era::Modern)
        && let Some(result) = result.as_object_mut()
    {
        result.insert("resultType".to_owned(), "complete".into());
    }
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

fn error(asked: &Asked, told: &Told<'_>, code: i64) -> Value {
    let mut data = Map::new();
    data.insert("reason".to_owned(), told.reason.code().into());
    data.insert("decision".to_owned(), told.decision.into());
    if !told.scopes.is_empty() {
        data.insert("scopes".to_owned(), told.scopes.into());
    }
    if let Some(approval) = &told.approval {
        data.insert("approval".to_owned(), approval.clone());
    }
    if let Some(trouble) = told.trouble {
        data.insert("trouble".to_owned(), trouble.code().into());
        if let Some(after) = trouble.retry_after() {
            data.insert("retryAfter".to_owned(), after.as_secs().into());
        }
        if let Some(status) = trouble.status() {
            data.insert("status".to_owned(), status.into());
        }
    }
    if told.reason == Reason::UnsupportedVersion {
        data.insert("supported".to_owned(), supported().collect());
        data.insert(
            "requested".to_owned(),
            asked.requested_version.clone().into(),
        );
    }
    if code == -32_021 {
        let tasks = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
        data.insert("requiredCapabilities".to_owned(), tasks);
    }
    let error = json!({ "code": code, "message": told.message, "data": data });
    match &asked.id {
        Some(id) => json!({ "jsonrpc": "2.0", "id": id, "error": error }),
        // An error about a message without an id has none in the modern era, and
        // `null` before.
        None if asked.era == Some(Era::Modern) => json!({ "jsonrpc": "2.0", "error": error }),
        None => json!({ "jsonrpc": "2.0", "id": null, "error": error }),
    }
}

/// `WWW-Authenticate` (RFC 6750, RFC 9728).
fn challenge(asked: &Asked, told: &Told<'_>) -> Option<HeaderValue> {
    let mut parts = Vec::new();
    let mut scopes = told.scopes;
    let invalid = [
        Reason::CredentialInvalid,
        Reason::CredentialExpired,
        Reason::CredentialRevoked,
    ];
    let mut scheme = "Bearer";
    if let Some(error) = proof_error(told.reason) {
        scheme = "DPoP";
        parts.push(format!("error=\"{error}\""));
        parts.push(format!("error_description=\"{}\"", quotable(told.message)));
        parts.push(format!("algs=\"{PROOF_ALGORITHMS}\""));
    } else if invalid.contains(&told.reason) {
        parts.push("error=\"invalid_token\"".to_owned());
        parts.push(format!("error_description=\"{}\"", quotable(told.message)));
    } else if told.reason == Reason::InsufficientScope && !told.scopes.is_empty() {
        parts.push("error=\"insufficient_scope\"".to_owned());
    } else if told.reason != Reason::CredentialMissing {
        return None;
    }
    if let Some(sign_in) = &asked.sign_in {
        if scopes.is_empty() {
            scopes = &sign_in.scopes;
        }
        let url = quotable(&sign_in.resource_metadata);
        parts.push(format!("resource_metadata=\"{url}\""));
    }
    if !scopes.is_empty() {
        parts.push(format!("scope=\"{}\"", quotable(&scopes.join(" "))));
    }
    let challenge = format!("{scheme} {}", parts.join(", "));
    HeaderValue::from_str(challenge.trim_end()).ok()
}

/// What RFC 9449 (7.1) calls a refusal of this reason.
const fn proof_error(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::ProofMissing => Some("invalid_token"),
        Reason::ProofInvalid | Reason::ProofReplayed => Some("invalid_dpop_proof"),
        _other => None,
    }
}

/// Text without what ends or escapes a quoted string.
fn quotable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if matches!(c, ' '..='~') && !matches!(c, '"' | '\\') {
                c
            } else {
                '?'
            }
        })
        .collect()
}
