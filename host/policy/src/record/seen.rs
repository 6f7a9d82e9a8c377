//! What policies could see of the past when they judged: so much that whoever has the
//! record can tell whether they make the same of it.

use serde::{Deserialize, Serialize};

use super::keys::RecordKeys;
use crate::digest::Digest;
use crate::reason::Reason;
use crate::request::{Context, PastCall};
use crate::sealed_label::SealedLabel;

/// Room for what a full history of 64 calls takes.
const SEEN_BYTES: usize = 64 * 96;

/// What a session carried when one of its calls was judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// How many earlier calls policies could see.
    #[serde(default)]
    pub calls: usize,
    /// Keyed digest over the id, the outcome and the reason of each of them, newest
    /// first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<Digest>,
    /// Its labels, each sealed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<SealedLabel>,
}

impl RecordKeys {
    /// What a call saw; nothing where it saw nothing.
    pub fn seen(&self, context: &Context) -> Option<Seen> {
        if context.labels.is_empty() && context.history.is_empty() {
            return None;
        }
        let labels = context.labels.iter();
        Some(Seen {
            labels: labels.map(|label| self.seal(label)).collect(),
            calls: context.history.len(),
            history: self.history(context.history.iter().map(AsRef::as_ref)),
        })
    }

    fn history<'a>(&self, calls: impl Iterator<Item = &'a PastCall>) -> Option<Digest> {
        let mut calls = calls.peekable();
        calls.peek()?;
        // In one piece: BLAKE3 takes several kilobytes at once faster than each text.
        let mut seen = Vec::with_capacity(SEEN_BYTES);
        for call in calls {
            let reason = call.reason.map_or("", Reason::code);
            for text in [&*call.id, call.outcome.as_str(), reason] {
                // A length before each text: none can run into the next.
                seen.extend_from_slice(&(text.len() as u64).to_le_bytes());
                seen.extend_from_slice(text.as_bytes());
            }
        }
        let digest = blake3::keyed_hash(&self.histories, &seen);
        Some(Digest::from_bytes(*digest.as_bytes()))
    }
}
