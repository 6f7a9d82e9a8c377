//! How an approver proves a right to read: what waits has arguments in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey};

use super::not_taken::NotTaken;
use crate::credential::{did_key, public_key};
use crate::timestamp::Timestamp;

/// The scheme of the header `Authorization`.
const SCHEME: &str = "Gatewright-Key ";

/// Begins what is signed: nothing else that a key signs begins like this.
const DOMAIN: &str = "gatewright request 1";

/// Longest once-used text, in bytes.
const NONCE_BYTES_MAX: usize = 64;

/// One request to read, for one gate, at one time, to be answered once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The did:key of who reads.
    pub key: String,
    /// When.
    pub at: Timestamp,
    /// Never used before: letters and digits.
    pub nonce: String,
    signature: Vec<u8>,
}

// === impl Reading ===

impl Reading {
    /// The header of a signed request: of a host, and a target with its query.
    pub fn header(
        key: &SigningKey,
        (host, target): (&str, &str),
        at: Timestamp,
        nonce: &str,
    ) -> String {
        let name = did_key(&key.verifying_key());
        let signature = key.sign(&signed(&name, (host, target), at, nonce));
        let signature = STANDARD.encode(signature.to_bytes());
        format!("{SCHEME}{name} {} {nonce} {signature}", at.0)
    }

    /// Reads the header. Nothing in it is proved yet.
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.strip_prefix(SCHEME)?.split(' ');
        let mut part = || parts.next();
        let (key, at, nonce, signature) = (part()?, part()?, part()?, part()?);
        let is_fit = !nonce.is_empty()
            && nonce.len() <= NONCE_BYTES_MAX
            && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (is_fit && parts.next().is_none()).then_some(())?;
        Some(Self {
            key: key.to_owned(),
            at: Timestamp(at.parse().ok()?),
            nonce: nonce.to_owned(),
            signature: STANDARD.decode(signature).ok()?,
        })
    }

    /// Whether the key signed a request for exactly this. Whose key it is, and whether it
    /// was sent before, are other questions.
    pub fn verify(&self, host: &str, target: &str) -> Result<(), NotTaken> {
        let key = public_key(&self.key).map_err(|_| NotTaken::UnknownApprover)?;
        let signature = Signature::from_slice(&self.signature).map_err(|_| NotTaken::Forged)?;
        let signed = signed(&self.key, (host, target), self.at, &self.nonce);
        key.verify_strict(&signed, &signature)
            .map_err(|_| NotTaken::Forged)
    }
}

fn signed(key: &str, (host, target): (&str, &str), at: Timestamp, nonce: &str) -> Vec<u8> {
    format!("{DOMAIN}\nGET {target}\n{host}\n{key}\n{}\n{nonce}\n", at.0).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_counts_for_what_it_was_signed_for() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let header = Reading::header(&key, ("127.0.0.1:1", "/approvals"), Timestamp(7), "n1");
        let reading = Reading::parse(&header).unwrap();
        assert_eq!((reading.at, reading.nonce.as_str()), (Timestamp(7), "n1"));
        assert_eq!(reading.verify("127.0.0.1:1", "/approvals"), Ok(()));
        for (host, target) in [
            ("127.0.0.1:2", "/approvals"),
            ("127.0.0.1:1", "/approvals/1"),
            ("127.0.0.1:1", "/approvals?after=1"),
        ] {
            assert_eq!(reading.verify(host, target), Err(NotTaken::Forged));
        }
        let changes: [fn(&mut Reading); 3] = [
            |it| it.at = Timestamp(8),
            |it| it.nonce.push('1'),
            |it| it.signature[0] ^= 1,
        ];
        for change in changes {
            let mut changed = reading.clone();
            change(&mut changed);
            assert_eq!(
                changed.verify("127.0.0.1:1", "/approvals"),
                Err(NotTaken::Forged)
            );
        }
    }

    #[test]
    fn other_headers_are_none() {
        for header in [
            "",
            "Bearer a",
            "Gatewright-Key ",
            "Gatewright-Key a 1 n",
            "Gatewright-Key a 1 n AAAA more",
            "Gatewright-Key a x n AAAA",
            "Gatewright-Key a 1 n\u{7f} AAAA",
            "Gatewright-Key a 1  AAAA",
        ] {
            assert_eq!(Reading::parse(header), None, "{header}");
        }
    }
}
