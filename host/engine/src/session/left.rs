//! Labels of one session, each with who left it and when.

use std::collections::BTreeMap;
use std::sync::Arc;

use gatewright_policy::{Label, Timestamp};

/// Labels by their name.
#[derive(Default)]
pub(super) struct Labels(BTreeMap<String, Left>);

/// Who left a label, and when. Of several the latest counts, and of those of one moment
/// the last by its name: whatever the order in which their calls are recorded.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Left {
    at: Option<Timestamp>,
    source: Option<Arc<str>>,
}

// === impl Labels ===

impl Labels {
    /// They are on the session from now on.
    pub(super) fn leave(&mut self, labels: impl IntoIterator<Item = Label>) {
        for Label { name, source, at } in labels {
            let left = Left { at, source };
            let known = self.0.entry(name).or_insert_with(|| left.clone());
            if *known < left {
                *known = left;
            }
        }
    }

    pub(super) fn take_off(&mut self, name: &str) {
        self.0.remove(name);
    }

    pub(super) fn contain(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// All of them, sorted by name.
    pub(super) fn all(&self) -> Vec<Label> {
        let labels = self.0.iter().map(|(name, left)| Label {
            name: name.clone(),
            source: left.source.clone(),
            at: left.at,
        });
        labels.collect()
    }
}
