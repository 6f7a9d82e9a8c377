//! Whose calls a policy counts for, and what would be decided otherwise.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::authority::Mode;
use crate::tally::{Tally, Vote};

/// A share of a whole, in hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Share(u16);

/// Whose calls a policy counts for. An agent always falls on the same side, on
/// every gate, and stays in a share that grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollout {
    /// Everybody's.
    Settled,
    /// It counts for a share of the agents; for the others it is observed.
    Candidate(Share),
    /// It counts for all but the share that its candidate has.
    Stable(Share),
}

/// What would be decided if no candidate counted, and if every one did.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    stable: Tally,
    candidate: Tally,
}

/// A call on which the candidates would decide otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flip {
    /// `allow`, `hold` or `deny`, without candidates.
    pub stable: String,
    /// The same with all of them.
    pub candidate: String,
}

/// Not a share of agents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a share; write percent with at most two decimals, such as `5%` or `0.25%`")]
pub struct ShareError(String);

// === impl Share ===

impl Share {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// One half.
    pub const HALF: Self = Self(Self::WHOLE / 2);

    /// Everything, in the unit of a share.
    const WHOLE: u16 = 10_000;

    /// Whether an agent belongs to it: by a hash of its id alone.
    pub fn includes(self, agent: &str) -> bool {
        let mut hasher = blake3::Hasher::new_derive_key("gatewright 2026 canary");
        hasher.update(agent.as_bytes());
        let mut first = [0; 8];
        hasher.finalize_xof().fill(&mut first);
        u64::from_le_bytes(first) % u64::from(Self::WHOLE) < u64::from(self.0)
    }

    /// So many of `count`, rounded up: one at least.
    pub fn of(self, count: usize) -> usize {
        let share = count as u128 * u128::from(self.0);
        let rounded = share.div_ceil(u128::from(Self::WHOLE));
        usize::try_from(rounded).unwrap_or(usize::MAX).max(1)
    }
}

impl FromStr for Share {
    type Err = ShareError;

    fn from_str(text: &str) -> Result<Self, ShareError> {
        let wrong = || ShareError(text.to_owned());
        let number = text.strip_suffix('%').ok_or_else(wrong)?;
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || whole.len() > 3 || decimals.len() > 2 {
            return Err(wrong());
        }
        let whole: u16 = whole.parse().map_err(|_| wrong())?;
        let decimals: u16 = format!("{decimals:0<2}").parse().map_err(|_| wrong())?;
        let share = whole * 100 + decimals;
        (share <= Self::WHOLE)
            .then_some(Self(share))
            .ok_or_else(wrong)
    }
}

impl TryFrom<String> for Share {
    type Error = ShareError;

    fn try_from(text: String) -> Result<Self, ShareError> {
        text.parse()
    }
}

impl From<Share> for String {
    fn from(share: Share) -> Self {
        share.to_string()
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, decimals) = (self.0 / 100, self.0 % 100);
        match decimals {
            0 => write!(f, "{whole}%"),
            decimals if decimals % 10 == 0 => write!(f, "{whole}.{}%", decimals / 10),
            decimals => write!(f, "{whole}.{decimals:02}%"),
        }
    }
}

// === impl Rollout ===

impl Rollout {
    /// Only observed, for everybody.
    pub const OBSERVED: Self = Self::Candidate(Share::NONE);

    /// Whether the policy counts for the calls of an agent.
    pub fn mode(self, agent: &str) -> Mode {
        let counts = match self {
            Self::Settled => true,
            Self::Candidate(share) => share.includes(agent),
            Self::Stable(share) => !share.includes(agent),
        };
        match counts {
            true => Mode::Enforce,
            false => Mode::Observe,
        }
    }
}

impl fmt::Display for Rollout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settled => f.write_str("enforce"),
            Self::Candidate(Share::NONE) => f.write_str("observe"),
            Self::Candidate(share) => write!(f, "canary {share}"),
            Self::Stable(share) => write!(f, "all but {share}"),
        }
    }
}

// === impl Comparison ===

impl Comparison {
    /// Counts one vote on the side, or the sides, that it belongs to.
    pub fn push(&mut self, rollout: Rollout, vote: &Vote) {
        match rollout {
            Rollout::Settled => {
                self.stable.count(vote);
                self.candidate.count(vote);
            }
            Rollout::Candidate(_) => self.candidate.count(vote),
            Rollout::Stable(_) => self.stable.count(vote),
        }
    }

    /// The flip, if there is one.
    pub fn flip(self) -> Option<Flip> {
        let (stable, candidate) = (self.stable.decide(), self.candidate.decide());
        (stable.name() != candidate.name()).then(|| Flip {
            stable: stable.name().to_owned(),
            candidate: candidate.name().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Rollout, Share};
    use crate::authority::Mode;

    #[test]
    fn shares_are_written_as_percent() {
        for (text, written) in [
            ("5%", "5%"),
            ("0.25%", "0.25%"),
            ("0.5%", "0.5%"),
            ("100%", "100%"),
            ("00.05%", "0.05%"),
            ("0%", "0%"),
        ] {
            assert_eq!(text.parse::<Share>().unwrap().to_string(), written);
        }
        for text in [
            "", "5", "%", "-1%", "100.01%", "1.234%", "5 %", "1e1%", ".5%", "5.%", "999999%",
        ] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_agent_stays_in_a_share_that_grows() {
        let shares: Vec<Share> = ["0%", "1%", "5%", "50%", "100%"]
            .iter()
            .map(|share| share.parse().unwrap())
            .collect();
        let mut counts = vec![0; shares.len()];
        for number in 0..4000 {
            let agent = format!("agent-{number}");
            let mut before = false;
            for (share, count) in shares.iter().zip(&mut counts) {
                let included = share.includes(&agent);
                assert!(included || !before, "{agent} left at {share}");
                before = included;
                *count += i32::from(included);
            }
        }
        assert_eq!((counts[0], counts[4]), (0, 4000));
        assert!((20..80).contains(&counts[1]), "{counts:?}");
        assert!((150..250).contains(&counts[2]), "{counts:?}");
        assert!((1850..2150).contains(&counts[3]), "{counts:?}");
    }

    #[test]
    fn of_a_policy_and_its_candidate_exactly_one_counts() {
        let share = "30%".parse().unwrap();
        for number in 0..200 {
            let agent = format!("agent-{number}");
            let candidate = Rollout::Candidate(share).mode(&agent);
            assert_ne!(candidate, Rollout::Stable(share).mode(&agent));
            assert_eq!(Rollout::Settled.mode(&agent), Mode::Enforce);
            assert_eq!(Rollout::OBSERVED.mode(&agent), Mode::Observe);
        }
    }
}
