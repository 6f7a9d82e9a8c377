//! What one policy said, as an entry has it.

use serde::{Deserialize, Serialize};

use crate::authority::Mode;
use crate::charge::BudgetRead;
use crate::digest::Digest;
use crate::fault::Fault;
use crate::integer::integer;
use crate::tally::Vote;
use crate::verdict::{Note, Obligation, Verdict};

/// What one policy said. Until it is [`RecordedOpinion::sealed`], in its words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedOpinion {
    /// The binding.
    pub binding: String,
    /// Whether it withheld the result.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blocked: bool,
    /// What it read of budgets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<BudgetRead>,
    /// The component that ran.
    pub component: Digest,
    /// How many edits it made, where it may edit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub edits: usize,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// What it cost.
    #[serde(deserialize_with = "integer")]
    pub fuel: u64,
    /// Whether it counted.
    pub mode: Mode,
    /// Why it answered so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What it wants done if the call goes ahead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obligations: Vec<Obligation>,
    /// Its verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl From<&Vote> for RecordedOpinion {
    fn from(vote: &Vote) -> Self {
        let mut recorded = Self::of(&vote.binding, vote.component, vote.mode, vote.fuel);
        match &vote.answer {
            Ok(opinion) => {
                recorded.verdict = Some(opinion.verdict.clone());
                recorded.obligations.clone_from(&opinion.obligations);
                recorded.notes.clone_from(&opinion.notes);
            }
            Err(fault) => recorded.fault = Some(fault.clone()),
        }
        recorded
    }
}

impl RecordedOpinion {
    /// Of a policy that said nothing yet.
    pub fn of(binding: &str, component: Digest, mode: Mode, fuel: u64) -> Self {
        Self {
            binding: binding.to_owned(),
            component,
            mode,
            verdict: None,
            obligations: Vec::new(),
            notes: Vec::new(),
            budgets: Vec::new(),
            fault: None,
            edits: 0,
            blocked: false,
            fuel,
        }
    }
}
