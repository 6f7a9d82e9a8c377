//! Whether an agent, an owner or an issuer may go on, and what changes that.

use serde::{Deserialize, Serialize};

/// Whether it may go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentState {
    /// It may.
    #[default]
    Active,
    /// Not until somebody says so.
    Suspended,
    /// Never again.
    Decommissioned,
}

/// What an operator does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// It stops.
    Suspend,
    /// It goes on.
    Resume,
    /// It stops for good.
    Decommission,
}

/// What was decommissioned stays so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it was decommissioned, which is final")]
pub struct Final;

impl AgentState {
    /// The state after a turn. What was decommissioned can only be so again.
    pub const fn after(self, turn: Turn) -> Result<Self, Final> {
        match (self, turn) {
            (Self::Active | Self::Suspended, Turn::Suspend) => Ok(Self::Suspended),
            (Self::Active | Self::Suspended, Turn::Resume) => Ok(Self::Active),
            (_, Turn::Decommission) => Ok(Self::Decommissioned),
            (Self::Decommissioned, Turn::Suspend | Turn::Resume) => Err(Final),
        }
    }

    /// Of two, the one that lets less pass.
    pub const fn tighter(self, other: Self) -> Self {
        match (self, other) {
            (Self::Decommissioned, _) | (_, Self::Decommissioned) => Self::Decommissioned,
            (Self::Suspended, _) | (_, Self::Suspended) => Self::Suspended,
            (Self::Active, Self::Active) => Self::Active,
        }
    }

    /// As records write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Decommissioned => "decommissioned",
        }
    }
}

impl Turn {
    /// As commands write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Decommission => "decommission",
        }
    }

    /// Whether less passes after it.
    pub const fn tightens(self) -> bool {
        match self {
            Self::Suspend | Self::Decommission => true,
            Self::Resume => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AgentState::{Active, Decommissioned, Suspended};
    use super::Turn::{Decommission, Resume, Suspend};
    use super::{AgentState, Final, Turn};

    #[test]
    fn only_what_was_decommissioned_is_final() {
        let rows: [(AgentState, Turn, Result<AgentState, Final>); 9] = [
            (Active, Suspend, Ok(Suspended)),
            (Active, Resume, Ok(Active)),
            (Active, Decommission, Ok(Decommissioned)),
            (Suspended, Suspend, Ok(Suspended)),
            (Suspended, Resume, Ok(Active)),
            (Suspended, Decommission, Ok(Decommissioned)),
            (Decommissioned, Suspend, Err(Final)),
            (Decommissioned, Resume, Err(Final)),
            (Decommissioned, Decommission, Ok(Decommissioned)),
        ];
        for (before, turn, after) in rows {
            assert_eq!(before.after(turn), after, "{before:?} {turn:?}");
        }
    }
}
