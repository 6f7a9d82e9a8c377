//! Sending the person behind a client to the console (URL elicitation), in the form of each
//! era. Following the URL approves nothing: who decides signs in there.

use bytes::Bytes;
use gatewright_engine::Ticket;
use gatewright_policy::Reason;
use hyper::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::asked::Asked;
use crate::call::{Answer, AnswerBody};
use crate::era::Era;
use crate::pending::approvals;
use crate::questions::URL_ELICITATION_REQUIRED;
use crate::refusal::{META_APPROVAL, META_DECISION, META_REASON};
use crate::returned::QUESTION;

/// Requests that may be answered with a question (2026-07-28).
pub(crate) const MAY_ASK: [&str; 3] = ["tools/call", "prompts/get", "resources/read"];

/// What a client gets that can show URLs. `state`: what it comes back with.
pub(crate) fn elicited(asked: &Asked, ticket: &Ticket, url: &str, state: &str) -> Answer {
    let body = match asked.era {
        Some(Era::Modern) => modern(asked, ticket, url, state),
        Some(Era::Legacy) | None => legacy(asked, ticket, url),
    };
    Answer {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: AnswerBody::Json(Bytes::from(body.to_string())),
    }
}

fn modern(asked: &Asked, ticket: &Ticket, url: &str, state: &str) -> Value {
    json!({
        "jsonrpc": "2.0",
        "id": asked.id,
        "result": {
            "resultType": "input_required",
            "inputRequests": {
                QUESTION: {
                    "method": "elicitation/create",
                    "params": { "mode": "url", "message": message(ticket), "url": url },
                },
            },
            "requestState": state,
            "_meta": {
                META_REASON: Reason::ApprovalRequired.code(),
                META_DECISION: ticket.id,
                META_APPROVAL: approvals(ticket),
            },
        },
    })
}

fn legacy(asked: &Asked, ticket: &Ticket, url: &str) -> Value {
    let elicitation = json!({
        "mode": "url",
        "elicitationId": ticket.id,
        "url": url,
        "message": message(ticket),
    });
    json!({
        "jsonrpc": "2.0",
        "id": asked.id,
        "error": {
            "code": URL_ELICITATION_REQUIRED,
            "message": message(ticket),
            "data": {
                "elicitations": [elicitation],
                "reason": Reason::ApprovalRequired.code(),
                "decision": ticket.id,
                "approval": approvals(ticket),
            },
        },
    })
}

/// For the person: nothing that an agent or a tool server wrote.
fn message(ticket: &Ticket) -> String {
    format!(
        "held for approval {}: the console shows what exactly would run; call again once it is \
         approved there",
        ticket.id
    )
}
