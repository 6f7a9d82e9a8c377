//! DSSE envelopes: bounded, and no signature where nobody signed.

use gatewright_pack::{Envelope, SIGNATURES_MAX};

pub(super) fn run(bytes: &[u8]) -> bool {
    let Ok(envelope) = Envelope::parse(bytes) else {
        return false;
    };
    assert!(envelope.signatures.len() <= SIGNATURES_MAX);
    let peer: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    assert_eq!(peer["payload"], envelope.payload);
    assert_eq!(peer["payloadType"], envelope.payload_type);
    true
}
