//! What is to be loaded.

use crate::limits::{Limits, SETTINGS_WHOLE_BYTES};
use crate::load_error::{LoadError, SETTINGS_TOGETHER_BYTES_MAX};

/// What is loaded.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) component: &'a [u8],
    pub(crate) settings: &'a str,
    pub(crate) limits: Limits,
}

// === impl Asked ===

impl Asked<'_> {
    /// Whether its settings are data, which has memory beside that of calls.
    pub(crate) const fn is_data(&self) -> bool {
        self.settings.len() > SETTINGS_WHOLE_BYTES
    }

    /// Whether its settings are not too long for a component that holds code and state
    /// together, for this reason.
    pub(crate) fn check_together(&self, why: String) -> Result<(), LoadError> {
        let bytes = self.settings.len();
        match bytes {
            0..=SETTINGS_TOGETHER_BYTES_MAX => Ok(()),
            _ => Err(LoadError::NotApart { bytes, why }),
        }
    }
}
