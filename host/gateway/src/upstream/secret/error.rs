//! Why the gate has nothing to show to a tool server.

/// For the operator; nothing of any secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the gate's credential cannot be used: {0}")]
pub(crate) struct SecretError(String);

impl SecretError {
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }
}
