//! Lists by what a schema says of their elements.

use regorus::Value;

use super::outcome::{Below, Outcome};
use super::parts::keyword;
use crate::builtins::arguments::BuiltinError;

/// `below` judges an element.
pub(super) fn check_elements(
    schema: &Value,
    elements: &[&Value],
    place: &[String],
    below: &Below<'_>,
    outcome: &mut Outcome,
) -> Result<(), BuiltinError> {
    match keyword(schema, "items") {
        None => {}
        Some(Value::Array(schemas)) => {
            let further = keyword(schema, "additionalItems");
            let has_more = !schemas.is_empty() && elements.len() > schemas.len();
            for (index, element) in elements.iter().enumerate() {
                let schema = match (schemas.get(index), further) {
                    (Some(schema), _) => schema,
                    (None, Some(schema @ Value::Object(_))) if has_more => schema,
                    (None, _) => break,
                };
                outcome.merge(below(schema, element, &index.to_string())?);
            }
            if has_more && further == Some(&Value::from(false)) {
                let problem = "No additional items allowed on array";
                outcome.add(place, "array_no_additional_items", problem)?;
            }
        }
        Some(schema) => {
            for (index, element) in elements.iter().enumerate() {
                outcome.merge(below(schema, element, &index.to_string())?);
            }
        }
    }
    let count = Value::from(elements.len());
    if let Some(least) = keyword(schema, "minItems").filter(|least| count < **least) {
        let problem = format!("Array must have at least {least} items");
        outcome.add(place, "array_min_items", &problem)?;
    }
    if let Some(most) = keyword(schema, "maxItems").filter(|most| count > **most) {
        let problem = format!("Array must have at most {most} items");
        outcome.add(place, "array_max_items", &problem)?;
    }
    if keyword(schema, "uniqueItems") == Some(&Value::from(true)) {
        for (index, one) in elements.iter().enumerate() {
            let mut earlier = elements.iter().take(index);
            if let Some(other) = earlier.rposition(|other| other == one) {
                let problem = format!("array items[{other},{index}] must be unique");
                outcome.add(place, "unique", &problem)?;
            }
        }
    }
    if let Some(schema) = keyword(schema, "contains") {
        let mut judged = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            judged.push(below(schema, element, &index.to_string())?);
        }
        if !judged.iter().any(Outcome::is_valid) {
            let problem = "At least one of the items must match";
            outcome.add(place, "contains", problem)?;
            outcome.merge_best(judged);
        }
    }
    outcome.step();
    Ok(())
}
