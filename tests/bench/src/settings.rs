//! What is to be measured, and how thoroughly.

use std::time::Duration;

/// How to call the program.
pub(crate) const USAGE: &str = "usage: bench [--only decide|policies|bindings|identity|gate|peers|scale|data|swap|packs|soak|looping|memory|start|languages] [--quick] [--seed NUMBER]";

/// The seed when none is given: the same arguments in every run.
const SEED: u64 = 20_260_101;

/// The command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Only this group.
    pub(crate) only: Option<Group>,
    /// Few rounds: to see that it works.
    pub(crate) quick: bool,
    /// Varies the arguments of the calls.
    pub(crate) seed: u64,
}

/// Figures that are measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// One decision in the engine.
    Decide,
    /// The shipped policies.
    Policies,
    /// One to a hundred bindings on one tool.
    Bindings,
    /// Who asks.
    Identity,
    /// One call through the gate.
    Gate,
    /// The gate beside OPA.
    Peers,
    /// What grows with what.
    Scale,
    /// Data beside a policy.
    Data,
    /// Policies replaced under load.
    Swap,
    /// Packs activated from their store.
    Packs,
    /// Thousands of swaps in one process.
    Soak,
    /// A policy that never answers, beside a good one.
    Looping,
    /// Resident memory.
    Memory,
    /// What a start reads.
    Start,
    /// One policy in every language.
    Languages,
}

// === impl Settings ===

impl Settings {
    pub(crate) fn from_arguments(
        arguments: impl IntoIterator<Item = String>,
    ) -> Result<Self, String> {
        let mut settings = Self {
            only: None,
            quick: false,
            seed: SEED,
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                let missing = || format!("`{argument}` needs a value");
                arguments.next().ok_or_else(missing)
            };
            match argument.as_str() {
                "--only" => {
                    let name = value()?;
                    let group = Group::ALL.into_iter().find(|group| group.name() == name);
                    settings.only = Some(group.ok_or(format!("there is no group `{name}`"))?);
                }
                "--quick" => settings.quick = true,
                "--seed" => {
                    let text = value()?;
                    let seed = text.parse();
                    settings.seed = seed.map_err(|_| format!("`{text}` is not a number"))?;
                }
                other => return Err(format!("`{other}` is not an option")),
            }
        }
        Ok(settings)
    }

    pub(crate) fn measures(&self, group: Group) -> bool {
        self.only.is_none_or(|only| only == group)
    }

    /// Whether the run is one to keep.
    pub(crate) fn is_complete(&self) -> bool {
        self.only.is_none() && !self.quick
    }

    /// How many rounds of something that needs `full` of them.
    pub(crate) fn rounds(&self, full: usize) -> usize {
        if self.quick { full.div_ceil(5) } else { full }
    }

    /// How long one window of load lasts.
    pub(crate) fn window(&self) -> Duration {
        Duration::from_secs(if self.quick { 1 } else { 3 })
    }
}

// === impl Group ===

impl Group {
    pub(crate) const ALL: [Self; 15] = [
        Self::Decide,
        Self::Policies,
        Self::Bindings,
        Self::Identity,
        Self::Gate,
        Self::Peers,
        Self::Scale,
        Self::Data,
        Self::Swap,
        Self::Packs,
        Self::Soak,
        Self::Looping,
        Self::Memory,
        Self::Start,
        Self::Languages,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Policies => "policies",
            Self::Bindings => "bindings",
            Self::Identity => "identity",
            Self::Gate => "gate",
            Self::Peers => "peers",
            Self::Scale => "scale",
            Self::Data => "data",
            Self::Swap => "swap",
            Self::Packs => "packs",
            Self::Soak => "soak",
            Self::Looping => "looping",
            Self::Memory => "memory",
            Self::Start => "start",
            Self::Languages => "languages",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Settings, String> {
        Settings::from_arguments(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for group in Group::ALL {
            // Who is told how to call it is told of each group.
            assert!(USAGE.contains(group.name()), "{group:?}");
        }
        for wrong in ["--only", "--only nothing", "--seed x", "fast"] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
        let settings = parsed("--quick --only swap --seed 7").unwrap();
        assert_eq!(settings.seed, 7);
        assert!(settings.measures(Group::Swap) && !settings.measures(Group::Gate));
        assert!(!settings.is_complete());
        assert!(parsed("").unwrap().is_complete());
    }
}
