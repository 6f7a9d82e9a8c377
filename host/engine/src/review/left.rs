//! Labels that reviewers leave on the session of one call.

use std::collections::BTreeSet;
use std::sync::Arc;

use gatewright_policy::{Label, Timestamp};

/// What reviewers left, each once.
#[derive(Default)]
pub(super) struct LabelsLeft {
    synced: Vec<Label>,
    /// Those that no entry tells of yet.
    unsynced: Vec<Label>,
}

impl LabelsLeft {
    /// What somebody leaves now. What this call left already stays as it is recorded:
    /// nothing takes it off while the call is under way.
    pub(super) fn newly(&self, source: &Arc<str>, names: Vec<String>, at: Timestamp) -> Vec<Label> {
        let mut names: BTreeSet<String> = names.into_iter().collect();
        for left in self.synced.iter().chain(&self.unsynced) {
            names.remove(&left.name);
        }
        let labels = names.into_iter().map(|name| Label {
            name,
            source: Some(Arc::clone(source)),
            at: Some(at),
        });
        labels.collect()
    }

    /// They are on the session.
    pub(super) fn extend(&mut self, labels: Vec<Label>) {
        self.unsynced.extend(labels);
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Label> {
        self.synced.iter().chain(&self.unsynced)
    }

    /// Those that no entry tells of yet.
    pub(super) fn unsynced(&self) -> &[Label] {
        &self.unsynced
    }

    /// All of them are on disk.
    pub(super) fn are_synced(&mut self) {
        self.synced.append(&mut self.unsynced);
    }
}
