//! What operators see of the tools of servers, and which of them they pin.

use gatewright_engine::Engine;
use gatewright_engine::agents::OperatorError;
use gatewright_engine::tools::{AskedPin, PinError};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};

use super::operator::{asked, decoded};
use super::page::{bad, failed, json, page};
use crate::body::Body;

/// Longest request, in bytes: as many tools as one change may have.
const ASKED_BYTES_MAX: usize = 256 << 10;

/// The tools that are pinned or were seen: of all servers, of one, or one with what its
/// definitions say.
pub(crate) fn list(engine: &Engine, query: Option<&str>) -> Response<Body> {
    let mut server = None;
    let mut name = None;
    let pairs = query.unwrap_or_default().split('&');
    for pair in pairs.filter(|pair| !pair.is_empty()) {
        let value = pair
            .split_once('=')
            .map(|(key, value)| (key, decoded(value)));
        match value {
            Some(("server", Some(value))) => server = Some(value),
            Some(("name", Some(value))) => name = Some(value),
            Some(_) | None => return bad("unknown parameter; there are server and name"),
        }
    }
    match (server, name) {
        (Some(server), Some(name)) => match engine.show_tool(&server, &name) {
            Some(tool) => json(&tool),
            None => bad(PinError::Server.to_string()),
        },
        (server, None) => {
            json(&serde_json::json!({ "servers": engine.list_tools(server.as_deref()) }))
        }
        (None, Some(_)) => bad("say the server, too"),
    }
}

/// Pins what an operator asks for, if it is one.
pub(crate) async fn pin(engine: &Engine, request: Request<Incoming>) -> Response<Body> {
    let asked: AskedPin = match asked(engine, request, (ASKED_BYTES_MAX, "tools")).await {
        Ok(asked) => asked,
        Err(refused) => return *refused,
    };
    match engine.pin_tools(asked).await {
        Ok(changed) => json(&serde_json::json!({ "changed": changed })),
        Err(error @ PinError::Change(OperatorError::Record(_))) => failed(&error),
        Err(error) => page(StatusCode::CONFLICT, "text/plain", error.to_string()),
    }
}
