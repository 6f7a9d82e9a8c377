//! What the operator lets one binding do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::verdict::{Finding, Obligation, Opinion, Report, Revision, Verdict};

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
    /// Take labels off the session.
    Declassify,
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
    pub const ALL: [Self; 10] = [
        Self::Allow,
        Self::Deny,
        Self::Ask,
        Self::Charge,
        Self::Label,
        Self::Declassify,
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
            Self::Declassify => "declassify",
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

    /// Whether there is no power at all.
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    /// What there is of this beyond another.
    #[must_use]
    pub const fn beyond(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// This, and one power more.
    #[must_use]
    pub const fn with(self, power: Power) -> Self {
        Self(self.0 | 1 << power as u16)
    }

    /// The first power that a judge's answer needs and this authority lacks: the
    /// verdict's, and for each obligation its own.
    pub fn lacking_for_opinion(self, opinion: &Opinion) -> Option<Power> {
        let verdict = match &opinion.verdict {
            Verdict::Abstain => None,
            Verdict::Allow => Some(Power::Allow),
            Verdict::Deny(_) => Some(Power::Deny),
            Verdict::Ask(_) => Some(Power::Ask),
        };
        let obligations = opinion.obligations.iter().map(power_for);
        self.lacking(verdict.into_iter().chain(obligations))
    }

    /// The first power that an editor's answer needs and this authority lacks.
    pub fn lacking_for_revision(self, revision: &Revision) -> Option<Power> {
        self.lacking((!revision.edits.is_empty()).then_some(Power::Edit))
    }

    /// The first power that a reviewer's answer needs and this authority lacks.
    pub fn lacking_for_report(self, report: &Report) -> Option<Power> {
        let (edits, block) = match &report.finding {
            Finding::Pass { edits } => (!edits.is_empty(), false),
            Finding::Block { .. } => (false, true),
        };
        let needed = [
            (edits, Power::Edit),
            (block, Power::Block),
            (!report.labels.is_empty(), Power::Label),
            (!report.charges.is_empty(), Power::Charge),
        ];
        let needed = needed.into_iter().filter(|(is_needed, _)| *is_needed);
        self.lacking(needed.map(|(_, power)| power))
    }

    fn lacking(self, needed: impl IntoIterator<Item = Power>) -> Option<Power> {
        needed.into_iter().find(|power| !self.grants(*power))
    }
}

fn power_for(obligation: &Obligation) -> Power {
    match obligation {
        Obligation::Charge(_) => Power::Charge,
        Obligation::Label(_) => Power::Label,
        Obligation::Declassify(_) => Power::Declassify,
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
