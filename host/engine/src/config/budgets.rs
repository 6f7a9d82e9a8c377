//! `[binding.budgets]`: what the operator sets aside for a policy that charges.

use serde::Deserialize;

use super::Period;

/// How much one budget holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetConfig {
    /// The most that one window may cost.
    pub limit: u64,
    /// Length of the window.
    pub window: Period,
}
