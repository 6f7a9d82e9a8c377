//! Objects by what a schema says of their members.

use regorus::Value;

use super::outcome::{Below, Outcome};
use super::parts::{keyword, list, members_of, name_of};
use crate::builtins::arguments::BuiltinError;
use crate::builtins::patterns;

/// `below` judges the value of a member.
pub(super) fn check_members(
    schema: &Value,
    document: &Value,
    place: &[String],
    below: &Below<'_>,
    outcome: &mut Outcome,
) -> Result<(), BuiltinError> {
    let Ok(given) = document.as_object() else {
        return Ok(());
    };
    let count = Value::from(given.len());
    if let Some(least) = keyword(schema, "minProperties").filter(|least| count < **least) {
        let problem = format!("Must have at least {least} properties");
        outcome.add(place, "array_min_properties", &problem)?;
    }
    if let Some(most) = keyword(schema, "maxProperties").filter(|most| count > **most) {
        let problem = format!("Must have at most {most} properties");
        outcome.add(place, "array_max_properties", &problem)?;
    }
    for name in list(schema, "required").into_iter().flatten() {
        match given.contains_key(name) {
            true => outcome.step(),
            false => {
                let problem = format!("{} is required", name_of(name)?);
                outcome.add(place, "required", &problem)?;
            }
        }
    }
    let properties = keyword(schema, "properties");
    let further = keyword(schema, "additionalProperties");
    for (name, value) in given.iter_sorted() {
        let text = name_of(name)?;
        let mut fits_pattern = false;
        for (pattern, schema) in members_of(schema, "patternProperties") {
            if patterns::compiled(&name_of(pattern)?)?.is_match(&text) {
                fits_pattern = true;
                outcome.merge(below(schema, value, &text)?);
            }
        }
        if fits_pattern {
            outcome.step();
            continue;
        }
        if properties.is_some_and(|it| keyword(it, &text).is_some()) {
            continue;
        }
        match further {
            Some(Value::Bool(false)) => {
                let problem = format!("Additional property {text} is not allowed");
                let kind = "additional_property_not_allowed";
                outcome.add(place, kind, &problem)?;
            }
            Some(schema @ Value::Object(_)) => {
                outcome.merge(below(schema, value, &text)?);
            }
            _ => {}
        }
    }
    Ok(())
}
