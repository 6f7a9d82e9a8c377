//! What the client of a held call is told of what must be approved.

use gatewright_engine::Ticket;
use serde_json::{Value, json};

/// What must be approved.
pub(crate) fn approvals(ticket: &Ticket) -> Value {
    let approvals = ticket.held.asks.iter().map(|(binding, ask)| {
        json!({
            "policy": binding,
            "title": ask.title,
            "reason": ask.reason,
            "roles": ask.roles,
            "quorum": ask.quorum,
            "decideWithinSeconds": ask.decide_within_seconds,
            "ttlSeconds": ask.use_within_seconds,
        })
    });
    approvals.collect()
}
