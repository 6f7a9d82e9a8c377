//! The registry as every call sees it: without a lock, and replaced as a whole.

use std::sync::Arc;

use arc_swap::ArcSwap;
use gatewright_policy::{Asker, Registry, Stopped, Timestamp};
use tokio::sync::watch;

use super::inventory::Inventory;
use super::known_list::{Fetched, ListError, ListKey};
use super::statuses::Statuses;
use crate::tools::Seen;

/// What is known of agents at this gate.
pub struct Agents {
    registry: ArcSwap<Registry>,
    inventory: Inventory,
    statuses: Statuses,
    tools: Seen,
    changes: watch::Sender<u64>,
}

impl Agents {
    /// With what a memory says about the past.
    pub fn new(registry: Registry, inventory: Inventory) -> Self {
        Self {
            registry: ArcSwap::from_pointee(registry),
            inventory,
            statuses: Statuses::default(),
            tools: Seen::default(),
            changes: watch::Sender::new(0),
        }
    }

    /// Whether somebody may do what it is about to do.
    pub fn admits(&self, asker: &Asker) -> Result<(), Stopped> {
        self.registry.load().admits(asker)
    }

    /// Who answers for an agent.
    pub fn owner(&self, id: &str, issuer: &str) -> Option<String> {
        self.registry.load().agent(id, issuer)?.owner.clone()
    }

    /// What operators said, as it is now.
    pub fn registry(&self) -> Arc<Registry> {
        self.registry.load_full()
    }

    /// What agents did.
    pub const fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// What issuers say about their credentials.
    pub const fn statuses(&self) -> &Statuses {
        &self.statuses
    }

    /// What tool servers say about their tools.
    pub const fn tools(&self) -> &Seen {
        &self.tools
    }

    /// What came of fetching a status list: whoever goes on is looked at again.
    pub(super) fn put_status(
        &self,
        key: &ListKey,
        fetched: Result<Fetched, ListError>,
        now: Timestamp,
    ) -> Result<(), ListError> {
        let put = self.statuses.put(key, fetched, now);
        self.look_again();
        put
    }

    /// The status lists that are to be fetched now. Those that nobody used for long are let
    /// go of; whatever goes on hears of it, and wants its own again.
    pub fn lists_due(&self, now: Timestamp) -> Vec<ListKey> {
        if self.statuses.forget(now) {
            self.look_again();
        }
        self.statuses.due(now)
    }

    /// From now on this counts. Whoever waits for a change looks again.
    pub fn publish(&self, registry: Arc<Registry>) {
        self.registry.store(registry);
        self.look_again();
    }

    /// Something else changed that decides who may go on.
    pub fn look_again(&self) {
        self.changes
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Hears of every change from now on.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
