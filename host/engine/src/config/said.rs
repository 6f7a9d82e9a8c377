//! Words of a policy in a problem: the operator reads them, the ledger need not.

use super::{ConfigError, Problem};

/// What a policy said, which may quote its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// As it stands at the end of the message of the problem.
    pub text: String,
    /// Whether the ledger keeps what this policy says in words.
    pub in_words: bool,
}

impl ConfigError {
    /// For the ledger: `told` gives what stands for the words of a policy.
    pub(crate) fn recorded(&self, told: impl Fn(&Said) -> String) -> String {
        let mut error = self.clone();
        for problem in &mut error.problems {
            if let Some(said) = &problem.said {
                let before = problem.message.strip_suffix(&said.text);
                problem.message = format!("{}{}", before.unwrap_or_default(), told(said));
            }
        }
        error.to_string()
    }
}

impl Problem {
    /// The same problem, with the words that a policy has in it.
    pub(crate) fn with(self, said: Option<Said>) -> Self {
        Self {
            said: said.filter(|said| !said.text.is_empty()),
            ..self
        }
    }
}
