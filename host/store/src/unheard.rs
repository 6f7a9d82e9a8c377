//! Calls whose commit nobody has heard of yet.

use gatewright_engine::memory::Commit;
use tokio::sync::mpsc::Sender;

use crate::wish::{Ending, Wish};

/// Calls whose commit nobody has heard of yet. Dropped, they go nowhere: no permit was
/// made of it.
pub(crate) struct Unheard<'a> {
    wishes: Option<&'a Sender<Wish>>,
    calls: Option<Ending>,
}

// === impl Unheard ===

impl<'a> Unheard<'a> {
    pub(crate) fn of(wishes: Option<&'a Sender<Wish>>, commit: &Commit) -> Self {
        let effects = &commit.effects;
        let calls = effects.session.clone().map(|session| Ending {
            session,
            ids: effects
                .calls
                .iter()
                .map(|call| call.id.to_string())
                .collect(),
        });
        Self {
            wishes,
            calls: calls.filter(|calls| !calls.ids.is_empty()),
        }
    }

    pub(crate) fn heard(mut self) {
        self.calls = None;
    }
}

impl Drop for Unheard<'_> {
    fn drop(&mut self) {
        if let (Some(wishes), Some(calls)) = (self.wishes, self.calls.take()) {
            // Where there is no room, labels stay on until the gate starts anew.
            let _wished = wishes.try_send(Wish::End(calls));
        }
    }
}
