//! The settings: limits, all of which count.

use std::collections::BTreeSet;

use gatewright_sdk::SettingsError;
use serde::Deserialize;

use crate::limit::Limit;

/// Most limits: one answer charges no more budgets.
const LIMITS_MAX: usize = 32;

/// The settings of the policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Settings {
    pub(crate) limits: Vec<Limit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    limits: Vec<Limit>,
}

impl TryFrom<Written> for Settings {
    type Error = SettingsError;

    fn try_from(written: Written) -> Result<Self, SettingsError> {
        let limits = written.limits;
        if limits.is_empty() || limits.len() > LIMITS_MAX {
            return Err(SettingsError::at(
                "/limits",
                format!("there are 1 to {LIMITS_MAX} limits"),
            ));
        }
        // Limits of one name would share their counters.
        let mut names = BTreeSet::new();
        for (at, limit) in limits.iter().enumerate() {
            if !names.insert(limit.name()) {
                return Err(SettingsError::at(
                    format!("/limits/{at}/name"),
                    format!("`{}` names another limit already", limit.name()),
                ));
            }
        }
        Ok(Self { limits })
    }
}
