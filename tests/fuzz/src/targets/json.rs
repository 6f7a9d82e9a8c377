//! The index of JSON: it accepts no more than serde_json, and reads the same.

use gatewright_policy::json::{Document, JsonLimits, Kind, Value};
use serde_json::Value as Peer;

pub(super) fn run(bytes: &[u8]) -> bool {
    let Ok(document) = Document::parse_bytes(bytes, &JsonLimits::default()) else {
        return false;
    };
    assert_eq!(document.text().as_bytes(), bytes, "the text is kept");
    // Numbers out of the range of a double are JSON, and serde_json refuses them.
    if let Ok(peer) = serde_json::from_slice::<Peer>(bytes) {
        same(document.root(), &peer);
    } else {
        assert!(holds_a_number(document.root()), "serde_json refuses it");
    }
    within(document.root());
    true
}

fn same(ours: Value<'_>, peer: &Peer) {
    match (ours.kind(), peer) {
        (Kind::Null, Peer::Null) | (Kind::Number, Peer::Number(_)) => {}
        (Kind::Boolean(ours), Peer::Bool(peer)) => assert_eq!(ours, *peer),
        (Kind::Text, Peer::String(peer)) => assert_eq!(&*ours.as_text().unwrap(), peer),
        (Kind::Array(_), Peer::Array(peers)) => {
            assert_eq!(ours.elements().count(), peers.len());
            ours.elements().zip(peers).for_each(|(a, b)| same(a, b));
        }
        (Kind::Object(_), Peer::Object(peers)) => {
            assert_eq!(ours.members().count(), peers.len(), "no member twice");
            for (name, value) in ours.members() {
                same(value, &peers[&*name]);
            }
        }
        (kind, peer) => panic!("{kind:?} is {peer}"),
    }
}

/// Each part, taken out, is the same document that its text is.
fn within(value: Value<'_>) {
    let part = value.to_document();
    let again = Document::parse(value.json(), &JsonLimits::default()).unwrap();
    assert_eq!(part.text(), again.text());
    assert_eq!(part.root().kind(), again.root().kind());
    for (_, value) in part.root().members() {
        assert!(Document::parse(value.json(), &JsonLimits::default()).is_ok());
    }
}

fn holds_a_number(value: Value<'_>) -> bool {
    value.kind() == Kind::Number
        || value.elements().any(holds_a_number)
        || value.members().any(|(_, value)| holds_a_number(value))
}
