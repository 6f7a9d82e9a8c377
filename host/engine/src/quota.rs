//! Quotas: budgets in fixed windows, counted per binding and key.

mod carry;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_policy::{Quota, Timestamp};

/// Budgets at once; when there are more, calls that need another are refused
/// until windows have ended.
pub const BUDGETS_MAX: usize = 1 << 16;

/// Budgets whose window has ended, and that one charge lets go of: a few, so
/// that no call pays for many.
const SWEPT_MAX: usize = 8;

/// A budget is kept for this long after its window has ended, while there is
/// room: a call that took long is charged in the window that it came in.
pub const LATE_SECONDS: u64 = 60;

/// All budgets.
#[derive(Default)]
pub struct Quotas(Mutex<Budgets>);

/// Binding and key.
type Place = (String, String);

#[derive(Default)]
struct Budgets {
    windows: HashMap<Arc<Place>, Window>,
    /// One for each budget, by the second its window ends; what ends first is on
    /// top. A budget that was charged in a later window since is put back when
    /// its turn comes.
    ends: BinaryHeap<Reverse<(u64, Arc<Place>)>>,
}

#[derive(Clone, Copy)]
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

/// The number of a window that is not later than that of this time.
pub fn window_at(index: u64, seconds: u64, now: Timestamp) -> u64 {
    index.min(now.seconds() / seconds.max(1))
}

/// Stands for every key of a binding that nobody can find again. A key itself is
/// recorded as a digest, which looks otherwise.
pub(crate) fn lost_key(window_seconds: u64) -> String {
    format!("lost:{window_seconds}")
}

// === impl Quotas ===

impl Quotas {
    /// Charges all or nothing.
    pub fn charge(&self, charges: &[(String, Quota)], at: Timestamp) -> Result<(), QuotaError> {
        if charges.is_empty() {
            return Ok(());
        }
        let mut budgets = self.lock();
        budgets.sweep(at);
        if budgets.windows.len() >= BUDGETS_MAX {
            budgets.sweep(at.plus(Duration::from_secs(LATE_SECONDS)));
        }
        let mut after: HashMap<Place, Window> = HashMap::new();
        for (binding, quota) in charges {
            let place = (binding.clone(), quota.key.clone());
            let known = after.get(&place).copied();
            let known = known.or_else(|| budgets.known(&place, quota));
            let window = Window::current(known, quota, at);
            let spent = window.spent.checked_add(quota.cost);
            let spent = spent.filter(|spent| *spent <= quota.limit);
            let spent = spent.ok_or_else(|| QuotaError::of(quota))?;
            after.insert(place, Window { spent, ..window });
        }
        let new = after
            .keys()
            .filter(|place| !budgets.windows.contains_key(*place));
        if budgets.windows.len() + new.count() > BUDGETS_MAX
            && let Some((_, quota)) = charges.first()
        {
            return Err(QuotaError::of(quota));
        }
        for (place, window) in after {
            budgets.set(place, window);
        }
        Ok(())
    }

    /// What is spent of a budget in the window that a charge would count in.
    pub(crate) fn spent(&self, binding: &str, quota: &Quota, at: Timestamp) -> u64 {
        let place = (binding.to_owned(), quota.key.clone());
        let known = self.lock().known(&place, quota);
        Window::current(known, quota, at).spent
    }

    /// Takes charges back that were made at a time and came to nothing. What was
    /// charged to a younger window stays charged.
    pub(crate) fn give_back(&self, charges: &[(String, Quota)], at: Timestamp) {
        if charges.is_empty() {
            return;
        }
        let mut budgets = self.lock();
        for (binding, quota) in charges {
            let place = (binding.clone(), quota.key.clone());
            let then = Window::current(None, quota, at);
            if let Some(window) = budgets.windows.get_mut(&place)
                && (window.index, window.seconds) == (then.index, then.seconds)
            {
                window.spent = window.spent.saturating_sub(quota.cost);
            }
        }
    }

