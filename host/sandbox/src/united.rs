//! A component with as few core instances as it can have.

use std::panic::catch_unwind;

use gatewright_link::unite;

use crate::inspection::{self, Inspection};

/// The component with fewer core instances; nothing where it stays as it is. What it
/// imports and exports is the same.
pub(crate) fn united(component: &[u8], inspection: &Inspection) -> Option<Vec<u8>> {
    // Guests are hostile, and rewriting may panic on what it did not expect.
    let united = catch_unwind(|| unite(component)).ok()?.ok()?;
    let of_united = inspection::inspect(&united).ok()?;
    of_united.is_seen_as(inspection).then_some(united)
}
