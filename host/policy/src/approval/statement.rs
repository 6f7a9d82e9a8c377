//! What an approver signs, and how it is kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signature as Ed25519Signature;
use serde::{Deserialize, Serialize};

use super::not_taken::NotTaken;
use crate::action_digest::ActionDigest;
use crate::credential::public_key;
use crate::digest::Digest;
use crate::timestamp::Timestamp;

/// The version of the statement that is signed.
pub const STATEMENT_VERSION: u32 = 1;

/// Longest reason, in bytes.
pub const REASON_BYTES_MAX: usize = 500;

/// Begins what is signed: nothing else that a key signs begins like this.
const DOMAIN: &[u8] = b"gatewright approval 1\n";

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// The call may go ahead.
    Approve,
    /// It may not.
    Reject,
}

/// What an approver signs. Members in order, as RFC 8785 wants them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The exact action of each thing that the call names, in its order.
    pub actions: Vec<ActionDigest>,
    /// Who decides.
    pub approver: String,
    /// When it was signed.
    pub at: Timestamp,
    /// What.
    pub choice: Choice,
    /// Id of the held call.
    pub held: String,
    /// Why, in the approver's words; may be empty. It stands in the record as it is.
    pub reason: String,
    /// BLAKE3 of the text that was shown.
    pub shown: Digest,
    /// [`STATEMENT_VERSION`].
    pub version: u32,
}

/// How it is shown that the approver made a statement. Everything in it is base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Signature {
    /// By an Ed25519 key, over [`Statement::signed_bytes`].
    Ed25519 {
        /// The key, as a did:key.
        key: String,
        /// 64 bytes.
        signature: String,
    },
    /// By a passkey, whose challenge is [`Statement::challenge`].
    Webauthn {
        /// Id of the passkey.
        credential: String,
        /// What the authenticator says.
        authenticator_data: String,
        /// What the browser says.
        client_data: String,
        /// Over both.
        signature: String,
    },
}

/// A statement and what proves it: in the record for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// What was said.
    pub statement: Statement,
    /// By whom.
    pub signature: Signature,
}

/// A decision of one person that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vote {
    /// What the person signed.
    pub signed: Signed,
    /// The person's roles at that time.
    pub roles: Vec<String>,
    /// When the gate took it.
    pub at: Timestamp,
}

// === impl Statement ===

impl Statement {
    /// What is signed.
    pub fn signed_bytes(&self) -> Vec<u8> {
        #[expect(
            clippy::expect_used,
            reason = "texts and numbers are always JSON, and memory takes what is written to it"
        )]
        let canonical = serde_json::to_vec(self).expect("texts and numbers as JSON");
        [DOMAIN, &canonical].concat()
    }

    /// The challenge of a passkey that signs this.
    pub fn challenge(&self) -> Digest {
        Digest::of(&self.signed_bytes())
    }

    /// Whether it is one that a gate takes: of this version, and with a reason that a
    /// record may have in clear.
    pub fn is_fit(&self) -> bool {
        self.version == STATEMENT_VERSION
            && self.reason.len() <= REASON_BYTES_MAX
            && !self.reason.chars().any(char::is_control)
    }
}

// === impl Signature ===

impl Signature {
    /// As policies hear of it.
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Ed25519 { .. } => "ed25519",
            Self::Webauthn { .. } => "webauthn",
        }
    }
}

// === impl Signed ===

impl Signed {
    /// Signs with an Ed25519 key.
    pub fn by(statement: Statement, key: &ed25519_dalek::SigningKey) -> Self {
        use ed25519_dalek::Signer as _;
        let signature = key.sign(&statement.signed_bytes());
        Self {
            statement,
            signature: Signature::Ed25519 {
                key: crate::credential::did_key(&key.verifying_key()),
                signature: STANDARD.encode(signature.to_bytes()),
            },
        }
    }

    /// Checks an Ed25519 signature with the key in it. Whose key it is, is another
    /// question. Signatures of passkeys are checked by whoever knows the passkeys.
    pub fn verify_ed25519(&self) -> Result<(), NotTaken> {
        let Signature::Ed25519 { key, signature } = &self.signature else {
            return Err(NotTaken::UnknownApprover);
        };
        let key = public_key(key).map_err(|_| NotTaken::UnknownApprover)?;
        let bytes = STANDARD.decode(signature).map_err(|_| NotTaken::Forged)?;
        let signature = Ed25519Signature::from_slice(&bytes).map_err(|_| NotTaken::Forged)?;
        key.verify_strict(&self.statement.signed_bytes(), &signature)
            .map_err(|_| NotTaken::Forged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;

    fn statement() -> Statement {
        Statement {
            actions: vec![ActionDigest(Digest::of(b"action"))],
            approver: "kim \"k\" \u{7f}\u{2028}\u{1f512}".to_owned(),
            at: Timestamp(1_700_000_000_000),
            choice: Choice::Approve,
            held: "1".to_owned(),
            reason: "fine\\".to_owned(),
            shown: Digest::of(b"shown"),
            version: STATEMENT_VERSION,
        }
    }

    #[test]
    fn what_is_signed_is_the_canonical_form() {
        let canonical = serde_json_canonicalizer::to_vec(&statement()).unwrap();
        assert_eq!(statement().signed_bytes(), [DOMAIN, &canonical].concat());
    }

    #[test]
    fn nothing_of_a_signed_statement_can_be_changed() {
        let signed = Signed::by(statement(), &SigningKey::from_bytes(&[1; 32]));
        assert_eq!(signed.verify_ed25519(), Ok(()));
        let changes: [fn(&mut Statement); 8] = [
            |it| it.actions = vec![ActionDigest(Digest::of(b"another"))],
            |it| it.approver.push('a'),
            |it| it.at = Timestamp(1),
            |it| it.choice = Choice::Reject,
            |it| it.held.push('a'),
            |it| it.reason.push('a'),
            |it| it.shown = Digest::of(b"another"),
            |it| it.version = 2,
        ];
        for change in changes {
            let mut changed = signed.clone();
            change(&mut changed.statement);
            assert_eq!(changed.verify_ed25519(), Err(NotTaken::Forged));
        }
        let other = Signed::by(statement(), &SigningKey::from_bytes(&[2; 32]));
        let Signature::Ed25519 { key, .. } = other.signature else {
            panic!("another method");
        };
        let mut moved = signed.clone();
        if let Signature::Ed25519 { key: of, .. } = &mut moved.signature {
            *of = key;
        }
        assert_eq!(moved.verify_ed25519(), Err(NotTaken::Forged));
        for bad in ["", "AAAA", "?"] {
            let mut bad_one = signed.clone();
            if let Signature::Ed25519 { signature, .. } = &mut bad_one.signature {
                *signature = bad.to_owned();
            }
            assert_eq!(bad_one.verify_ed25519(), Err(NotTaken::Forged), "{bad}");
        }
    }

    #[test]
    fn a_reason_is_short_and_plain() {
        for (reason, fits) in [
            (String::new(), true),
            ("x".repeat(REASON_BYTES_MAX), true),
            ("x".repeat(REASON_BYTES_MAX + 1), false),
            ("a\nb".to_owned(), false),
            ("\u{1b}[2J".to_owned(), false),
        ] {
            let statement = Statement {
                reason,
                ..statement()
            };
            assert_eq!(statement.is_fit(), fits, "{:?}", statement.reason);
        }
    }
}
