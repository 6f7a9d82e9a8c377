//! What the verifier reads of an entry, and nothing else of it.

use std::borrow::Cow;

use serde::Deserialize;

/// An entry, as far as it matters here. A member that stands there twice is an error.
#[derive(Debug, Deserialize)]
pub(super) struct Entry<'a> {
    pub(super) sequence: u64,
    /// In milliseconds.
    pub(super) at: u64,
    #[serde(borrow)]
    pub(super) event: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) decision: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) record: Option<u32>,
    /// What happened to the ledger, in a word; what was changed, as an object.
    #[serde(default)]
    what: Option<serde_json::Value>,
    /// That a key followed another, as both signed it.
    #[serde(borrow, default)]
    pub(super) note: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) previous: Option<Previous<'a>>,
    /// What a decision made of a request for approval.
    #[serde(borrow, default)]
    pub(super) approval: Option<Use<'a>>,
    /// What a person decided.
    #[serde(borrow, default)]
    pub(super) vote: Option<Vote<'a>>,
}

// === impl Entry ===

impl Entry<'_> {
    /// What happened, where that is one word.
    pub(super) fn what(&self) -> Option<&str> {
        self.what.as_ref()?.as_str()
    }
}

/// What became of a request for approval.
#[derive(Debug, Deserialize)]
pub(super) struct Use<'a> {
    #[serde(borrow)]
    pub(super) held: Cow<'a, str>,
    #[serde(borrow, rename = "use")]
    pub(super) what: Cow<'a, str>,
}

/// The decision of a person.
#[derive(Debug, Deserialize)]
pub(super) struct Vote<'a> {
    #[serde(borrow)]
    pub(super) signed: Signed<'a>,
}

/// A statement, and what proves it.
#[derive(Debug, Deserialize)]
pub(super) struct Signed<'a> {
    pub(super) statement: serde_json::Value,
    #[serde(borrow)]
    pub(super) signature: Signature<'a>,
}

/// A signature, in base64.
#[derive(Debug, Deserialize)]
pub(super) struct Signature<'a> {
    #[serde(borrow)]
    pub(super) method: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) key: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) signature: Cow<'a, str>,
}

/// The file before a segment.
#[derive(Debug, Deserialize)]
pub(super) struct Previous<'a> {
    #[serde(borrow)]
    pub(super) file: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) digest: Cow<'a, str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_a_word_or_an_object() {
        for (text, expected) in [
            (
                r#"{"sequence":0,"at":1,"event":"ledger","what":"clock-set"}"#,
                Some("clock-set"),
            ),
            (
                r#"{"sequence":0,"at":1,"event":"agents","what":{"turn":{"turn":"suspend"}}}"#,
                None,
            ),
            (
                r#"{"sequence":0,"at":1,"event":"tools","what":{"pin":[]}}"#,
                None,
            ),
            (r#"{"sequence":0,"at":1,"event":"stopped"}"#, None),
        ] {
            let entry: Entry<'_> = serde_json::from_str(text).unwrap();
            assert_eq!(entry.what(), expected, "{text}");
        }
    }
}
