//! Short ways to say what becomes of a result.

use crate::{Edit, Finding, Passage};

impl Finding {
    /// The result goes on as it is.
    pub const fn pass() -> Self {
        Self::Pass(Passage {
            edits: Vec::new(),
            labels: Vec::new(),
        })
    }

    /// The result goes on, changed like this, in order.
    pub fn edit(edits: impl IntoIterator<Item = Edit>) -> Self {
        Self::pass_with(edits, Vec::<String>::new())
    }

    /// The result goes on as it is, and the session carries these labels from
    /// now on.
    pub fn label(labels: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::pass_with([], labels)
    }

    /// The result goes on with edits and labels.
    pub fn pass_with(
        edits: impl IntoIterator<Item = Edit>,
        labels: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self::Pass(Passage {
            edits: edits.into_iter().collect(),
            labels: labels.into_iter().map(Into::into).collect(),
        })
    }

    /// The agent gets this text instead of the result.
    pub fn block(message: impl Into<String>) -> Self {
        Self::Block(message.into())
    }
}

/// Lets a reviewer use `?`: what it cannot read, it blocks.
impl<E: std::fmt::Display> From<Result<Finding, E>> for Finding {
    fn from(result: Result<Finding, E>) -> Self {
        result.unwrap_or_else(|error| Self::Block(error.to_string()))
    }
}
