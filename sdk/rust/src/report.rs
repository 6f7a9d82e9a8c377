//! Short ways to say what becomes of a result.

use serde::Serialize;

use crate::{Charge, Edit, Finding, Note, Report};

impl Report {
    /// The result goes on as it is.
    pub const fn pass() -> Self {
        Self::of(Finding::Pass(Vec::new()))
    }

    /// The result goes on, changed like this, in order.
    pub fn edit(edits: impl IntoIterator<Item = Edit>) -> Self {
        Self::of(Finding::Pass(edits.into_iter().collect()))
    }

    /// The agent gets this text instead of the result.
    pub fn block(message: impl Into<String>) -> Self {
        Self::of(Finding::Block(message.into()))
    }

    /// The session carries these labels from now on, whatever the finding.
    #[must_use]
    pub fn labelling(mut self, labels: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.labels.extend(labels.into_iter().map(Into::into));
        self
    }

    /// The call cost this, beyond what was charged before it.
    #[must_use]
    pub fn charging(mut self, charge: Charge) -> Self {
        self.charges.push(charge);
        self
    }

    /// Why: a rule that the description lists, and words for the operator.
    #[must_use]
    pub fn because(mut self, rule: impl Into<String>, text: impl Into<String>) -> Self {
        self.notes.push(Note {
            rule: rule.into(),
            text: text.into(),
        });
        self
    }

    const fn of(finding: Finding) -> Self {
        Self {
            finding,
            labels: Vec::new(),
            charges: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// Lets a reviewer use `?`: what it cannot read, it blocks.
impl<E: std::fmt::Display> From<Result<Report, E>> for Report {
    fn from(result: Result<Report, E>) -> Self {
        result.unwrap_or_else(|error| Self::block(error.to_string()))
    }
}

impl Edit {
    /// Puts a value where the pointer points: replaces what stands there, adds a
    /// missing member, appends to an array at `-`.
    pub fn set(pointer: impl Into<String>, value: impl Serialize) -> Self {
        // Only maps with keys that are not text, and `Serialize` impls that
        // fail on purpose, end in an error. `null` is what JSON says for both.
        let json = serde_json::to_string(&value).unwrap_or_else(|_| "null".to_owned());
        Self::set_json(pointer, json)
    }

    /// Puts JSON text there.
    pub fn set_json(pointer: impl Into<String>, json: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            json: Some(json.into()),
        }
    }

    /// Removes the member or element.
    pub fn remove(pointer: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            json: None,
        }
    }
}
