//! What a call costs, and of which budget.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::integer::integer;

/// What a policy wants charged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Charge {
    /// Counted per binding and key.
    pub key: String,
    /// What this call costs.
    #[serde(deserialize_with = "integer")]
    pub cost: u64,
    /// How much the budget holds.
    #[serde(flatten)]
    pub limit: Limit,
    /// What happens to the charge if no usable answer comes back.
    #[serde(default, skip_serializing_if = "OnFailure::keeps")]
    pub on_failure: OnFailure,
}

/// How much a budget holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Limit {
    /// What the operator set for the binding under this name.
    Set {
        /// The name.
        budget: String,
    },
    /// So much.
    Fixed(WindowLimit),
}

/// A budget in fixed windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WindowLimit {
    /// The most that one window may cost.
    #[serde(deserialize_with = "integer")]
    pub limit: u64,
    /// Length of the window.
    pub window_seconds: u32,
}

/// What happens to a charge if no usable answer comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// It stays.
    #[default]
    Keep,
    /// It is given back.
    Refund,
}

/// Budgets that an operator set for a binding, by name.
pub type Budgets = BTreeMap<String, WindowLimit>;

/// A charge with the limit that counts for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Quota {
    /// Counted per binding and key.
    pub key: String,
    /// What this call costs.
    #[serde(deserialize_with = "integer")]
    pub cost: u64,
    /// The most that one window may cost.
    #[serde(deserialize_with = "integer")]
    pub limit: u64,
    /// Length of the window.
    pub window_seconds: u32,
    /// What happens to the charge if no usable answer comes back.
    #[serde(default, skip_serializing_if = "OnFailure::keeps")]
    pub on_failure: OnFailure,
}

/// A budget of a binding, as one of its policies read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BudgetRead {
    /// The name that the operator gave it.
    pub budget: String,
    /// The key that it is counted by.
    pub key: String,
    /// The most that one window may cost.
    #[serde(deserialize_with = "integer")]
    pub limit: u64,
    /// Length of the window.
    pub window_seconds: u32,
    /// What was spent of it in the window that the call falls in.
    #[serde(deserialize_with = "integer")]
    pub spent: u64,
}

/// Most budgets that a policy reads of one call.
pub const BUDGETS_READ_MAX: usize = 8;

/// Longest key of a budget that is read, in bytes.
pub const BUDGET_KEY_BYTES_MAX: usize = 1024;

/// The operator set no budget of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its binding sets no budget `{0}`")]
pub struct NoBudget(pub String);

// === impl Charge ===

impl Charge {
    /// The quota of a binding with these budgets.
    pub fn quota(&self, budgets: &Budgets) -> Result<Quota, NoBudget> {
        let window = match &self.limit {
            Limit::Fixed(window) => *window,
            Limit::Set { budget } => {
                let set = budgets.get(budget).copied();
                set.ok_or_else(|| NoBudget(budget.clone()))?
            }
        };
        Ok(Quota {
            key: self.key.clone(),
            cost: self.cost,
            limit: window.limit,
            window_seconds: window.window_seconds,
            on_failure: self.on_failure,
        })
    }
}

// === impl BudgetRead ===

impl BudgetRead {
    /// Whether it is the budget of this name, counted by this key.
    pub fn is_of(&self, budget: &str, key: &str) -> bool {
        self.budget == budget && self.key == key
    }

    /// What is charged to the same budget.
    pub fn quota(&self) -> Quota {
        Quota {
            key: self.key.clone(),
            cost: 0,
            limit: self.limit,
            window_seconds: self.window_seconds,
            on_failure: OnFailure::Keep,
        }
    }
}

// === impl OnFailure ===

impl OnFailure {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature that serde asks for"
    )]
    const fn keeps(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charge_is_written_flat_and_read_back() {
        let fixed = WindowLimit {
            limit: 10,
            window_seconds: 60,
        };
        for (limit, on_failure, written) in [
            (
                Limit::Fixed(fixed),
                OnFailure::Keep,
                r#"{"key":"k","cost":1,"limit":10,"window-seconds":60}"#,
            ),
            (
                Limit::Set { budget: "b".into() },
                OnFailure::Refund,
                r#"{"key":"k","cost":1,"budget":"b","on-failure":"refund"}"#,
            ),
        ] {
            let charge = Charge {
                key: "k".to_owned(),
                cost: 1,
                limit,
                on_failure,
            };
            assert_eq!(serde_json::to_string(&charge).unwrap(), written);
            assert_eq!(serde_json::from_str::<Charge>(written).unwrap(), charge);
        }
    }

    #[test]
    fn the_operators_budget_counts_and_one_that_is_not_set_is_none() {
        let charge = Charge {
            key: "k".to_owned(),
            cost: 2,
            limit: Limit::Set { budget: "b".into() },
            on_failure: OnFailure::Keep,
        };
        let set = WindowLimit {
            limit: 5,
            window_seconds: 60,
        };
        let budgets = Budgets::from([("b".to_owned(), set)]);
        assert_eq!(charge.quota(&budgets).map(|quota| quota.limit), Ok(5));
        assert_eq!(charge.quota(&Budgets::new()), Err(NoBudget("b".to_owned())));
    }
}
