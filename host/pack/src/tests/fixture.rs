//! A publisher, its packs, and an operator who trusts it.

use ed25519_dalek::SigningKey;
use gatewright_policy::pattern::Pattern;
use gatewright_policy::{Authority, Power, Timestamp};
use serde_json::json;

use crate::{
    Age, Layout, PackDraft, PolicyDraft, Publisher, Refusal, TrustPolicy, VerifiedPack, sign,
    verify,
};

/// When the tests happen.
pub(super) fn now() -> Timestamp {
    Timestamp::parse("2026-11-26T08:00:00Z").unwrap()
}

pub(super) fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// A component that exports and imports what a judge does, and does nothing.
pub(super) fn component(imports: &[&str], padding: usize) -> Vec<u8> {
    component_of("0.1.0", imports, padding)
}

/// The same against this version of the contract.
pub(super) fn component_of(version: &str, imports: &[&str], padding: usize) -> Vec<u8> {
    let imports: String = imports
        .iter()
        .map(|name| format!("(import \"gatewright:policy/{name}@{version}\" (instance))"))
        .collect();
    let padding = "x".repeat(padding);
    let text = format!(
        "(component {imports} (instance $judging) \
           (export \"gatewright:policy/judging@{version}\" (instance $judging)) \
           (@custom \"padding\" \"{padding}\"))"
    );
    wat::parse_str(text).unwrap()
}

pub(super) fn policy(name: &str, imports: &[&str], authority: &[Power]) -> PolicyDraft {
    PolicyDraft {
        name: name.to_owned(),
        description: format!("what {name} is for"),
        component: component(imports, name.len()),
        authority: authority.iter().copied().collect(),
        settings_schema: Some(json!({ "type": "object" })),
        settings: None,
        cases: None,
        fuel_max: None,
    }
}

pub(super) fn draft(version: u64) -> PackDraft {
    PackDraft {
        name: "acme/guards".parse().unwrap(),
        revision: format!("1.{version}.0"),
        version,
        expires: None,
        description: Some("Guards".to_owned()),
        policies: vec![
            policy("paths", &["types", "arguments"], &[Power::Deny]),
            policy("queries", &["arguments"], &[Power::Deny, Power::Ask]),
        ],
    }
}

pub(super) fn unsigned(version: u64) -> Layout {
    draft(version).build().unwrap()
}

pub(super) fn signed(version: u64) -> Layout {
    sign(&unsigned(version), &key(1)).unwrap()
}

pub(super) fn acme() -> Publisher {
    Publisher {
        name: "acme".to_owned(),
        keys: vec![key(1).verifying_key()],
        threshold: 1,
        expires: None,
        packs: vec![Pattern::new("acme/*")],
        authority: Authority::all(),
    }
}

pub(super) fn trust(publisher: Publisher) -> TrustPolicy {
    TrustPolicy {
        publishers: vec![publisher],
    }
}

pub(super) fn verified(version: u64) -> VerifiedPack {
    let first = Age::NotBelow(None);
    verify(signed(version), &trust(acme()), first, now()).unwrap()
}

/// Why this is refused by an operator who trusts acme.
pub(super) fn refusal(layout: Layout, publisher: Publisher) -> Refusal {
    verify(layout, &trust(publisher), Age::NotBelow(None), now()).unwrap_err()
}
