//! Refusals of callers that nobody knows: a few get an entry each, the rest are
//! counted and summed up, so that nobody without a credential fills the ledger.

use std::sync::atomic::{AtomicU64, Ordering};

use gatewright_policy::record::RefusedMany;
use gatewright_policy::{Reason, Timestamp};

/// Entries at once, before the rate counts.
const BURST: u64 = 100;

/// Time after which one more entry is free, in milliseconds: ten in a second.
const ENTRY_EVERY_MS: u64 = 100;

/// How long refusals are summed up, in milliseconds. The gate looks more often
/// than that.
const SUM_EVERY_MS: u64 = 10_000;

/// What was refused lately without a credential. Counters only: nobody waits.
pub(crate) struct Refusals {
    /// When the next entry would be due if entries came evenly, in milliseconds
    /// since 1970. As far ahead as entries were taken early.
    due: AtomicU64,
    /// The first and the last refusal that is not summed up yet; 0 for none.
    since: AtomicU64,
    until: AtomicU64,
    /// In the order of [`Reason::ALL`].
    counts: Vec<AtomicU64>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self {
            due: AtomicU64::new(0),
            since: AtomicU64::new(0),
            until: AtomicU64::new(0),
            counts: Reason::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Refusals {
    /// Whether a refusal gets an entry of its own. If not, it is counted.
    pub(crate) fn admits(&self, reason: Reason, now: Timestamp) -> bool {
        let ahead_max = BURST * ENTRY_EVERY_MS;
        let taken = self
            .due
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |due| {
                let latest = now.0.saturating_add(ahead_max);
                // Later than that is possible only where the clock went back.
                let due = if due > latest { now.0 } else { due.max(now.0) };
                let next = due.saturating_add(ENTRY_EVERY_MS);
                (next <= latest).then_some(next)
            });
        if taken.is_err() {
            self.count(reason, 1, now, now);
        }
        taken.is_ok()
    }

    /// What there is to sum up, if it is long enough ago that it began, or
    /// `at_once`. It is not counted here any more.
    pub(crate) fn sum(&self, now: Timestamp, at_once: bool) -> Option<RefusedMany> {
        let since = self.since.load(Ordering::Acquire);
        let is_young = now.0 < since.saturating_add(SUM_EVERY_MS) && since <= now.0;
        if since == 0 || is_young && !at_once {
            return None;
        }
        let since = self.since.swap(0, Ordering::AcqRel);
        let counts = Reason::ALL.iter().zip(&self.counts);
        let reasons: Vec<_> = counts
            .map(|(reason, count)| (*reason, count.swap(0, Ordering::AcqRel)))
            .filter(|(_, count)| *count > 0)
            .collect();
        let until = self.until.load(Ordering::Acquire);
        (!reasons.is_empty()).then(|| RefusedMany {
            count: reasons.iter().map(|(_, count)| count).sum(),
            since: Timestamp(since.min(until)),
            until: Timestamp(until),
            reasons,
        })
    }

    /// Counts again what could not be written down.
    pub(crate) fn keep(&self, sum: &RefusedMany) {
        for (reason, count) in &sum.reasons {
            self.count(*reason, *count, sum.since, sum.until);
        }
    }

    fn count(&self, reason: Reason, count: u64, since: Timestamp, until: Timestamp) {
        let place = Reason::ALL.iter().position(|known| *known == reason);
        if let Some(counter) = place.and_then(|place| self.counts.get(place)) {
            counter.fetch_add(count, Ordering::AcqRel);
        }
        // The count comes first: whoever sees a beginning finds it.
        self.until.fetch_max(until.0, Ordering::AcqRel);
        let first = |known| (known == 0 || since.0 < known).then_some(since.0.max(1));
        let _known = self
            .since
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_costs_a_bounded_number_of_entries_and_is_counted() {
        let refusals = Refusals::default();
        let (mut entries, mut summed) = (0, 0);
        let mut sum = |now, at_once| {
            let sum = refusals.sum(Timestamp(now), at_once);
            summed += sum.as_ref().map_or(0, |sum| sum.count);
            sum
        };
        for millisecond in 0..60_000 {
            let now = 1_000_000 + millisecond;
            for reason in [Reason::CredentialMissing, Reason::HostRefused] {
                entries += u64::from(refusals.admits(reason, Timestamp(now)));
            }
            sum(now, false);
        }
        let last = sum(1_060_000, true).unwrap();
        assert!(last.since < last.until, "{last:?}");
        assert_eq!(sum(1_060_000, true), None);
        assert_eq!(entries, BURST + 60_000 / ENTRY_EVERY_MS - 1);
        assert_eq!(entries + summed, 2 * 60_000);
    }

    #[test]
    fn what_could_not_be_written_is_summed_up_later() {
        let refusals = Refusals::default();
        while refusals.admits(Reason::BatchRefused, Timestamp(5)) {}
        let sum = refusals.sum(Timestamp(5), true).unwrap();
        refusals.keep(&sum);
        assert!(!refusals.admits(Reason::BatchRefused, Timestamp(9)));
        let more = refusals.sum(Timestamp(9), true).unwrap();
        assert_eq!((more.count, more.since), (2, sum.since));
        assert_eq!(more.reasons, [(Reason::BatchRefused, 2)]);
    }

    #[test]
    fn a_clock_that_goes_back_stops_no_entry() {
        let refusals = Refusals::default();
        while refusals.admits(Reason::BatchRefused, Timestamp(1_000_000)) {}
        assert!(refusals.admits(Reason::BatchRefused, Timestamp(1_000)));
        assert!(refusals.sum(Timestamp(1_200), false).is_some());
    }
}
