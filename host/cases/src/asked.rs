//! A policy that is asked: one guest for each settings. The first is loaded as a gate loads
//! it, from a snapshot; to ask it something with further ones nothing is compiled again.

use std::collections::BTreeMap;
use std::time::Duration;

use gatewright_sandbox::{Guest, Limits, LoadError, Rehearsal, Sandbox};

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
    /// Whether the sandbox took it once.
    is_loaded: bool,
    rehearsal: Option<Rehearsal>,
}

impl<'a> Asked<'a> {
    /// Nothing is compiled yet.
    pub const fn new(sandbox: &'a Sandbox, component: &'a [u8]) -> Self {
        Self {
            sandbox,
            component,
            guests: BTreeMap::new(),
            is_loaded: false,
            rehearsal: None,
        }
    }

    /// The policy with these settings, with the limits of a binding that sets
    /// none, and more time.
    pub async fn guest(&mut self, settings: &str) -> &Result<Guest, LoadError> {
        if !self.guests.contains_key(settings) && self.guests.len() >= GUESTS_MAX {
            self.guests.clear();
        }
        let loaded = match self.guests.remove(settings) {
            Some(guest) => guest,
            None => self.load(settings).await,
        };
        self.guests.entry(settings.to_owned()).or_insert(loaded)
    }

    async fn load(&mut self, settings: &str) -> Result<Guest, LoadError> {
        let limits = Limits {
            deadline: DEADLINE,
            ..Limits::default()
        };
        if !self.is_loaded {
            let guest = self.sandbox.load(self.component, settings, limits).await?;
            self.is_loaded = true;
            return Ok(guest);
        }
        let rehearsal = match self.rehearsal.take() {
            Some(rehearsal) => rehearsal,
            None => self.sandbox.rehearse(self.component).await?,
        };
        let rehearsal = self.rehearsal.insert(rehearsal);
        rehearsal.configure(settings, limits).await
    }
}
