//! The digest that names one exact action.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::request::Request;

/// BLAKE3 over the canonical JSON (RFC 8785) of who asks, for whom, what, with
/// which argument bytes, under which policies and credential. If any of these
/// changes, it is another action.
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
    /// the credential `credential`.
    pub fn of(
        request: &Request,
        policies: Digest,
        credential: Digest,
    ) -> Result<Self, serde_json::Error> {
        let canonical = serde_json_canonicalizer::to_vec(&Canonical {
            agent: &request.subject.id,
            arguments: Digest::of(request.arguments.text().as_bytes()),
            credential,
            method: &request.action.method,
            name: &request.action.name,
            policies,
            principal: request.subject.principal.as_deref(),
            server: &request.action.server,
        })?;
        Ok(Self(Digest::of(&canonical)))
    }
}
