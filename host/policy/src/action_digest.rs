//! The digest that names one exact action.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::request::Request;

/// Keyed BLAKE3 over the canonical JSON (RFC 8785) of who asks, for whom, through whom,
/// what, as which definition, with which argument bytes, and what was asked of people by which policies with
/// which settings. If any of these changes, it is another action; a refreshed
/// credential, or a change of policies that ask nothing, makes none. Without the key
/// nobody can test which arguments it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionDigest(pub Digest);

/// A policy that asks people. Members in order, as RFC 8785 wants them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AskedBy {
    /// Digest of what it asks.
    pub ask: Digest,
    /// Its binding.
    pub binding: String,
    /// The component that ran.
    pub component: Digest,
    /// Its settings.
    pub settings: Digest,
}

#[derive(Serialize)]
struct Canonical<'a> {
    agent: &'a str,
    arguments: Digest,
    asked_by: &'a [AskedBy],
    /// The definition of the tool that its server gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed: Option<Digest>,
    /// The one that is pinned.
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<Digest>,
    delegation: &'a [String],
    issuer: &'a str,
    method: &'a str,
    name: &'a str,
    principal: Option<&'a str>,
    server: &'a str,
}

impl ActionDigest {
    /// The digest of a request, about which these policies ask people, under a key of
    /// the record.
    pub fn of(request: &Request, asked_by: &[AskedBy], key: &[u8; 32]) -> Self {
        // Members in order, and nothing but text: as RFC 8785 wants it.
        #[expect(
            clippy::expect_used,
            reason = "text is always JSON, and memory takes what is written to it"
        )]
        let canonical = serde_json::to_vec(&Canonical {
            agent: &request.subject.id,
            arguments: Digest::of(request.arguments.text().as_bytes()),
            asked_by,
            claimed: request.action.defined.claimed.as_ref().map(|it| it.digest),
            definition: request.action.defined.pinned.as_ref().map(|it| it.digest),
            delegation: &request.subject.delegation,
            issuer: &request.subject.issuer,
            method: &request.action.method,
            name: &request.action.name,
            principal: request.subject.principal.as_deref(),
            server: &request.action.server,
        })
        .expect("texts as JSON");
        Self(Digest::from_bytes(
            *blake3::keyed_hash(key, &canonical).as_bytes(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_over_the_canonical_form() {
        let mut everything: String = (0..=0x2030).filter_map(char::from_u32).collect();
        everything.push('\u{1f512}');
        let canonical = Canonical {
            agent: &everything,
            arguments: Digest::of(b"a"),
            asked_by: &[AskedBy {
                binding: everything.clone(),
                component: Digest::of(b"b"),
                settings: Digest::of(b"c"),
                ask: Digest::of(b"d"),
            }],
            claimed: Some(Digest::of(b"e")),
            definition: Some(Digest::of(b"f")),
            delegation: &[everything.clone()],
            issuer: "did:key:z",
            method: "tools/call",
            name: "\"\\\u{7f}",
            principal: None,
            server: "files",
        };
        assert_eq!(
            serde_json::to_vec(&canonical).unwrap(),
            serde_json_canonicalizer::to_vec(&canonical).unwrap()
        );
    }
}
