//! Times of many calls, round by round, and what they say together.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Longest time that is told apart from longer ones.
const NANOSECONDS_MAX: u64 = 60_000_000_000;

/// The times of one round.
pub(crate) struct Times(Histogram<u64>);

/// One round of one contender, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Round {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// The middle of several rounds, and how far apart they were.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    /// Half of the rounds were below.
    pub(crate) median: f64,
    /// A tenth of the rounds were below.
    pub(crate) low: f64,
    /// A tenth of the rounds were above.
    pub(crate) high: f64,
}

// === impl Times ===

impl Times {
    pub(crate) fn new() -> Result<Self, hdrhistogram::CreationError> {
        Ok(Self(Histogram::new_with_bounds(1, NANOSECONDS_MAX, 3)?))
    }

    pub(crate) fn add(&mut self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(NANOSECONDS_MAX);
        self.0.saturating_record(nanoseconds);
    }

    pub(crate) fn round(&self) -> Round {
        Round {
            p50: self.microseconds(0.50),
            p99: self.microseconds(0.99),
        }
    }

    fn microseconds(&self, quantile: f64) -> f64 {
        Duration::from_nanos(self.0.value_at_quantile(quantile)).as_secs_f64() * 1e6
    }
}

// === impl Round ===

impl Round {
    pub(crate) fn p50(&self) -> f64 {
        self.p50
    }

    pub(crate) fn p99(&self) -> f64 {
        self.p99
    }
}

// === impl Summary ===

impl Summary {
    /// Of one value for each round.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |tenths: usize| {
            let last = values.len().saturating_sub(1);
            // The nearest rank, rounded.
            let place = (last * tenths + 5) / 10;
            values.get(place).copied().unwrap_or(f64::NAN)
        };
        Self {
            median: at(5),
            low: at(1),
            high: at(9),
        }
    }

    /// Of what one contender took in each round, divided by what its peer took in
    /// the same round.
    pub(crate) fn of_ratios(ours: &[Round], peer: &[Round], quantile: fn(&Round) -> f64) -> Self {
        let times = |rounds: &[Round]| rounds.iter().map(quantile).collect::<Vec<_>>();
        Self::of_quotients(&times(ours), &times(peer))
    }

    /// Of one value for each round, divided by that of the peer in the same round.
    pub(crate) fn of_quotients(ours: &[f64], peer: &[f64]) -> Self {
        Self::of(ours.iter().zip(peer).map(|(ours, peer)| ours / peer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(values: &[f64]) -> Vec<Round> {
        let round = |&p50: &f64| Round {
            p50,
            p99: p50 * 2.0,
        };
        values.iter().map(round).collect()
    }

    #[test]
    fn one_bad_round_moves_the_spread_and_not_the_median() {
        let mut values: Vec<f64> = (1..=11).map(f64::from).collect();
        let calm = Summary::of(values.clone());
        assert_eq!((calm.low, calm.median, calm.high), (2.0, 6.0, 10.0));
        values[10] = 1e9;
        assert_eq!(Summary::of(values).median, 6.0);
    }

    #[test]
    fn a_ratio_is_taken_within_each_round() {
        // The machine was ten times slower in the last round: for both.
        let (ours, peer) = (rounds(&[1.0, 1.0, 10.0]), rounds(&[2.0, 2.0, 20.0]));
        let ratio = Summary::of_ratios(&ours, &peer, Round::p50);
        assert_eq!((ratio.low, ratio.median, ratio.high), (0.5, 0.5, 0.5));
    }

    #[test]
    fn quantiles_are_in_microseconds() {
        let mut times = Times::new().unwrap();
        for microseconds in 1..=100 {
            times.add(Duration::from_micros(microseconds));
        }
        let round = times.round();
        assert!((round.p50 - 50.0).abs() < 0.1, "{round:?}");
        assert!((round.p99 - 99.0).abs() < 0.1, "{round:?}");
    }
}
