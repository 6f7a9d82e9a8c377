//! What operators see of the listener for agents.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::visit::Why;

/// Counts connections, and keeps what is wrong with accepting them.
#[derive(Debug, Default)]
pub(crate) struct Door {
    open: Gauge,
    ended: Family<EndedLabels, Counter>,
    failures: Counter,
    /// What the system says, while nobody can be accepted.
    failing: Mutex<Option<String>>,
}

/// A connection that is open until this is dropped.
pub(super) struct Open(Arc<Door>);

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct EndedLabels {
    why: &'static str,
}

impl Door {
    /// Names everything.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "gatewright_connections_open",
            "Connections of agents",
            self.open.clone(),
        );
        registry.register(
            "gatewright_connections_ended",
            "Connections that the gate ended or refused, by why",
            self.ended.clone(),
        );
        registry.register(
            "gatewright_accept_failures",
            "Times that no connection could be accepted",
            self.failures.clone(),
        );
    }

    /// Why nobody can be accepted, while it is so.
    pub(crate) fn failing(&self) -> Option<String> {
        self.state().clone()
    }

    pub(super) fn opened(self: &Arc<Self>) -> Open {
        self.open.inc();
        Open(Arc::clone(self))
    }

    /// How many connections are open.
    #[cfg(test)]
    pub(super) fn open(&self) -> i64 {
        self.open.get()
    }

    pub(super) fn ended(&self, why: Why) {
        let labels = EndedLabels { why: why.code() };
        self.ended.get_or_create(&labels).inc();
    }

    pub(super) fn accepts(&self) {
        *self.state() = None;
    }

    pub(super) fn fails(&self, error: &io::Error) {
        tracing::warn!(%error, "cannot accept");
        self.failures.inc();
        *self.state() = Some(error.to_string());
    }

    fn state(&self) -> MutexGuard<'_, Option<String>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_that_cannot_accept_says_so_until_it_can() {
        let door = Arc::new(Door::default());
        assert_eq!(door.failing(), None);
        door.fails(&io::Error::other("no file descriptors left"));
        assert_eq!(door.failing().as_deref(), Some("no file descriptors left"));
        door.accepts();
        assert_eq!(door.failing(), None);
        assert_eq!(door.failures.get(), 1);
        let open = door.opened();
        assert_eq!(door.open.get(), 1);
        drop(open);
        assert_eq!(door.open.get(), 0);
    }
}
