//! What is kept of a call beside the record, where the operator says so: enough to judge
//! it again. The entry has its digest, and none of it.

use serde::{Deserialize, Serialize};

use super::keys::RecordKeys;
use super::payload::PayloadError;
use crate::charge::BudgetRead;
use crate::decision::DecisionKind;
use crate::definition::Definition;
use crate::digest::Digest;
use crate::reason::Reason;
use crate::request::{Approval, Label, Subject};
use crate::segment::CarriedCall;
use crate::timestamp::Timestamp;
use crate::verdict::Ask;

/// What an entry says of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Keyed digest of the text that is kept.
    pub digest: Digest,
    /// Something of it was masked before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub masked: bool,
}

/// What is known of a payload without the keys; it stands before the sealed text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayloadHead {
    /// Id of the decision.
    pub id: String,
    /// Which part of the call it is.
    pub what: PayloadKind,
    /// When the gate received the call.
    pub at: Timestamp,
    /// Keyed digests of all agents of the chain and of the principal, so that what is kept of
    /// them can be found and erased.
    pub who: Vec<Digest>,
}

/// Which part of a call is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PayloadKind {
    /// What was asked, and what policies saw beside it.
    Call,
    /// What came back.
    Result,
}

/// A call as it was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallPayload {
    /// Id of the decision.
    pub id: String,
    /// When the gate received it.
    pub received_at: Timestamp,
    /// Who asked, for whom, with which scopes, claims and proof.
    pub subject: Subject,
    /// The session that it belongs to.
    pub session: String,
    /// The MCP method.
    pub method: String,
    /// The tool server.
    pub server: String,
    /// The whole message as it came, before any policy edited it.
    pub message: String,
    /// JSON Pointers, in the message, of what was masked; as long as there are any, nobody
    /// can judge the call again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
    /// What it names, in the order of its entry.
    pub names: Vec<JudgedName>,
}

/// One thing that a call names, and what its policies made of it: before budgets, and
/// before the gate looked at what people had decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgedName {
    /// The tool, prompt or resource.
    pub name: String,
    /// JSON Pointer to its arguments.
    pub arguments_at: String,
    /// Labels that the session carried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// The definition of the tool that was pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<KeptDefinition>,
    /// What its server said it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<KeptDefinition>,
    /// What the gate itself asked people, whatever policies said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Ask>,
    /// What the session did before, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<CarriedCall>,
    /// Who had approved it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// What policies read of budgets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<KeptBudget>,
    /// What was judged.
    pub decision: DecisionKind,
    /// Why not, if not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// What the policy of a binding read of one of its budgets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptBudget {
    /// The binding.
    pub binding: String,
    /// What it read.
    pub read: BudgetRead,
}

/// The definition of a tool, as policies saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptDefinition {
    /// What it is known by.
    pub digest: Digest,
    /// What it says; empty where only its digest was known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

// === impl KeptDefinition ===

impl From<&Definition> for KeptDefinition {
    fn from(definition: &Definition) -> Self {
        Self {
            digest: definition.digest,
            text: definition.text().to_owned(),
        }
    }
}

impl From<&KeptDefinition> for Definition {
    fn from(kept: &KeptDefinition) -> Self {
        Self::known(kept.digest, &kept.text)
    }
}

// === impl PayloadHead ===

impl PayloadHead {
    /// Of a call of this subject.
    pub fn of(
        keys: &RecordKeys,
        (id, what): (&str, PayloadKind),
        subject: &Subject,
        at: Timestamp,
    ) -> Self {
        let agents = std::iter::once(&subject.id).chain(&subject.delegation);
        let mut who: Vec<_> = agents.map(|agent| Self::agent(keys, agent)).collect();
        let principal = subject.principal.as_ref();
        who.extend(principal.map(|principal| Self::principal(keys, principal)));
        Self {
            id: id.to_owned(),
            what,
            at,
            who,
        }
    }

