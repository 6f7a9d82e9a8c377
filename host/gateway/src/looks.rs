//! Who looks at the tools of which server now.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use tokio::sync::Mutex;

/// One look at a time at each server; whoever wants the same waits for it.
#[derive(Debug, Default)]
pub(crate) struct Looks(std::sync::Mutex<HashMap<Arc<str>, Arc<Mutex<()>>>>);

impl Looks {
    pub(crate) fn of(&self, server: &Arc<str>) -> Arc<Mutex<()>> {
        let looks = self.0.lock();
        let mut looks = looks.unwrap_or_else(PoisonError::into_inner);
        Arc::clone(looks.entry(Arc::clone(server)).or_default())
    }
}
