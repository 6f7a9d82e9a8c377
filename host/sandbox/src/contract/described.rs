//! What a component says about itself and its settings.

use std::collections::BTreeSet;
use std::fmt;

use gatewright_policy::{Authority, Fault, usable};
use serde::{Deserialize, Serialize};

/// Longest schema of settings, in bytes.
const SCHEMA_BYTES_MAX: usize = 1 << 20;

/// Most rules that a component describes: more than anybody reads.
const RULES_MAX: usize = 1024;

/// Longest title of a rule, in bytes.
const RULE_TITLE_BYTES_MAX: usize = 1024;

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

// === impl Description ===

impl Description {
    /// Whether it is what a component may say.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let bad = |text: String| Err(Fault::BadOutput(text));
        let schema = self.settings_schema.as_deref().unwrap_or_default();
        if schema.len() > SCHEMA_BYTES_MAX {
            return bad(format!(
                "the schema of its settings is longer than {SCHEMA_BYTES_MAX} bytes"
            ));
        }
        if self.rules.len() > RULES_MAX {
            return bad(format!("it describes more than {RULES_MAX} rules"));
        }
        for rule in &self.rules {
            if rule.id.len() > usable::RULE_BYTES_MAX {
                let max = usable::RULE_BYTES_MAX;
                return bad(format!("the id of a rule is longer than {max} bytes"));
            }
            if rule.title.len() > RULE_TITLE_BYTES_MAX {
                return bad(format!(
                    "the title of a rule is longer than {RULE_TITLE_BYTES_MAX} bytes"
                ));
            }
        }
        Ok(())
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_component_says_about_itself_is_bounded() {
        let rule = |id: usize, title: usize| Rule {
            id: "r".repeat(id),
            title: "t".repeat(title),
        };
        let check = |schema: usize, rules: Vec<Rule>| {
            let description = Description {
                settings_schema: Some("s".repeat(schema)),
                powers: Authority::from_iter([]),
                rules,
            };
            description.check().is_ok()
        };
        let longest = rule(usable::RULE_BYTES_MAX, RULE_TITLE_BYTES_MAX);
        assert!(check(SCHEMA_BYTES_MAX, vec![longest.clone(); RULES_MAX]));
        assert!(!check(SCHEMA_BYTES_MAX + 1, Vec::new()));
        assert!(!check(0, vec![longest; RULES_MAX + 1]));
        assert!(!check(0, vec![rule(usable::RULE_BYTES_MAX + 1, 0)]));
        assert!(!check(0, vec![rule(1, RULE_TITLE_BYTES_MAX + 1)]));
    }
}
