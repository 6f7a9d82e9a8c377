//! What a policy says about itself.

use crate::{Description, Powers, Rule};

impl Description {
    /// Its answers need no more than these powers.
    pub const fn new(powers: Powers) -> Self {
        Self {
            settings_schema: None,
            powers,
            rules: Vec::new(),
        }
    }

    /// A JSON Schema of the settings: `include_str!("../settings.schema.json")`.
    #[must_use]
    pub fn with_schema(self, schema: impl Into<String>) -> Self {
        Self {
            settings_schema: Some(schema.into()),
            ..self
        }
    }

    /// A rule that notes refer to. Records name it in clear; a rule that is not
    /// described stands in them as a digest.
    #[must_use]
    pub fn with_rule(mut self, id: impl Into<String>, title: impl Into<String>) -> Self {
        self.rules.push(Rule {
            id: id.into(),
            title: title.into(),
        });
        self
    }
}
