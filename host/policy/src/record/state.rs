//! What a client carries while people are asked about its call, and gives back with it: it
//! says which call that is, and nobody but the gate can make one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::keys::RecordKeys;
use crate::digest::Digest;
use crate::request::Subject;
use crate::timestamp::Timestamp;

/// Begins every such state: one that begins otherwise is a tool server's.
pub const STATE_PREFIX: &str = "gatewright1.";

/// What the seal is bound to: nothing else that is sealed is opened as a state.
const BOUND: &[u8] = b"gatewright 2026 call state";

/// Which call a client comes back with. It is no authority: what people decided is looked
/// up, and the call is judged again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallState {
    /// Id of the held call.
    pub held: String,
    /// Keyed digest of the agent, its issuer, and whom it acts for.
    pub caller: Digest,
    /// What the same call has in common with it ([`RecordKeys::called`]).
    pub called: Digest,
    /// From then on it is nothing any more.
    pub until: Timestamp,
}

/// A state that this gate did not make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`requestState` is not one that this gate gave")]
pub struct StateError;

impl RecordKeys {
    /// What stands for a caller in a state.
    pub fn caller(&self, subject: &Subject) -> Digest {
        let names = [
            Some(subject.issuer.as_str()),
            Some(&subject.id),
            subject.principal.as_deref(),
        ];
        // Each with its length: no two callers are written alike.
        let names = names.map(|name| match name {
            Some(name) => format!("{}:{name}", name.len()),
            None => "-".to_owned(),
        });
        self.digest(&names.concat())
    }

    /// The text that a client carries.
    pub fn seal_state(&self, state: &CallState) -> String {
        #[expect(
            clippy::expect_used,
            reason = "texts, digests and numbers are always JSON"
        )]
        let text = serde_json::to_vec(state).expect("a state as JSON");
        let sealed = self.seal_payload(BOUND, &text);
        format!("{STATE_PREFIX}{}", URL_SAFE_NO_PAD.encode(sealed))
    }

    /// What it says, if this gate made it, or one with the same salt.
    pub fn open_state(&self, text: &str) -> Result<CallState, StateError> {
        let sealed = text.strip_prefix(STATE_PREFIX).ok_or(StateError)?;
        let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| StateError)?;
        let text = self.open_payload(BOUND, &sealed).map_err(|_| StateError)?;
        serde_json::from_slice(&text).map_err(|_| StateError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_opened_as_it_was_made_and_by_its_gate_only() {
        let (keys, others) = (RecordKeys::new(&[1; 32]), RecordKeys::new(&[2; 32]));
        let state = CallState {
            held: "1".to_owned(),
            caller: Digest::of(b"caller"),
            called: Digest::of(b"called"),
            until: Timestamp(60),
        };
        let text = keys.seal_state(&state);
        assert_eq!(keys.open_state(&text), Ok(state));
        assert_eq!(others.open_state(&text), Err(StateError));
        for at in STATE_PREFIX.len()..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(keys.open_state(&changed), Err(StateError), "byte {at}");
        }
        for other in ["", STATE_PREFIX, "gatewright1.?", "theirs"] {
            assert_eq!(keys.open_state(other), Err(StateError), "{other}");
        }
        // What is sealed for another purpose is none, whoever sealed it.
        let held = keys.seal_payload(b"held call", b"{}");
        let held = format!("{STATE_PREFIX}{}", URL_SAFE_NO_PAD.encode(held));
        assert_eq!(keys.open_state(&held), Err(StateError));
    }
}
