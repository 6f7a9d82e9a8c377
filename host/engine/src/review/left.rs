//! Labels that reviewers leave on the session of one call.

use std::collections::BTreeSet;
use std::sync::Arc;

use gatewright_policy::{Label, Timestamp};

/// What reviewers left, each once.
#[derive(Default)]
pub(super) struct LabelsLeft {
    all: Vec<Label>,
    /// So many of them are on disk.
    synced: usize,
}

impl LabelsLeft {
    /// What somebody leaves now. What this call left already stays as it is recorded:
    /// nothing takes it off while the call is under way.
    pub(super) fn newly(&self, source: &Arc<str>, names: Vec<String>, at: Timestamp) -> Vec<Label> {
        let mut names: BTreeSet<String> = names.into_iter().collect();
        names.retain(|name| self.all.iter().all(|left| left.name != *name));
        let labels = names.into_iter().map(|name| Label {
            name,
            source: Some(Arc::clone(source)),
            at: Some(at),
        });
        labels.collect()
    }

    /// They are on the session.
    pub(super) fn extend(&mut self, labels: Vec<Label>) {
        self.all.extend(labels);
    }

    /// Those that no entry tells of yet.
    pub(super) fn unsynced(&self) -> &[Label] {
        self.all.get(self.synced..).unwrap_or_default()
    }

    /// All of them are on disk.
    pub(super) fn are_synced(&mut self) {
        self.synced = self.all.len();
    }
}
