//! What is to be loaded.

use serde::{Deserialize, Serialize};

use crate::limits::{Limits, SETTINGS_WHOLE_BYTES};
use crate::load_error::{LoadError, SETTINGS_TOGETHER_BYTES_MAX};

/// So many bindings of one component share its code. Instances of code that is shared take
/// some three microseconds longer, so fewer have their own; more would need the memory, and
/// find no code in the processor's caches.
const SHARING_BINDINGS: usize = 4;

/// A component of this length shares its code with whatever settings come later, in bytes:
/// interpreters and parsers, whose code takes tens of megabytes and seconds to compile.
const SHARING_COMPONENT_BYTES: usize = 1 << 20;

/// What is loaded.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) component: &'a [u8],
    pub(crate) settings: &'a str,
    pub(crate) limits: Limits,
    pub(crate) state: Standing,
}

/// Where a component's state stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Standing {
    /// In one piece with its code, which is its own.
    Together,
    /// Apart from its code, which is the same for all settings.
    Apart,
}

// === impl Standing ===

impl Standing {
    /// Of a component that so many bindings have.
    pub(crate) const fn of(component: &[u8], settings: &str, bindings: usize) -> Self {
        let is_shared = bindings >= SHARING_BINDINGS
            || component.len() >= SHARING_COMPONENT_BYTES
            || settings.len() > SETTINGS_WHOLE_BYTES;
        match is_shared {
            true => Self::Apart,
            false => Self::Together,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_components_data_and_many_bindings_share_code() {
        let small = vec![0; SHARING_COMPONENT_BYTES - 1];
        let large = vec![0; SHARING_COMPONENT_BYTES];
        let settings = "x".repeat(SETTINGS_WHOLE_BYTES);
        let data = "x".repeat(SETTINGS_WHOLE_BYTES + 1);
        for (component, settings, bindings, expected) in [
            (&small, &settings, SHARING_BINDINGS - 1, Standing::Together),
            (&small, &settings, SHARING_BINDINGS, Standing::Apart),
            (&large, &settings, 1, Standing::Apart),
            (&small, &data, 1, Standing::Apart),
        ] {
            assert_eq!(Standing::of(component, settings, bindings), expected);
        }
    }
}
