//! JSON-RPC messages: what is accepted is one object that every parser reads alike.

use gatewright_gateway::wire;

pub(super) fn run(bytes: &[u8]) -> bool {
    let Some(message) = wire::message(bytes) else {
        return false;
    };
    assert_eq!(message.as_bytes(), bytes, "the bytes are kept");
    assert_eq!(wire::message(message.as_bytes()), Some(message));
    let Ok(peer) = serde_json::from_slice::<serde_json::Value>(bytes) else {
        // A number that no double holds: `json` has that law.
        return true;
    };
    assert_eq!(peer["jsonrpc"], "2.0");
    let is_answer = peer.get("result").is_some() || peer.get("error").is_some();
    assert_ne!(is_answer, peer.get("method").is_some(), "one of the two");
    assert!(peer.get("params").is_none_or(serde_json::Value::is_object));
    true
}
