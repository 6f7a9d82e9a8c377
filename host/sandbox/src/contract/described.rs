//! What a component says about itself and its settings.

use std::collections::BTreeSet;
use std::fmt;

use gatewright_policy::Authority;
use serde::{Deserialize, Serialize};

/// What a component says about itself, whatever its settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// A JSON Schema of the settings, as text.
    pub settings_schema: Option<String>,
    /// Every power that any of its answers may need.
    pub powers: Authority,
    /// The rules that its notes refer to.
    pub rules: Vec<Rule>,
}

/// A rule that a policy answers by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// One line for a person.
    pub title: String,
}

/// Why settings are refused, in the policy's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsError {
    /// JSON Pointer to what is wrong; empty where it is no single place.
    pub pointer: String,
    /// For the operator.
    pub message: String,
}

impl Description {
    /// The ids of its rules.
    pub fn rule_ids(&self) -> BTreeSet<String> {
        self.rules.iter().map(|rule| rule.id.clone()).collect()
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => f.write_str(&self.message),
            pointer => write!(f, "at `{pointer}`: {}", self.message),
        }
    }
}
