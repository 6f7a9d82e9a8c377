//! How much all settings of a configuration are together: what is data in them becomes memory
//! that the gate holds as long as they are in force.

use std::collections::HashSet;

use gatewright_policy::Digest;

/// Most bytes of settings that one configuration holds, in all bindings: four times the most
/// of one. Their data takes several times as much memory.
const BYTES_MAX: usize = 256 << 20;

/// The settings that are held, of which component and which they are.
#[derive(Debug, Default)]
pub(super) struct SettingsHeld {
    counted: HashSet<(Digest, Digest)>,
    bytes: usize,
}

// === impl SettingsHeld ===

impl SettingsHeld {
    /// Counts settings, once for each component that has them. The error says what is too
    /// much.
    pub(super) fn add(&mut self, of: (Digest, Digest), bytes: usize) -> Result<(), String> {
        if self.counted.insert(of) {
            self.bytes = self.bytes.saturating_add(bytes);
        }
        match self.bytes <= BYTES_MAX {
            true => Ok(()),
            false => Err(format!(
                "with them, all settings have {} bytes together; at most {BYTES_MAX} are held",
                self.bytes
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_count_once_for_each_component_and_no_more_than_fits() {
        let [one, two, three] = [b"1", b"2", b"3"].map(|it| Digest::of(it));
        let mut held = SettingsHeld::default();
        assert_eq!(held.add((one, one), BYTES_MAX / 2), Ok(()));
        assert_eq!(held.add((one, one), BYTES_MAX / 2), Ok(()));
        assert_eq!(held.add((two, one), BYTES_MAX / 2), Ok(()));
        let error = held.add((one, three), 1).unwrap_err();
        assert!(error.contains(&(BYTES_MAX + 1).to_string()), "{error}");
    }
}
