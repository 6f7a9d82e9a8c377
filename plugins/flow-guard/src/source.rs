//! Which calls read untrusted or sensitive data.

use gatewright_sdk::{Hints, Pattern};
use serde::Deserialize;

use crate::sink::Call;

/// The label of what anybody may have written.
pub(crate) const UNTRUSTED: &str = "untrusted";

/// The label of what must not leave.
pub(crate) const SENSITIVE: &str = "sensitive";

/// Tools whose answers leave labels.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Source {
    #[serde(default)]
    servers: Vec<Pattern>,
    tools: Vec<Pattern>,
    pub(crate) labels: Vec<String>,
}

impl Source {
    pub(crate) fn names_nothing(&self) -> bool {
        self.tools.is_empty() || self.labels.is_empty()
    }
}

/// The labels that a call leaves, sorted, each once: those of every source that names it,
/// those of what is pinned about it (none where that does not count), and where there is
/// neither, those of tools that nobody knows.
pub(crate) fn labels(
    sources: &[Source],
    hints: Hints,
    hints_count: bool,
    unpinned_labels: &[String],
    call: &Call,
) -> Vec<String> {
    let mut labels = Vec::new();
    if hints_count {
        for (hint, label) in [(Hints::UNTRUSTED, UNTRUSTED), (Hints::SENSITIVE, SENSITIVE)] {
            if hints.contains(hint) {
                labels.push(label.to_owned());
            }
        }
    }
    let mut is_named = false;
    for source in sources {
        if call.is_of(&source.servers, &source.tools) {
            is_named = true;
            labels.extend(source.labels.iter().cloned());
        }
    }
    if !is_named && hints.is_empty() {
        labels.extend(unpinned_labels.iter().cloned());
    }
    labels.sort();
    labels.dedup();
    labels
}
