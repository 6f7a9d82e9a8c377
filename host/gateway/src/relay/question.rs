//! What a tool server may not ask of the agent is answered by the gate.

use std::sync::Arc;

use gatewright_engine::{Call, Kind, Ruling};
use gatewright_policy::request::PastOutcome;
use hyper::HeaderMap;
use hyper::header::HeaderValue;

use super::Relay;
use crate::era::Era;
use crate::forward::Route;
use crate::gate::decision_id;
use crate::headers::PROTOCOL_VERSION;
use crate::message::{Id, Message};
use crate::params::PARAMS;
use crate::questions::known_question;
use crate::upstream::Verb;

impl Relay {
    /// Answers a request of a tool server in place of the agent: it is not one
    /// that the operator lets it send.
    pub(super) async fn refuse_question(&self, id: &Id, method: &str) {
        let error = serde_json::json!({
            "jsonrpc": "2.0",
            "id": id,
            "error": { "code": -31_403, "message": "the gate does not pass this on" },
        });
        let limits = self.snapshot.limits.request_json();
        let Ok(message) = Message::parse_text(&error.to_string(), &limits) else {
            return;
        };
        let call = Call {
            id: decision_id(),
            grant: self.underway.grant.clone(),
            kind: Kind::Protocol,
            method: known_question(method).to_owned(),
            server: Arc::clone(&self.server.name),
            name: String::new(),
            message: message.document.clone(),
            arguments_at: PARAMS,
            at: self.gate.engine.now(),
        };
        let judgement = self.gate.engine.judge(&self.snapshot, call).await;
        let Ruling::Permitted(permit) = self.gate.engine.record(judgement).await else {
            return;
        };
        let headers = self.version_header();
        let route = Route {
            verb: Verb::Send,
            era: Era::Legacy,
            session: self.underway.place.session.clone(),
            owner: &self.underway.place.owner,
            presented: self.asked.presented.as_ref(),
            headers: &headers,
            message: Some(&message),
            mirrored: &[],
        };
        let (exchange, pending) = self
            .gate
            .forward(permit, &self.snapshot, route, &self.underway.grant)
            .await;
        let (outcome, reason, message) = match &exchange {
            Ok(_) => (PastOutcome::Allowed, None, ""),
            Err(error) => (PastOutcome::Failed, Some(error.reason()), error.public()),
        };
        if let Err(error) = pending.complete(outcome, reason, message).await {
            tracing::warn!(%error, "the answer to a tool server has no outcome in the ledger");
        }
    }

    /// The agent's protocol version, for what the gate itself sends in its
    /// session.
    fn version_header(&self) -> HeaderMap {
        let version = self.asked.version.as_deref();
        let value = version.and_then(|version| HeaderValue::from_str(version).ok());
        value
            .map(|value| (PROTOCOL_VERSION, value))
            .into_iter()
            .collect()
    }
}
