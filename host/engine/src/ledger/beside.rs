//! What goes wrong with the folders beside a ledger, for whoever looks after it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gatewright_policy::counted;

use super::port::LedgerError;

/// The last thing that went wrong, until a write goes well again; and what was found at the
/// start.
#[derive(Clone, Debug)]
pub(super) struct Beside {
    /// Files of which nobody can tell what they are.
    unfit: usize,
    failed: Arc<Mutex<Option<String>>>,
}

// === impl Beside ===

impl Beside {
    /// So many files were no held calls at the start.
    pub(super) fn new(unfit: usize) -> Self {
        Self {
            unfit,
            failed: Arc::default(),
        }
    }

    /// What came of a write.
    pub(super) fn written<T>(&self, result: io::Result<T>) -> Result<T, LedgerError> {
        match result {
            Ok(value) => {
                *self.failed() = None;
                Ok(value)
            }
            Err(error) => self.read(Err(error)),
        }
    }

    /// What came of a look: that one file can be read says nothing about another write.
    pub(super) fn read<T>(&self, result: io::Result<T>) -> Result<T, LedgerError> {
        result.map_err(|error| {
            let said = error.to_string();
            let failed = LedgerError::Write(format!("the held calls beside it: {said}"));
            *self.failed() = Some(said);
            failed
        })
    }

    /// Why held calls are not kept as they should be, if that is so.
    pub(super) fn trouble(&self) -> Option<String> {
        let failed = self.failed().clone();
        failed.or_else(|| match self.unfit {
            0 => None,
            unfit => Some(format!(
                "no held calls at the start, and nobody is asked about them: {}",
                counted(unfit, "file")
            )),
        })
    }

    fn failed(&self) -> MutexGuard<'_, Option<String>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
