//! `/approvals`: what waits for people, for those who may decide on it, and their
//! decisions. What is shown has arguments in it, so reading needs a proof as well.

use std::time::Duration;

use gatewright_engine::Engine;
use gatewright_engine::held::HeldError;
use gatewright_policy::approval::{Approver, NotTaken, Reading, Signed};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HOST};
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use serde_json::json;

use super::answered::{Answered, FRESH};
use super::page::page;
use crate::body::Body;

/// The page of all of them; below it each has one of its own.
pub(crate) const PATH: &str = "/approvals";

/// Calls on one page, where nobody asks for another number.
const COUNT: usize = 100;

/// Longest decision, in bytes.
const DECISION_BYTES_MAX: usize = 64 << 10;

/// A decision is there within this time.
const DECISION_WITHIN: Duration = Duration::from_secs(10);

/// Answers a request below [`PATH`].
pub(crate) async fn serve(
    engine: &Engine,
    answered: &Answered,
    request: Request<Incoming>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let id = parts.uri.path().strip_prefix(PATH).unwrap_or_default();
    let id = id.strip_prefix('/').filter(|id| !id.is_empty());
    match (parts.method, id) {
        (Method::GET, id) => {
            let reader = who_reads(engine, answered, &parts.headers, &parts.uri);
            match (reader, id) {
                (Err(why), _) => refused(StatusCode::UNAUTHORIZED, why),
                (Ok(reader), None) => list(engine, &reader, &parts.uri).await,
                (Ok(reader), Some(id)) => show(engine, &reader, id).await,
            }
        }
        (Method::POST, Some(id)) => decide(engine, id, body).await,
        (_other, _) => page(
            StatusCode::METHOD_NOT_ALLOWED,
            "text/plain",
            "GET, or POST a decision to one of them\n",
        ),
    }
}

/// Who asks to read, proved by a signature for exactly this, made just now, and not
/// answered before.
fn who_reads(
    engine: &Engine,
    answered: &Answered,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<Approver, NotTaken> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let reading = text(AUTHORIZATION).and_then(Reading::parse);
    let reading = reading.ok_or(NotTaken::UnknownApprover)?;
    let approver = engine.approver(&reading.key);
    let approver = approver.ok_or(NotTaken::UnknownApprover)?;
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    reading.verify(text(HOST).unwrap_or_default(), target)?;
    let now = engine.now();
    if now.since(reading.at) > FRESH {
        return Err(NotTaken::Stale);
    }
    if reading.at.since(now) > FRESH {
        return Err(NotTaken::OutOfOrder);
    }
    answered.take(format!("{} {}", reading.key, reading.nonce), now)?;
    Ok(approver)
}

async fn list(engine: &Engine, reader: &Approver, uri: &Uri) -> Response<Body> {
    let mut after = None;
    let mut count = COUNT;
    for pair in uri.query().unwrap_or_default().split('&') {
        match pair.split_once('=') {
            Some(("after", id)) => after = Some(id),
            Some(("count", number)) => count = number.parse().unwrap_or(COUNT),
            Some(_) | None => {}
        }
    }
    match engine.approvals(reader, after, count).await {
        Ok(found) => {
            let page = json!({
                "you": reader,
                "approvals": found.approvals,
                "next": found.next,
            });
            json_page(StatusCode::OK, &page)
        }
        Err(error) => failed(&error),
    }
}

async fn show(engine: &Engine, reader: &Approver, id: &str) -> Response<Body> {
    match engine.approval(reader, id).await {
        Ok(Some(found)) => {
            let page = json!({ "you": reader, "approval": found });
            json_page(StatusCode::OK, &page)
        }
        Ok(None) => refused(StatusCode::NOT_FOUND, NotTaken::Unknown),
        Err(error) => failed(&error),
    }
}

async fn decide(engine: &Engine, id: &str, body: Incoming) -> Response<Body> {
    let reading = Limited::new(body, DECISION_BYTES_MAX).collect();
    let bytes = match tokio::time::timeout(DECISION_WITHIN, reading).await {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(_)) | Err(_) => return refused(StatusCode::BAD_REQUEST, NotTaken::Unreadable),
    };
    let Ok(signed) = serde_json::from_slice::<Signed>(&bytes) else {
        return refused(StatusCode::BAD_REQUEST, NotTaken::Unreadable);
    };
    if signed.statement.held != id {
        return refused(StatusCode::BAD_REQUEST, NotTaken::WrongCall);
    }
    match engine.decide(signed).await {
        Ok(stand) => json_page(StatusCode::OK, &stand),
        Err(why) => refused(status(why), why),
    }
}

const fn status(why: NotTaken) -> StatusCode {
    match why {
        NotTaken::Unknown => StatusCode::NOT_FOUND,
        NotTaken::Ended | NotTaken::Late | NotTaken::Duplicate | NotTaken::Moved => {
            StatusCode::CONFLICT
        }
        NotTaken::Unreadable | NotTaken::OutOfOrder => StatusCode::BAD_REQUEST,
        NotTaken::NotRecorded => StatusCode::SERVICE_UNAVAILABLE,
        NotTaken::Stale
        | NotTaken::WrongCall
        | NotTaken::WrongShown
        | NotTaken::Forged
        | NotTaken::UnknownApprover
        | NotTaken::WrongRole
        | NotTaken::OwnCall
        | NotTaken::Excluded => StatusCode::FORBIDDEN,
    }
}

fn refused(status: StatusCode, why: NotTaken) -> Response<Body> {
    let text = json!({ "refused": why.code(), "message": why.to_string() });
    page(status, "application/json", text.to_string())
}

fn failed(error: &HeldError) -> Response<Body> {
    tracing::error!(%error, "held calls cannot be read");
    let text = json!({ "refused": NotTaken::NotRecorded.code(), "message": error.to_string() });
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        "application/json",
        text.to_string(),
    )
}

fn json_page(status: StatusCode, value: &impl serde::Serialize) -> Response<Body> {
    match serde_json::to_string(value) {
        Ok(text) => page(status, "application/json", text),
        Err(error) => page(
            StatusCode::INTERNAL_SERVER_ERROR,
            "text/plain",
            error.to_string(),
        ),
    }
}
