//! The proof of a call: the holder signs which method of MCP it calls, which tool, with
//! which parameters, at which endpoint. It travels in the message, so it needs no HTTP.

use serde_json::{Value as Json, json};

use super::super::holder::HolderKey;
use super::super::keyed::Keyed;
use super::super::sha256::sha256;
use super::error::ProofError;
use super::moment::{Moment, Proved};
use crate::json::{CanonicalError, Value, canonical};

/// The member of `_meta` that carries it. It goes no further than the gate.
pub const CALL_PROOF: &str = "gatewright/proof";

/// The `typ` of such a proof.
pub const CALL_TYPE: &str = "mcp-call+jwt";

/// Longest proof, in bytes.
const BYTES_MAX: usize = 4 << 10;

/// What a proof of a call says. One that says more is refused: nobody knows what of.
const CLAIMS: [&str; 6] = ["aud", "method", "tool", "params_hash", "iat", "jti"];

/// The call that a proof must be for.
#[derive(Clone, Copy, Debug)]
pub struct Called<'a> {
    /// The method of MCP.
    pub method: &'a str,
    /// The tool, prompt or resource that it names; empty for nothing.
    pub name: &'a str,
    /// The endpoint of the gate: its URL, or what stands for it over stdio.
    pub endpoint: &'a str,
    /// All of `params`, if there are any.
    pub params: Option<Value<'a>>,
}

/// Verifies a proof of a call.
pub fn verify_call(
    proof: &str,
    holder: &HolderKey,
    called: &Called<'_>,
    moment: &Moment,
) -> Result<Proved, ProofError> {
    let proof = Keyed::read(proof, CALL_TYPE, BYTES_MAX)?;
    proof.verify(holder)?;
    let claims = proof.payload.root();
    if let Some(strange) = CLAIMS.iter().find(|name| claims.get(name).is_none()) {
        return Err(ProofError::Claim(strange));
    }
    if claims.members().count() != CLAIMS.len() {
        return Err(ProofError::Claim("a claim that is not known"));
    }
    let says = |name, expected: &str| {
        let said = claims.get(name).and_then(|claim| claim.as_text());
        said.as_deref() == Some(expected)
    };
    if !says("aud", called.endpoint) {
        return Err(ProofError::OtherEndpoint);
    }
    if !says("method", called.method) {
        return Err(ProofError::OtherMethod);
    }
    if !says("tool", called.name) {
        return Err(ProofError::OtherTool);
    }
    if !says("params_hash", &params_hash(called.params)?) {
        return Err(ProofError::OtherArguments);
    }
    moment.admit(claims)
}

/// The claims that the holder signs.
pub fn call_claims(
    called: &Called<'_>,
    issued_at_seconds: u64,
    id: &str,
) -> Result<Json, CanonicalError> {
    Ok(json!({
        "aud": called.endpoint,
        "method": called.method,
        "tool": called.name,
        "params_hash": params_hash(called.params)?,
        "iat": issued_at_seconds,
        "jti": id,
    }))
}

/// SHA-256 of the canonical `params`, without `_meta`: that is where the proof stands,
/// and what proxies and traces write.
fn params_hash(params: Option<Value<'_>>) -> Result<String, CanonicalError> {
    Ok(match params {
        Some(params) => sha256(&canonical(params, &["_meta"])?),
        None => sha256("{}"),
    })
}
