//! The digest that names one exact action.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::request::Request;

/// Keyed BLAKE3 over the canonical JSON (RFC 8785) of who asks, for whom, what,
/// with which argument bytes, under which policies and credential. If any of
/// these changes, it is another action. Without the key nobody can test which
/// arguments it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionDigest(pub Digest);

#[derive(Serialize)]
struct Canonical<'a> {
    agent: &'a str,
    arguments: Digest,
    credential: Digest,
    method: &'a str,
    name: &'a str,
    policies: Digest,
    principal: Option<&'a str>,
    server: &'a str,
}

impl ActionDigest {
    /// The digest of a request, judged by the policy set `policies`, asked with
    /// the credential `credential`, under a key of the ledger.
    pub fn of(request: &Request, policies: Digest, credential: Digest, key: &[u8; 32]) -> Self {
        // Members in order, and nothing but text: as RFC 8785 wants it.
        #[expect(
            clippy::expect_used,
            reason = "text is always JSON, and memory takes what is written to it"
        )]
        let canonical = serde_json::to_vec(&Canonical {
            agent: &request.subject.id,
            arguments: Digest::of(request.arguments.text().as_bytes()),
            credential,
            method: &request.action.method,
            name: &request.action.name,
            policies,
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
            credential: Digest::of(b"b"),
            method: "tools/call",
            name: "\"\\\u{7f}",
            policies: Digest::of(b"c"),
            principal: None,
            server: "files",
        };
        assert_eq!(
            serde_json::to_vec(&canonical).unwrap(),
            serde_json_canonicalizer::to_vec(&canonical).unwrap()
        );
    }
}
