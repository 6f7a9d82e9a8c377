//! Whether decisions can be recorded, and if not, why not.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::port::LedgerError;

/// How the last attempt to write, or the last look at the file, went.
pub struct Health {
    healthy: AtomicBool,
    trouble: Mutex<Option<LedgerError>>,
}

impl Health {
    /// Nothing was tried yet.
    pub fn good() -> Self {
        Self {
            healthy: AtomicBool::new(true),
            trouble: Mutex::new(None),
        }
    }

    /// Whether the last attempt went well.
    pub fn is_good(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }

    /// What is wrong.
    pub fn trouble(&self) -> Option<LedgerError> {
        self.trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Notes how an attempt went, and says in the log what is new.
    pub fn note<T>(&self, outcome: Result<T, LedgerError>) -> Result<T, LedgerError> {
        if outcome.is_ok() && self.is_good() {
            return outcome;
        }
        let now = outcome.as_ref().err();
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble.as_ref() != now {
            match now {
                None => tracing::info!("decisions can be recorded again"),
                Some(error) => tracing::error!(%error, "every call is refused"),
            }
            *trouble = now.cloned();
        }
        self.healthy.store(now.is_none(), Ordering::Relaxed);
        outcome
    }
}
