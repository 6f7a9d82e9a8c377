//! Budgets from one segment of the ledger to the next.

use gatewright_policy::Timestamp;
use gatewright_policy::segment::CarriedBudget;

use super::{LATE_SECONDS, Quotas, Window, lost_key};

impl Quotas {
    /// What was spent in every window that a call can still be charged to.
    pub(crate) fn carried(&self, now: Timestamp) -> Vec<CarriedBudget> {
        let budgets = self.lock();
        let lasting = budgets
            .windows
            .iter()
            .filter(|(_, window)| now.seconds() < window.end().saturating_add(LATE_SECONDS));
        lasting
            .map(|(place, window)| CarriedBudget {
                binding: place.0.clone(),
                key: place.1.clone(),
                window_seconds: window.seconds,
                window: window.index,
                spent: window.spent,
            })
            .collect()
    }

    /// The same budgets for a ledger with another salt, under which nobody finds a
    /// key again: each new key of a binding begins with the most that any of its
    /// keys has spent.
    pub(crate) fn without_keys(&self, now: Timestamp) -> Self {
        let quotas = Self::default();
        let mut budgets = self.carried(now);
        // The newest window is the one that stays.
        budgets.sort_by_key(|budget| budget.window);
        for budget in budgets {
            quotas.carry_in(CarriedBudget {
                key: lost_key(budget.window_seconds),
                ..budget
            });
        }
        quotas
    }

    /// Takes in a budget as it was carried over. What is known to be spent in the
    /// same window stays spent.
    pub(crate) fn carry_in(&self, carried: CarriedBudget) {
        let mut budgets = self.lock();
        let place = (carried.binding, carried.key);
        let seconds = carried.window_seconds.max(1);
        let spent = budgets
            .windows
            .get(&place)
            .filter(|known| known.seconds == seconds && known.index == carried.window)
            .map_or(0, |known| known.spent);
        let window = Window {
            index: carried.window,
            seconds,
            spent: carried.spent.max(spent),
        };
        budgets.set(place, window);
    }
}
