//! What is signed, and how signatures are carried: an in-toto Statement v1 in a
//! DSSE envelope v1.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::manifest::PackManifest;
use crate::sha256::{Sha256, hex};
use gatewright_policy::Digest;

/// The `payloadType` of an envelope.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The `predicateType` of a statement about a pack.
pub const PREDICATE_TYPE: &str = "https://gatewright.dev/attestation/pack/v1";

/// Longest envelope, in bytes: a statement about the most policies and the most
/// signatures takes about 100 KiB.
pub const ENVELOPE_BYTES_MAX: usize = 256 << 10;

/// Most signatures in an envelope: each is tried with each key of a publisher.
pub const SIGNATURES_MAX: usize = 32;

const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// The name of the subject that is the pack manifest.
const MANIFEST_SUBJECT: &str = "pack.json";

/// A DSSE envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Envelope {
    /// The statement, in base64.
    pub payload: String,
    /// Always [`PAYLOAD_TYPE`].
    pub payload_type: String,
    /// Who signed.
    pub signatures: Vec<EnvelopeSignature>,
}

/// One signature of an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeSignature {
    /// The `did:key` that is said to have signed. A hint for people.
    #[serde(default)]
    pub keyid: String,
    /// The signature, in base64.
    pub sig: String,
}

/// Why bytes are not the envelope of a pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Over [`ENVELOPE_BYTES_MAX`].
    #[error("the envelope has {0} bytes; at most {ENVELOPE_BYTES_MAX} are read")]
    TooLarge(usize),
    /// Not the JSON of one.
    #[error("the envelope is not DSSE: {0}")]
    Shape(String),
    /// A payload of another kind.
    #[error("the envelope carries `{0}`, and not `{PAYLOAD_TYPE}`")]
    PayloadType(String),
    /// More than [`SIGNATURES_MAX`].
    #[error("the envelope has {0} signatures; at most {SIGNATURES_MAX} are read")]
    TooManySignatures(usize),
    /// Signed, and about something else.
    #[error("the signed statement is not about this pack: its {0} differs")]
    OtherStatement(&'static str),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    statement_type: String,
    subject: Vec<Subject>,
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    name: String,
    digest: Digests,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Digests {
    blake3: String,
    sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Predicate {
    name: String,
    revision: String,
    version: u64,
}

// === impl Envelope ===

impl Envelope {
    /// An envelope about a pack that nobody has signed yet.
    pub(crate) fn unsigned(manifest: &PackManifest, bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let statement = canonical::to_vec(&Statement::about(manifest, bytes))
            .map_err(|error| EnvelopeError::Shape(error.to_string()))?;
        Ok(Self {
            payload: STANDARD.encode(statement),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: Vec::new(),
        })
    }

    /// Reads an envelope. Nothing of it is verified.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > ENVELOPE_BYTES_MAX {
            return Err(EnvelopeError::TooLarge(bytes.len()));
        }
        let envelope: Self = serde_json::from_slice(bytes)
            .map_err(|error| EnvelopeError::Shape(error.to_string()))?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(EnvelopeError::PayloadType(envelope.payload_type));
        }
        if envelope.signatures.len() > SIGNATURES_MAX {
            return Err(EnvelopeError::TooManySignatures(envelope.signatures.len()));
        }
        Ok(envelope)
    }

    /// Its bytes: the same envelope always has the same.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, EnvelopeError> {
        canonical::to_vec(self).map_err(|error| EnvelopeError::Shape(error.to_string()))
    }

    /// The bytes that are signed, when the statement is about this pack.
    pub(crate) fn signed(
        &self,
        manifest: &PackManifest,
        bytes: &[u8],
    ) -> Result<Vec<u8>, EnvelopeError> {
        let payload = decode(&self.payload)
            .ok_or_else(|| EnvelopeError::Shape("`payload` is not base64".to_owned()))?;
        let said: Statement = serde_json::from_slice(&payload)
            .map_err(|error| EnvelopeError::Shape(format!("the statement: {error}")))?;
        match said.difference(&Statement::about(manifest, bytes)) {
            Some(member) => Err(EnvelopeError::OtherStatement(member)),
            None => Ok(pre_authentication_encoding(&payload)),
        }
    }
}

// === impl EnvelopeSignature ===

impl EnvelopeSignature {
    pub(crate) fn of(keyid: String, signature: &[u8]) -> Self {
        Self {
            keyid,
            sig: STANDARD.encode(signature),
        }
    }

    /// The signature, if it is one at all.
    pub(crate) fn signature(&self) -> Option<ed25519_dalek::Signature> {
        ed25519_dalek::Signature::from_slice(&decode(&self.sig)?).ok()
    }
}

// === impl Statement ===

impl Statement {
    fn about(manifest: &PackManifest, bytes: &[u8]) -> Self {
        let mut subject = vec![Subject {
            name: MANIFEST_SUBJECT.to_owned(),
            digest: Digests::of(Digest::of(bytes), Sha256::of(bytes)),
        }];
        subject.extend(manifest.policies.iter().map(|policy| Subject {
            name: format!("{}.wasm", policy.name),
            digest: Digests::of(policy.digest, policy.sha256),
        }));
        Self {
            statement_type: STATEMENT_TYPE.to_owned(),
            subject,
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: Predicate {
                name: manifest.name.to_string(),
                revision: manifest.revision.clone(),
                version: manifest.version,
            },
        }
    }

    fn difference(&self, expected: &Self) -> Option<&'static str> {
        [
            ("`_type`", self.statement_type == expected.statement_type),
            (
                "`predicateType`",
                self.predicate_type == expected.predicate_type,
            ),
            ("`subject`", self.subject == expected.subject),
            ("`predicate`", self.predicate == expected.predicate),
        ]
        .into_iter()
        .find_map(|(member, is_same)| (!is_same).then_some(member))
    }
}

impl Digests {
    fn of(blake3: Digest, sha256: Sha256) -> Self {
        Self {
            blake3: hex(blake3.as_bytes()),
            sha256: sha256.hex(),
        }
    }
}

/// DSSE v1: the type and the payload, each with its length, so that neither can
/// be read as the other.
fn pre_authentication_encoding(payload: &[u8]) -> Vec<u8> {
    let mut encoding = format!(
        "DSSEv1 {} {PAYLOAD_TYPE} {} ",
        PAYLOAD_TYPE.len(),
        payload.len()
    )
    .into_bytes();
    encoding.extend_from_slice(payload);
    encoding
}

/// DSSE takes both alphabets.
fn decode(text: &str) -> Option<Vec<u8>> {
    let standard = STANDARD.decode(text).ok();
    standard.or_else(|| URL_SAFE.decode(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_and_payload_are_signed_with_their_lengths() {
        assert_eq!(
            pre_authentication_encoding(b"hello"),
            b"DSSEv1 28 application/vnd.in-toto+json 5 hello"
        );
    }
}
