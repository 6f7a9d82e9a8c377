//! A held call: everything that must not change until it goes ahead.

use serde::{Deserialize, Serialize};

use crate::action_digest::{ActionDigest, AskedBy};
use crate::digest::Digest;
use crate::record::{PayloadError, RecordKeys};
use crate::request::Subject;
use crate::timestamp::Timestamp;
use crate::verdict::Ask;

/// A call that people are asked about, as it was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldCall {
    /// Id of the decision.
    pub id: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// Who did not approve until then did not approve.
    pub decide_by: Timestamp,
    /// Who asks, and for whom. The credential may be another one by then.
    pub subject: Subject,
    /// The session that it belongs to.
    pub session: String,
    /// The MCP method.
    pub method: String,
    /// The tool server.
    pub server: String,
    /// What it names: one tool, prompt or resource, or several resources.
    pub names: Vec<HeldName>,
    /// What the same call has in common with this one, whatever is asked about it
    /// ([`RecordKeys::called`]).
    pub called: Digest,
    /// The whole message, byte for byte as it would go out.
    pub message: String,
    /// JSON Pointer to the arguments in it.
    pub arguments_at: String,
    /// JSON Pointers into the arguments: people are not shown what stands there.
    pub masks: Vec<String>,
    /// What is asked, and by which binding. All of it must be approved.
    pub asks: Vec<HeldAsk>,
    /// Those bindings, with what ran there.
    pub asked_by: Vec<AskedBy>,
    /// Whether anybody allows it. Without, people may agree as they like.
    pub allowed: bool,
}

/// Something that a held call names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldName {
    /// The tool, prompt or resource; empty where the method names nothing.
    pub name: String,
    /// What people approve. A call with another one is another call.
    pub action: ActionDigest,
}

/// What one policy asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldAsk {
    /// The binding.
    pub binding: String,
    /// What it asks.
    pub ask: Ask,
}

/// A held call as it is kept: what it says can be read with the keys of the record
/// only, and is read only as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCall {
    /// What is known of it without the keys.
    pub envelope: Envelope,
    /// The rest.
    pub sealed: Vec<u8>,
}

/// What is known of a held call without opening it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Id of the decision.
    pub id: String,
    /// Keyed digest of the agent and its issuer: how many calls of one agent wait is
    /// counted by it.
    pub agent: Digest,
    /// By this a later call of the same agent finds it.
    pub called: Digest,
    /// Who did not approve until then did not approve.
    pub decide_by: Timestamp,
}

// === impl HeldCall ===

impl HeldCall {
    /// The form in which it is kept.
    pub fn seal(&self, keys: &RecordKeys) -> SealedCall {
        let envelope = self.envelope(keys);
        let sealed = keys.seal_payload(&envelope.bound(), &text(self));
        SealedCall { envelope, sealed }
    }

    fn envelope(&self, keys: &RecordKeys) -> Envelope {
        let agent = text(&(&self.subject.issuer, self.subject.account()));
        Envelope {
            id: self.id.clone(),
            agent: keys.digest(&String::from_utf8_lossy(&agent)),
            called: self.called,
            decide_by: self.decide_by,
        }
    }
}

// === impl SealedCall ===

impl SealedCall {
    /// The call, if nothing of it was changed and the keys are those that it was
    /// sealed with.
    pub fn open(&self, keys: &RecordKeys) -> Result<HeldCall, PayloadError> {
        let text = keys.open_payload(&self.envelope.bound(), &self.sealed)?;
        let call: HeldCall = serde_json::from_slice(&text).map_err(|_| PayloadError)?;
        match call.envelope(keys) == self.envelope {
            true => Ok(call),
            false => Err(PayloadError),
        }
    }
}

impl Envelope {
    /// What the seal is bound to.
    fn bound(&self) -> Vec<u8> {
        text(self)
    }
}

#[expect(
    clippy::expect_used,
    reason = "text and numbers are always JSON, and memory takes what is written to it"
)]
fn text(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("values as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Proof;

    fn call() -> HeldCall {
        let ask = Ask {
            title: "pay?".to_owned(),
            reason: String::new(),
            show: vec!["/amount".to_owned()],
            roles: Vec::new(),
            quorum: 1,
            exclude_requester: true,
            exclude: Vec::new(),
            decide_within_seconds: 60,
            use_within_seconds: 60,
        };
        HeldCall {
            id: "1".to_owned(),
            received_at: Timestamp(1),
            decide_by: Timestamp(60_001),
            subject: Subject {
                id: "agent".to_owned(),
                issuer: "issuer".to_owned(),
                principal: Some("user:kim".to_owned()),
                owner: None,
                delegation: vec!["broker".to_owned()],
                delegated_by: vec!["did:web:issuer".to_owned()],
                scopes: vec!["pay:*".to_owned()],
                proof: Proof::Bearer,
                expires_at: Timestamp(9),
                claims: Vec::new(),
            },
            session: "s".to_owned(),
            method: "tools/call".to_owned(),
            server: "pay".to_owned(),
            names: vec![HeldName {
                name: "transfer".to_owned(),
                action: ActionDigest(Digest::of(b"action")),
            }],
            called: Digest::of(b"called"),
            message: "{\"amount\": 1e2}".to_owned(),
            arguments_at: "/params/arguments".to_owned(),
            masks: Vec::new(),
            asked_by: vec![AskedBy {
                ask: ask.digest(),
                binding: "limits".to_owned(),
                component: Digest::of(b"component"),
                settings: Digest::of(b"settings"),
            }],
            asks: vec![HeldAsk {
                binding: "limits".to_owned(),
                ask,
            }],
            allowed: true,
        }
    }

    #[test]
    fn a_held_call_is_opened_as_it_was_sealed() {
        let (keys, others) = (RecordKeys::new(&[1; 32]), RecordKeys::new(&[2; 32]));
        let sealed = call().seal(&keys);
        assert_eq!(sealed.open(&keys), Ok(call()));
        assert_eq!(sealed.open(&others), Err(PayloadError));
        for quoted in [&b"amount"[..], b"agent", b"kim", b"transfer"] {
            let mut places = sealed.sealed.windows(quoted.len());
            assert!(!places.any(|place| place == quoted));
        }
    }

    #[test]
    fn nothing_of_a_held_call_can_be_changed() {
        let keys = RecordKeys::new(&[1; 32]);
        let sealed = call().seal(&keys);
        for at in 0..sealed.sealed.len() {
            let mut changed = sealed.clone();
            changed.sealed[at] ^= 1;
            assert_eq!(changed.open(&keys), Err(PayloadError), "byte {at}");
        }
        for cut in [0, 1, 12, 28, sealed.sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed.sealed.truncate(cut);
            assert_eq!(changed.open(&keys), Err(PayloadError), "cut at {cut}");
        }
        type Change = fn(&mut Envelope);
        let changes: [Change; 4] = [
            |envelope| envelope.called = Digest::of(b"another"),
            |envelope| envelope.id.push('2'),
            |envelope| envelope.decide_by = Timestamp(u64::MAX),
            |envelope| envelope.agent = Digest::of(b"another"),
        ];
        for change in changes {
            let mut changed = sealed.clone();
            change(&mut changed.envelope);
            assert_eq!(changed.open(&keys), Err(PayloadError));
        }
    }
}
