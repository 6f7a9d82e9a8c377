//! What came of a call that people approved: kept for a while, sealed, so that exactly the
//! same call gets it again and is not made a second time.

use serde::{Deserialize, Serialize};

use crate::record::{PayloadError, RecordKeys};
use crate::timestamp::Timestamp;

/// What came of an approved call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// When it ended.
    pub at: Timestamp,
    /// What its agent was given.
    pub given: Given,
    /// Labels that the call left: whoever gets its outcome again gets them too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<OutcomeLabel>,
}

/// What an agent was given in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Given {
    /// A result, as JSON text.
    Result(String),
    /// An error, as JSON text.
    Error(String),
    /// More bytes than are kept.
    TooLarge(u64),
}

/// A label that an approved call left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeLabel {
    /// The label.
    pub name: String,
    /// The binding that left it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// An outcome as it is kept: it is read with the keys of the record only, and only as that
/// of the call that it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedOutcome {
    /// Id of the held call that people approved.
    pub held: String,
    /// Id of the decision that let it go ahead.
    pub decision: String,
    /// The outcome, sealed.
    pub sealed: Vec<u8>,
}

/// What the seal is bound to.
#[derive(Serialize)]
struct Bound<'a> {
    what: &'static str,
    held: &'a str,
    decision: &'a str,
}

// === impl Outcome ===

impl Outcome {
    /// The form in which it is kept.
    pub fn seal(&self, keys: &RecordKeys, held: &str, decision: &str) -> SealedOutcome {
        SealedOutcome {
            held: held.to_owned(),
            decision: decision.to_owned(),
            sealed: keys.seal_payload(&bound(held, decision), &json(self)),
        }
    }
}

// === impl SealedOutcome ===

impl SealedOutcome {
    /// The outcome, if nothing of it was changed and the keys are those that it was sealed
    /// with.
    pub fn open(&self, keys: &RecordKeys) -> Result<Outcome, PayloadError> {
        let text = keys.open_payload(&bound(&self.held, &self.decision), &self.sealed)?;
        serde_json::from_slice(&text).map_err(|_| PayloadError)
    }
}

fn bound(held: &str, decision: &str) -> Vec<u8> {
    json(&Bound {
        what: "gatewright 2026 outcome",
        held,
        decision,
    })
}

#[expect(
    clippy::expect_used,
    reason = "text and numbers are always JSON, and memory takes what is written to it"
)]
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("values as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_opened_as_that_of_its_call_and_of_no_other() {
        let (keys, others) = (RecordKeys::new(&[1; 32]), RecordKeys::new(&[2; 32]));
        let outcome = Outcome {
            at: Timestamp(7),
            given: Given::Result("{\"amount\": 1e2}".to_owned()),
            labels: vec![OutcomeLabel {
                name: "pii".to_owned(),
                source: Some("binding".to_owned()),
            }],
        };
        let sealed = outcome.seal(&keys, "1", "2");
        assert_eq!(sealed.open(&keys), Ok(outcome));
        assert_eq!(sealed.open(&others), Err(PayloadError));
        assert!(!sealed.sealed.windows(6).any(|it| it == b"amount"));
        for at in 0..sealed.sealed.len() {
            let mut changed = sealed.clone();
            changed.sealed[at] ^= 1;
            assert_eq!(changed.open(&keys), Err(PayloadError), "byte {at}");
        }
        for (held, decision) in [("2", "2"), ("1", "1"), ("2", "1")] {
            let moved = SealedOutcome {
                held: held.to_owned(),
                decision: decision.to_owned(),
                ..sealed.clone()
            };
            assert_eq!(moved.open(&keys), Err(PayloadError), "{held} {decision}");
        }
    }
}