    /// By this what is kept of an agent is found.
    pub fn agent(keys: &RecordKeys, agent: &str) -> Digest {
        keys.digest(&format!("agent {agent}"))
    }

    /// By this what is kept of calls for a person is found.
    pub fn principal(keys: &RecordKeys, principal: &str) -> Digest {
        keys.digest(&format!("principal {principal}"))
    }

    /// The text, sealed, so that it belongs to this call and no other.
    pub fn seal(&self, keys: &RecordKeys, text: &str) -> Vec<u8> {
        keys.seal_payload(&self.bound(), text.as_bytes())
    }

    /// The text, if nothing of it or of the head was changed, and if the entry commits to
    /// it.
    pub fn open(
        &self,
        keys: &RecordKeys,
        sealed: &[u8],
        committed: &Kept,
    ) -> Result<String, PayloadError> {
        let text = keys.open_payload(&self.bound(), sealed)?;
        let text = String::from_utf8(text).map_err(|_| PayloadError)?;
        match keys.digest(&text) == committed.digest {
            true => Ok(text),
            false => Err(PayloadError),
        }
    }

    fn bound(&self) -> Vec<u8> {
        text(self).into_bytes()
    }
}

// === impl CallPayload ===

impl CallPayload {
    /// The form in which it is kept.
    pub fn text(&self) -> String {
        text(self)
    }
}

#[expect(
    clippy::expect_used,
    reason = "text and numbers are always JSON, and memory takes what is written to it"
)]
fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("values as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Proof;

    fn subject() -> Subject {
        Subject {
            id: "delegate".to_owned(),
            issuer: "issuer".to_owned(),
            principal: Some("user:kim".to_owned()),
            owner: None,
            delegation: vec!["agent".to_owned(), "broker".to_owned()],
            delegated_by: vec!["issuer".into(), "agent".into()],
            scopes: Vec::new(),
            proof: Proof::Bearer,
            expires_at: Timestamp(9),
            claims: Vec::new(),
        }
    }

    #[test]
    fn a_payload_is_opened_as_the_entry_has_it_and_no_other_way() {
        let (keys, others) = (RecordKeys::new(&[1; 32]), RecordKeys::new(&[2; 32]));
        let head = PayloadHead::of(&keys, ("1", PayloadKind::Call), &subject(), Timestamp(1));
        let kept = Kept {
            digest: keys.digest("secret"),
            masked: false,
        };
        let sealed = head.seal(&keys, "secret");
        assert_eq!(head.open(&keys, &sealed, &kept).as_deref(), Ok("secret"));
        assert_eq!(head.open(&others, &sealed, &kept), Err(PayloadError));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(head.open(&keys, &changed, &kept), Err(PayloadError), "{at}");
        }
        // Sealed in good order, and not what the entry commits to.
        let other = head.seal(&keys, "another");
        assert_eq!(head.open(&keys, &other, &kept), Err(PayloadError));
        for changed in [
            PayloadHead {
                id: "2".to_owned(),
                ..head.clone()
            },
            PayloadHead {
                what: PayloadKind::Result,
                ..head.clone()
            },
            PayloadHead {
                who: Vec::new(),
                ..head
            },
        ] {
            assert_eq!(changed.open(&keys, &sealed, &kept), Err(PayloadError));
        }
    }

    #[test]
    fn everybody_concerned_is_found() {
        let keys = RecordKeys::new(&[1; 32]);
        let head = PayloadHead::of(&keys, ("1", PayloadKind::Call), &subject(), Timestamp(1));
        for who in [
            PayloadHead::agent(&keys, "agent"),
            PayloadHead::agent(&keys, "broker"),
            PayloadHead::agent(&keys, "delegate"),
            PayloadHead::principal(&keys, "user:kim"),
        ] {
            assert!(head.who.contains(&who));
        }
        assert!(!head.who.contains(&PayloadHead::agent(&keys, "user:kim")));
    }
}