    /// Counts what was charged before a restart, whatever the limits say now.
    pub(crate) fn restore(&self, charges: &[(String, Quota)], at: Timestamp) {
        if charges.is_empty() {
            return;
        }
        let mut budgets = self.lock();
        budgets.sweep(at);
        for (binding, quota) in charges {
            let place = (binding.clone(), quota.key.clone());
            let window = Window::current(budgets.known(&place, quota), quota, at);
            let spent = window.spent.saturating_add(quota.cost);
            budgets.set(place, Window { spent, ..window });
        }
    }

    /// The clock was ahead and is right again: what was charged in windows that are still to
    /// come counts in the one that there is, and not until then.
    pub(crate) fn set_clock(&self, now: Timestamp) {
        let mut budgets = self.lock();
        let Budgets { windows, ends } = &mut *budgets;
        for window in windows.values_mut() {
            window.index = window_at(window.index, window.seconds, now);
        }
        let windows = windows.iter();
        let all = windows.map(|(place, window)| Reverse((window.end(), Arc::clone(place))));
        *ends = all.collect();
    }

    fn lock(&self) -> MutexGuard<'_, Budgets> {
        // Nothing inside can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Budgets ===

impl Budgets {
    /// What is known of a budget; where its key was lost with the salt, what is
    /// known of all whose keys were.
    fn known(&self, place: &Place, quota: &Quota) -> Option<Window> {
        let lost = || {
            let key = lost_key(u64::from(quota.window_seconds.max(1)));
            self.windows.get(&(place.0.clone(), key))
        };
        self.windows.get(place).or_else(lost).copied()
    }

    fn set(&mut self, place: Place, window: Window) {
        if let Some(known) = self.windows.get_mut(&place) {
            *known = window;
            return;
        }
        let place = Arc::new(place);
        self.ends.push(Reverse((window.end(), Arc::clone(&place))));
        self.windows.insert(place, window);
    }

    /// Lets go of budgets whose window has ended a while ago.
    fn sweep(&mut self, now: Timestamp) {
        let now = now.seconds().saturating_sub(LATE_SECONDS);
        for _ in 0..SWEPT_MAX {
            let first = self.ends.peek();
            if first.is_none_or(|Reverse((end, _))| *end > now) {
                return;
            }
            let Some(Reverse((_, place))) = self.ends.pop() else {
                return;
            };
            match self.windows.get(&place).map(Window::end) {
                Some(end) if now < end => self.ends.push(Reverse((end, place))),
                Some(_) | None => {
                    self.windows.remove(&place);
                }
            }
        }
    }
}

// === impl Window ===

impl Window {
    /// The window that a charge counts in, with what was spent in it before. A
    /// call that took long is charged after younger ones: it must not bring an
    /// older window back and forget what the newer one cost.
    fn current(known: Option<Self>, quota: &Quota, at: Timestamp) -> Self {
        let seconds = u64::from(quota.window_seconds.max(1));
        let known = known.filter(|window| window.seconds == seconds);
        let newest = known.map_or(0, |window| window.index);
        let index = newest.max(at.seconds() / seconds);
        let spent = known.filter(|window| window.index == index);
        Self {
            index,
            seconds,
            spent: spent.map_or(0, |window| window.spent),
        }
    }

