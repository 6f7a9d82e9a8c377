//! Quotas: budgets in fixed windows, counted per binding and key.

mod carry;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use gatewright_policy::{Quota, Timestamp};

/// Budgets at once; when there are more, finished windows are dropped, and when
/// that makes no room the call is refused.
const BUDGETS_MAX: usize = 1 << 16;

/// All budgets.
#[derive(Default)]
pub struct Quotas(Mutex<HashMap<(String, String), Window>>);

struct Window {
    /// Number of the window since 1970.
    index: u64,
    seconds: u64,
    spent: u64,
}

/// A budget that would overrun. What it says names no key: a policy may have put
/// an argument into it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a quota allows {limit} in {window_seconds} seconds")]
pub struct QuotaError {
    /// The key.
    pub key: String,
    /// The most that one window may cost.
    pub limit: u64,
    /// Length of the window.
    pub window_seconds: u32,
}

impl Quotas {
    /// Charges all or nothing.
    pub fn charge(&self, charges: &[(String, Quota)], at: Timestamp) -> Result<(), QuotaError> {
        if charges.is_empty() {
            return Ok(());
        }
        let mut budgets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut after: HashMap<(String, String), Window> = HashMap::new();
        for (binding, quota) in charges {
            let overrun = || QuotaError {
                key: quota.key.clone(),
                limit: quota.limit,
                window_seconds: quota.window_seconds,
            };
            let place = (binding.clone(), quota.key.clone());
            let seconds = u64::from(quota.window_seconds.max(1));
            let known = after.get(&place).or_else(|| budgets.get(&place));
            let known = known.filter(|window| window.seconds == seconds);
            // A call that took long is charged after younger ones: it must not
            // bring an older window back and forget what the newer one cost.
            let newest = known.map_or(0, |window| window.index);
            let index = newest.max(at.seconds() / seconds);
            let spent = known
                .filter(|window| window.index == index)
                .map_or(0, |window| window.spent);
            let spent = spent.checked_add(quota.cost).ok_or_else(overrun)?;
            if spent > quota.limit {
                return Err(overrun());
            }
            after.insert(
                place,
                Window {
                    index,
                    seconds,
                    spent,
                },
            );
        }
        if budgets.len() + after.len() > BUDGETS_MAX {
            budgets.retain(|_, window| window.index >= at.seconds() / window.seconds);
            if budgets.len() + after.len() > BUDGETS_MAX
                && let Some((_, quota)) = charges.first()
            {
                return Err(QuotaError {
                    key: quota.key.clone(),
                    limit: quota.limit,
                    window_seconds: quota.window_seconds,
                });
            }
        }
        budgets.extend(after);
        Ok(())
    }

    /// Counts what was charged before a restart, whatever the limits say now.
    pub(crate) fn restore(&self, charges: &[(String, Quota)], at: Timestamp) {
        for (binding, quota) in charges {
            let unlimited = Quota {
                limit: u64::MAX,
                ..quota.clone()
            };
            // Only the table being full can refuse this; new charges are then
            // refused as well.
            let _refused = self.charge(&[(binding.clone(), unlimited)], at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_charge_does_not_bring_an_old_window_back() {
        let quotas = Quotas::default();
        let charge = |cost, second| {
            quotas
                .charge(&[quota("k", cost)], Timestamp::from_seconds(second))
                .is_ok()
        };
        assert!(charge(9, 60));
        assert!(charge(1, 59), "it counts in the newer window");
        assert!(!charge(1, 61));
        assert!(charge(10, 120));
    }

    fn quota(key: &str, cost: u64) -> (String, Quota) {
        let quota = Quota {
            key: key.into(),
            cost,
            limit: 10,
            window_seconds: 60,
        };
        ("binding".into(), quota)
    }

    #[test]
    fn a_window_never_costs_more_than_its_limit() {
        let quotas = Quotas::default();
        let now = Timestamp::from_seconds(120);
        assert!(quotas.charge(&[quota("a", 7)], now).is_ok());
        assert!(quotas.charge(&[quota("a", 4)], now).is_err());
        assert!(quotas.charge(&[quota("a", 3)], now).is_ok());
        assert!(quotas.charge(&[quota("b", 10)], now).is_ok());
        assert!(
            quotas
                .charge(&[quota("a", 10)], Timestamp::from_seconds(180))
                .is_ok()
        );
        assert!(
            quotas
                .charge(&[quota("c", u64::MAX), quota("c", 2)], now)
                .is_err()
        );
    }

    #[test]
    fn either_all_quotas_are_charged_or_none() {
        let quotas = Quotas::default();
        let now = Timestamp::from_seconds(120);
        assert!(
            quotas
                .charge(&[quota("a", 10), quota("b", 11)], now)
                .is_err()
        );
        assert!(quotas.charge(&[quota("a", 5), quota("a", 6)], now).is_err());
        assert!(quotas.charge(&[quota("a", 10)], now).is_ok());
    }
}
