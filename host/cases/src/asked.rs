//! A policy that is asked: one guest for each settings.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use gatewright_sandbox::{Guest, Limits, LoadError, Sandbox};

/// Fuel is what ends a case; a busy machine must not.
const DEADLINE: Duration = Duration::from_secs(20);

/// Guests that are kept, one for each settings. Cases with the same settings
/// mostly stand together.
const GUESTS_MAX: usize = 16;

/// A component, and its guests with the settings that were asked for last.
pub struct Asked<'a> {
    sandbox: &'a Sandbox,
    component: &'a [u8],
    guests: BTreeMap<String, Result<Guest, LoadError>>,
}

impl<'a> Asked<'a> {
    /// Nothing is compiled yet.
    pub const fn new(sandbox: &'a Sandbox, component: &'a [u8]) -> Self {
        Self {
            sandbox,
            component,
            guests: BTreeMap::new(),
        }
    }

    /// The policy with these settings, with the limits of a binding that sets
    /// none, and more time.
    pub async fn guest(&mut self, settings: &str) -> &Result<Guest, LoadError> {
        if !self.guests.contains_key(settings) && self.guests.len() >= GUESTS_MAX {
            self.guests.clear();
        }
        let limits = Limits {
            deadline: DEADLINE,
            ..Limits::default()
        };
        match self.guests.entry(settings.to_owned()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let guest = self.sandbox.load(self.component, settings, limits).await;
                entry.insert(guest)
            }
        }
    }
}
