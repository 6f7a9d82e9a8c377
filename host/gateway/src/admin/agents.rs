//! What operators see of agents, and what they say about them.
//!
//! To see is for whoever is on this machine, as every page of operators is. To change
//! something takes the operators' secret, which is made of the salt that only the gate's
//! own user reads: neither a web page nor an agent that runs here has it.

use gatewright_engine::Engine;
use gatewright_engine::agents::{Asked, OperatorError, Selection};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};

use super::operator::{asked, decoded};
use super::page::{bad, failed, json, page};
use crate::body::Body;

/// Longest request, in bytes: as many agents as one change may have.
const ASKED_BYTES_MAX: usize = 1 << 20;

/// Agents on one page.
const LISTED_MAX: usize = 1000;

/// The agents that are registered or were seen.
pub(crate) fn list(engine: &Engine, query: Option<&str>) -> Response<Body> {
    match selection(query.unwrap_or_default()) {
        Some(selection) => json(&engine.list_agents(&selection)),
        None => bad("unknown parameter; there are id, owner, issuer, offset and limit"),
    }
}

/// The credentials and keys that are revoked.
pub(crate) fn revocations(engine: &Engine) -> Response<Body> {
    let registry = engine.agents().registry();
    let mut revoked: Vec<_> = registry.revoked().collect();
    revoked.sort_by(|one, other| one.token.cmp(&other.token));
    json(&serde_json::json!({ "revoked": revoked }))
}

/// Does what an operator asks, if it is one.
pub(crate) async fn change(engine: &Engine, request: Request<Incoming>) -> Response<Body> {
    let asked: Asked = match asked(engine, request, (ASKED_BYTES_MAX, "agents")).await {
        Ok(asked) => asked,
        Err(refused) => return *refused,
    };
    match engine.ask_about_agents(asked).await {
        Ok(changed) => json(&serde_json::json!({ "changed": changed })),
        Err(
            error @ (OperatorError::Change(_) | OperatorError::Unknown(_) | OperatorError::Who),
        ) => page(StatusCode::CONFLICT, "text/plain", error.to_string()),
        Err(error @ OperatorError::Record(_)) => failed(&error),
    }
}

/// What a query asks for; none for what is not known.
fn selection(query: &str) -> Option<Selection> {
    let mut selection = Selection {
        limit: LISTED_MAX,
        ..Selection::default()
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        match name {
            "id" => selection.id = Some(decoded(value)?),
            "owner" => selection.owner = Some(decoded(value)?),
            "issuer" => selection.issuer = Some(decoded(value)?),
            "offset" => selection.offset = value.parse().ok()?,
            "limit" => selection.limit = value.parse::<usize>().ok()?.min(LISTED_MAX),
            _unknown => return None,
        }
    }
    Some(selection)
}

#[cfg(test)]
mod tests {
    use super::selection;

    #[test]
    fn a_query_is_read_whole_or_not_at_all() {
        let read = selection("id=did%3Aa&owner=ann%20b&limit=9999999").unwrap();
        assert_eq!(read.id.as_deref(), Some("did:a"));
        assert_eq!(read.owner.as_deref(), Some("ann b"));
        assert_eq!(read.limit, super::LISTED_MAX);
        for query in ["nothing=1", "id", "offset=x", "id=%", "id=%g0", "id=%ff"] {
            assert!(selection(query).is_none(), "{query}");
        }
    }
}
