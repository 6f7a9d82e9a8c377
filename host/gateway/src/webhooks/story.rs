//! What may be told of a held call: who asks for what, why, and until when; nothing of its
//! arguments. Text from outside is cut, and everything in it that has no shape is escaped.

use std::collections::BTreeMap;

use gatewright_engine::Shown;
use gatewright_policy::Timestamp;
use gatewright_policy::approval::visible;

/// Longest text from outside, in characters.
const TEXT_MAX: usize = 160;

/// Most names of one call that are told.
const NAMES_MAX: usize = 4;

/// Most calls whose end is waited for; of one more nobody is told that it expired.
const STORIES_MAX: usize = 16_384;

/// A held call, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Story {
    pub(super) id: String,
    pub(super) agent: String,
    pub(super) principal: Option<String>,
    pub(super) server: String,
    pub(super) method: String,
    pub(super) names: Vec<String>,
    /// What each policy asks: the binding, its title, its reason, whose roles.
    pub(super) asks: Vec<Asking>,
    pub(super) decide_by: Timestamp,
}

/// What one policy asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asking {
    pub(super) policy: String,
    pub(super) title: String,
    pub(super) reason: String,
    pub(super) roles: Vec<String>,
    pub(super) quorum: u32,
}

/// Calls that wait, by their ids.
#[derive(Debug, Default)]
pub(super) struct Stories(BTreeMap<String, Story>);

/// Text from outside, as people may be shown it.
pub(super) fn told(text: &str) -> String {
    let mut kept: String = text.chars().take(TEXT_MAX).collect();
    if kept.len() < text.len() {
        kept.push('\u{2026}');
    }
    visible(&kept)
}

// === impl Story ===

impl Story {
    pub(super) fn of(shown: &Shown) -> Self {
        let mut names: Vec<_> = shown
            .names
            .iter()
            .take(NAMES_MAX)
            .map(|it| told(it))
            .collect();
        if let Some(more) = shown.names.len().checked_sub(NAMES_MAX + 1) {
            names.push(format!("and {} more", more + 1));
        }
        let asks = shown.asks.iter().map(|asked| Asking {
            policy: told(&asked.binding),
            title: told(&asked.ask.title),
            reason: told(&asked.ask.reason),
            roles: asked
                .ask
                .roles
                .iter()
                .take(NAMES_MAX)
                .map(|it| told(it))
                .collect(),
            quorum: u32::from(asked.ask.quorum),
        });
        Self {
            id: shown.id.clone(),
            agent: told(&shown.agent),
            principal: shown.principal.as_deref().map(told),
            server: told(&shown.server),
            method: told(&shown.method),
            names,
            asks: asks.take(NAMES_MAX).collect(),
            decide_by: shown.decide_by,
        }
    }
}

// === impl Stories ===

impl Stories {
    pub(super) fn begin(&mut self, story: Story) {
        if self.0.len() < STORIES_MAX {
            self.0.insert(story.id.clone(), story);
        }
    }

    pub(super) fn get(&self, id: &str) -> Option<Story> {
        self.0.get(id).cloned()
    }

    pub(super) fn end(&mut self, id: &str) {
        self.0.remove(id);
    }

    /// Takes out those on which nobody decided in time.
    pub(super) fn over(&mut self, now: Timestamp) -> Vec<Story> {
        let over = self.0.extract_if(.., |_, story| story.decide_by <= now);
        over.map(|(_, story)| story).collect()
    }
}
