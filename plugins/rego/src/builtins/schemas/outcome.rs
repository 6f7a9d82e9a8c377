//! What is wrong with a document, and how near it comes to its schema.

use std::collections::BTreeMap;

use regorus::Value;

use crate::builtins::arguments::{BuiltinError, unread};

/// Most mistakes that are described.
const ERRORS_MAX: usize = 1024;

/// Judges what stands under a name of the document.
pub(super) type Below<'a> = dyn Fn(&Value, &Value, &str) -> Result<Outcome, BuiltinError> + 'a;

/// Of several that do not hold, the errors of the nearest one are shown.
#[derive(Default)]
pub(super) struct Outcome {
    errors: Vec<Value>,
    score: i64,
}

// === impl Outcome ===

impl Outcome {
    pub(super) fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    pub(super) fn into_errors(self) -> Value {
        Value::from(self.errors)
    }

    /// A step that was taken, whether it found something or not.
    pub(super) fn step(&mut self) {
        self.score += 1;
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.errors.extend(other.errors);
        self.score += other.score;
    }

    /// The first of those that come nearest.
    pub(super) fn merge_best(&mut self, others: Vec<Self>) {
        let best = others.into_iter().reduce(|best, other| {
            if other.score > best.score {
                other
            } else {
                best
            }
        });
        if let Some(best) = best {
            self.merge(best);
        }
    }

    pub(super) fn add(
        &mut self,
        place: &[String],
        kind: &str,
        description: &str,
    ) -> Result<(), BuiltinError> {
        if self.errors.len() >= ERRORS_MAX {
            return Err(unread("too much of the document does not fit the schema"));
        }
        let field = Self::field(place);
        let members = [
            ("error", format!("{field}: {description}")),
            ("type", kind.to_owned()),
            ("field", field),
            ("desc", description.to_owned()),
        ];
        let members = members.map(|(name, text)| (Value::from(name), Value::from(text)));
        self.errors.push(Value::from(BTreeMap::from(members)));
        self.score -= 2;
        Ok(())
    }

    /// What a place in the document is called.
    pub(super) fn field(place: &[String]) -> String {
        match place {
            [] => "(Root)".to_owned(),
            _ => place.join("."),
        }
    }
}
