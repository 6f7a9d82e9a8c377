//! Budgets from one segment of the ledger to the next.

use std::sync::PoisonError;

use gatewright_policy::Timestamp;
use gatewright_policy::segment::CarriedBudget;

use super::{Quotas, Window};

/// A window is carried over for this long after its end, in seconds: a call that
/// took long is charged to the window that it came in.
const LATE_SECONDS: u64 = 3600;

impl Quotas {
    /// What was spent in every window that a call can still be charged to.
    pub(crate) fn carried(&self, now: Timestamp) -> Vec<CarriedBudget> {
        let budgets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lasting = budgets.iter().filter(|(_, window)| {
            let end = window
                .index
                .saturating_add(1)
                .saturating_mul(window.seconds);
            now.seconds() < end.saturating_add(LATE_SECONDS)
        });
        lasting
            .map(|((binding, key), window)| CarriedBudget {
                binding: binding.clone(),
                key: key.clone(),
                window_seconds: window.seconds,
                window: window.index,
                spent: window.spent,
            })
            .collect()
    }

    /// Takes in a budget as it was carried over. What is known to be spent in the
    /// same window stays spent.
    pub(crate) fn carry_in(&self, carried: CarriedBudget) {
        let mut budgets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (carried.binding, carried.key);
        let seconds = carried.window_seconds.max(1);
        let spent = budgets
            .get(&place)
            .filter(|known| known.seconds == seconds && known.index == carried.window)
            .map_or(0, |known| known.spent);
        let window = Window {
            index: carried.window,
            seconds,
            spent: carried.spent.max(spent),
        };
        budgets.insert(place, window);
    }
}
