//! What the operator lets one binding do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::verdict::{Edit, Finding, Obligation, Verdict};

/// One thing that an answer can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Power {
    /// Say yes.
    Allow,
    /// Say no.
    Deny,
    /// Ask for a person.
    Ask,
    /// Charge a quota.
    Charge,
    /// Label the session.
    Label,
    /// Replace parts of a result with `null`.
    Redact,
    /// Cap the size of a result.
    LimitResult,
    /// Rewrite arguments (editors) or results (reviewers).
    Edit,
    /// Withhold a result.
    Block,
}

/// A set of powers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Power>", into = "Vec<Power>")]
pub struct Authority(u16);

/// Whether a binding counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Its answers count.
    #[default]
    Enforce,
    /// Its answers are recorded and never count.
    Observe,
}

impl Power {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Allow,
        Self::Deny,
        Self::Ask,
        Self::Charge,
        Self::Label,
        Self::Redact,
        Self::LimitResult,
        Self::Edit,
        Self::Block,
    ];

    /// The name in configuration and records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Ask => "ask",
            Self::Charge => "charge",
            Self::Label => "label",
            Self::Redact => "redact",
            Self::LimitResult => "limit-result",
            Self::Edit => "edit",
            Self::Block => "block",
        }
    }
}

impl fmt::Display for Power {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

// === impl Authority ===

impl Authority {
    /// No power at all.
    pub const NONE: Self = Self(0);

    /// Every power.
    pub fn all() -> Self {
        Power::ALL.into_iter().collect()
    }

    /// Whether a power was granted.
    pub const fn grants(self, power: Power) -> bool {
        self.0 & (1 << power as u16) != 0
    }

    /// This, and one power more.
    #[must_use]
    pub const fn with(self, power: Power) -> Self {
        Self(self.0 | 1 << power as u16)
    }

    /// The first power that a verdict needs and this authority lacks.
    pub fn lacking_for_verdict(self, verdict: &Verdict) -> Option<Power> {
        match verdict {
            Verdict::Abstain => None,
            Verdict::Allow { obligations } => std::iter::once(Power::Allow)
                .chain(obligations.iter().map(power_for))
                .find(|power| !self.grants(*power)),
            Verdict::Deny(_) => (!self.grants(Power::Deny)).then_some(Power::Deny),
            Verdict::Ask(_) => (!self.grants(Power::Ask)).then_some(Power::Ask),
        }
    }

    /// The power that edits of arguments need, if this authority lacks it.
    pub fn lacking_for_edits(self, edits: &[Edit]) -> Option<Power> {
        (!edits.is_empty() && !self.grants(Power::Edit)).then_some(Power::Edit)
    }

    /// The first power that a finding needs and this authority lacks.
    pub fn lacking_for_finding(self, finding: &Finding) -> Option<Power> {
        match finding {
            Finding::Pass { edits, labels } => [
                (!edits.is_empty()).then_some(Power::Edit),
                (!labels.is_empty()).then_some(Power::Label),
            ]
            .into_iter()
            .flatten()
            .find(|power| !self.grants(*power)),
            Finding::Block { .. } => (!self.grants(Power::Block)).then_some(Power::Block),
        }
    }
}

fn power_for(obligation: &Obligation) -> Power {
    match obligation {
        Obligation::Charge(_) => Power::Charge,
        Obligation::Label(_) => Power::Label,
        Obligation::Redact(_) => Power::Redact,
        Obligation::LimitResult(_) => Power::LimitResult,
    }
}

impl FromIterator<Power> for Authority {
    fn from_iter<I: IntoIterator<Item = Power>>(powers: I) -> Self {
        powers.into_iter().fold(Self::NONE, Self::with)
    }
}

impl From<Vec<Power>> for Authority {
    fn from(powers: Vec<Power>) -> Self {
        powers.into_iter().collect()
    }
}

impl From<Authority> for Vec<Power> {
    fn from(authority: Authority) -> Self {
        Power::ALL
            .into_iter()
            .filter(|power| authority.grants(*power))
            .collect()
    }
}
