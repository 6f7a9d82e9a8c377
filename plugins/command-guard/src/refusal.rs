//! What an agent is told: the fault, its place, and what to do.

use crate::script::{Construct, ParseError};

/// Names longer than this are not shown.
const SHOWN_MAX: usize = 40;

/// Why something is refused, for the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub problem: String,
    /// Where, in characters from 1.
    pub at: usize,
    /// What to do.
    pub hint: &'static str,
}

impl Refusal {
    pub(crate) fn new(problem: impl Into<String>, at: usize, hint: &'static str) -> Self {
        Self {
            problem: problem.into(),
            at,
            hint,
        }
    }
}

impl From<ParseError> for Refusal {
    fn from(error: ParseError) -> Self {
        Self::new(error.problem, error.at, "write it in a plainer way")
    }
}

/// A name for a message, if it is one that can be shown.
pub(crate) fn shown(name: &str, otherwise: &str) -> String {
    let plain = name
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "._-/+[: ".contains(letter));
    if plain && !name.is_empty() && name.len() <= SHOWN_MAX {
        format!("`{name}`")
    } else {
        otherwise.to_owned()
    }
}

pub(crate) fn hint_for(construct: Construct) -> &'static str {
    match construct {
        Construct::Sequence | Construct::Pipe | Construct::Group => "send one command in one call",
        Construct::Background => "run it in the foreground",
        Construct::Control | Construct::Function => "send the commands one by one",
        Construct::Substitution => "run the inner command first, and write its answer out",
        Construct::Variable => "write the value out",
        Construct::HereDocument => "give the text in a file",
    }
}