    /// The second at which it is over.
    fn end(&self) -> u64 {
        (self.index.saturating_add(1)).saturating_mul(self.seconds)
    }
}

// === impl QuotaError ===

impl QuotaError {
    /// The one that would overrun.
    pub fn of(quota: &Quota) -> Self {
        Self {
            key: quota.key.clone(),
            limit: quota.limit,
            window_seconds: quota.window_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use gatewright_policy::OnFailure;

    use super::*;

    impl Quotas {
        /// What is spent in windows that have not ended: binding and key, number
        /// and length of the window, cost.
        pub(crate) fn kept(&self, now: Timestamp) -> Vec<(Place, u64, u64, u64)> {
            let budgets = self.lock();
            let live = budgets.windows.iter();
            let live = live.filter(|(_, window)| now.seconds() < window.end() && window.spent > 0);
            let mut kept: Vec<_> = live
                .map(|(place, window)| {
                    let place = Place::clone(place);
                    (place, window.index, window.seconds, window.spent)
                })
                .collect();
            kept.sort();
            kept
        }

        fn count(&self) -> (usize, usize) {
            let budgets = self.lock();
            (budgets.windows.len(), budgets.ends.len())
        }
    }

    #[test]
    fn budgets_whose_window_has_ended_go_and_others_stay() {
        let quotas = Quotas::default();
        let at = Timestamp::from_seconds;
        for second in 0..60 {
            let keys = [quota(&second.to_string(), 1), quota("always", 0)];
            quotas.charge(&keys, at(second)).unwrap();
        }
        assert_eq!(quotas.count(), (61, 61));
        quotas.charge(&[quota("59", 9)], at(119)).unwrap();
        quotas.charge(&[quota("58", 9)], at(59)).unwrap();
        let late = quotas.charge(&[quota("58", 1)], at(59));
        assert!(late.is_err(), "it is charged in the window that it came in");
        for second in 120..130 {
            quotas.charge(&[quota("always", 1)], at(second)).unwrap();
        }
        assert_eq!(quotas.count(), (2, 2));
        assert_eq!(quotas.kept(at(119)).len(), 2);
        assert!(quotas.charge(&[quota("always", 1)], at(131)).is_err());
    }

    #[test]
    fn a_full_table_refuses_and_forgets_nothing() {
        let quotas = Quotas::default();
        let now = Timestamp::from_seconds(1);
        for number in 0..BUDGETS_MAX {
            quotas
                .charge(&[quota(&number.to_string(), 10)], now)
                .unwrap();
        }
        assert!(quotas.charge(&[quota("new", 1)], now).is_err());
        assert!(quotas.charge(&[quota("0", 1)], now).is_err(), "it is spent");
        assert!(quotas.charge(&[quota("0", 0)], now).is_ok());
        assert_eq!(quotas.count(), (BUDGETS_MAX, BUDGETS_MAX));
        let later = Timestamp::from_seconds(60);
        assert!(quotas.charge(&[quota("new", 1)], later).is_ok());
    }

    #[test]
    fn what_came_to_nothing_is_given_back_and_nothing_else() {
        let quotas = Quotas::default();
        let at = Timestamp::from_seconds;
        let seven = [quota("a", 7)];
        quotas.charge(&seven, at(59)).unwrap();
        quotas.give_back(&seven, at(59));
        quotas.charge(&[quota("a", 10)], at(59)).unwrap();
        // The window has moved on: what it costs stays.
        quotas.charge(&[quota("a", 3)], at(60)).unwrap();
        quotas.give_back(&seven, at(59));
        assert!(quotas.charge(&[quota("a", 8)], at(60)).is_err());
        assert!(quotas.charge(&[quota("a", 7)], at(60)).is_ok());
        quotas.give_back(&[quota("other", 7)], at(60));
        assert_eq!(quotas.kept(at(60)).len(), 1);
    }

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
            on_failure: OnFailure::Keep,
        };
        ("binding".into(), quota)
    }

    #[test]
    fn what_was_charged_under_a_wrong_clock_counts_now_and_not_for_years() {
        let quotas = Quotas::default();
        let at = Timestamp::from_seconds;
        quotas.charge(&[quota("k", 7)], at(1_000_000)).unwrap();
        let (binding, asked) = quota("k", 0);
        quotas.set_clock(at(600));
        assert_eq!(quotas.spent(&binding, &asked, at(600)), 7);
        assert!(quotas.charge(&[quota("k", 4)], at(600)).is_err());
        let next = at(600 + u64::from(asked.window_seconds));
        assert_eq!(quotas.spent(&binding, &asked, next), 0);
        quotas.charge(&[quota("k", 10)], next).unwrap();
        // It is let go of when its own time is over.
        let later = Timestamp::from_seconds(next.seconds() + LATE_SECONDS + 10_000);
        quotas.charge(&[quota("other", 1)], later).unwrap();
        assert_eq!(quotas.lock().windows.len(), 1);
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
