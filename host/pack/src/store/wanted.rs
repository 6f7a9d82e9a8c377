//! The set of packs that the gate should run.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use gatewright_policy::{Digest, Share};
use serde::{Deserialize, Serialize};

use crate::drift::Ask;
use crate::name::PackName;

/// A set of packs, as somebody wanted it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Counts changes, from 1; 0 says that nothing was ever wanted.
    pub revision: u64,
    /// The packs, by name.
    pub set: BTreeMap<PackName, WantedPack>,
    /// Who wanted it: a person's name, or what followed a tag.
    pub by: String,
    /// When (RFC 3339).
    pub at: String,
}

/// One pack of the set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedPack {
    /// The pack that counts.
    pub pack: Digest,
    /// What the operator granted beyond what the version before asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<Ask>,
    /// The operator allowed it in so many words, though a newer one was seen.
    #[serde(default, skip_serializing_if = "is_false")]
    pub older: bool,
    /// A version beside it that does not count for everybody yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate: Option<Candidate>,
}

/// A version that is tried beside the one that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The pack.
    pub pack: Digest,
    /// For whom it counts.
    pub mode: CandidateMode,
    /// What the operator granted beyond what the pack that counts asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<Ask>,
    /// The operator allowed it in so many words, though a newer one was seen.
    #[serde(default, skip_serializing_if = "is_false")]
    pub older: bool,
}

/// For whom a candidate counts, as text `observe` or `canary:5%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum CandidateMode {
    /// For nobody: its answers are recorded.
    Observe,
    /// For a share of the agents.
    Canary(Share),
}

// === impl Wanted ===

impl Wanted {
    /// Nothing, which is what a new store wants.
    pub fn nothing() -> Self {
        Self {
            revision: 0,
            set: BTreeMap::new(),
            by: "nobody".to_owned(),
            at: "1970-01-01T00:00:00Z".to_owned(),
        }
    }

    /// Every pack of it with its name, candidates included.
    pub fn packs(&self) -> impl Iterator<Item = (&PackName, Digest)> {
        self.set.iter().flat_map(|(name, wanted)| {
            let candidate = wanted.candidate.as_ref().map(|candidate| candidate.pack);
            std::iter::once(wanted.pack)
                .chain(candidate)
                .map(move |pack| (name, pack))
        })
    }
}

// === impl CandidateMode ===

const CANARY: &str = "canary:";

impl FromStr for CandidateMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix(CANARY) {
            Some(share) => share
                .parse()
                .map(Self::Canary)
                .map_err(|error: gatewright_policy::rollout::ShareError| error.to_string()),
            None if text == "observe" => Ok(Self::Observe),
            None => Err(format!(
                "`{text}` is neither `observe` nor `canary:<share>`"
            )),
        }
    }
}

impl fmt::Display for CandidateMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Observe => f.write_str("observe"),
            Self::Canary(share) => write!(f, "{CANARY}{share}"),
        }
    }
}

impl From<CandidateMode> for String {
    fn from(mode: CandidateMode) -> Self {
        mode.to_string()
    }
}

impl TryFrom<String> for CandidateMode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}
