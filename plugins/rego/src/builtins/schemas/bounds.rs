//! Numbers, texts and choices by what a schema says of them.

use num_bigint::BigInt;
use regorus::Value;

use super::formats;
use super::outcome::Outcome;
use super::parts::{keyword, list};
use crate::builtins::arguments::{BuiltinError, wrong};
use crate::builtins::literals::scientific;
use crate::builtins::{documents, patterns};

type Checked = Result<(), BuiltinError>;

pub(super) fn check_number(
    schema: &Value,
    number: &Value,
    place: &[String],
    outcome: &mut Outcome,
) -> Checked {
    if let Some(step) = keyword(schema, "multipleOf")
        && !is_multiple(number, step)?
    {
        let problem = format!("Must be a multiple of {}", bound(step));
        outcome.add(place, "multiple_of", &problem)?;
    }
    let is_exclusive = |name: &str| keyword(schema, name) == Some(&Value::from(true));
    if let Some(most) = keyword(schema, "maximum") {
        if is_exclusive("exclusiveMaximum") {
            check_below(number, most, place, outcome)?;
        } else if number > most {
            let problem = format!("Must be less than or equal to {}", bound(most));
            outcome.add(place, "number_lte", &problem)?;
        }
    }
    if let Some(most @ Value::Number(_)) = keyword(schema, "exclusiveMaximum") {
        check_below(number, most, place, outcome)?;
    }
    if let Some(least) = keyword(schema, "minimum") {
        if is_exclusive("exclusiveMinimum") {
            check_above(number, least, place, outcome)?;
        } else if number < least {
            let problem = format!("Must be greater than or equal to {}", bound(least));
            outcome.add(place, "number_gte", &problem)?;
        }
    }
    if let Some(least @ Value::Number(_)) = keyword(schema, "exclusiveMinimum") {
        check_above(number, least, place, outcome)?;
    }
    outcome.step();
    Ok(())
}

fn check_below(number: &Value, most: &Value, place: &[String], outcome: &mut Outcome) -> Checked {
    match number < most {
        true => Ok(()),
        false => {
            let problem = format!("Must be less than {}", bound(most));
            outcome.add(place, "number_lt", &problem)
        }
    }
}

fn check_above(number: &Value, least: &Value, place: &[String], outcome: &mut Outcome) -> Checked {
    match number > least {
        true => Ok(()),
        false => {
            let problem = format!("Must be greater than {}", bound(least));
            outcome.add(place, "number_gt", &problem)
        }
    }
}

pub(super) fn check_text(
    schema: &Value,
    text: &str,
    place: &[String],
    outcome: &mut Outcome,
) -> Checked {
    let count = Value::from(text.chars().count());
    if let Some(least) = keyword(schema, "minLength").filter(|least| count < **least) {
        let problem = format!("String length must be greater than or equal to {least}");
        outcome.add(place, "string_gte", &problem)?;
    }
    if let Some(most) = keyword(schema, "maxLength").filter(|most| count > **most) {
        let problem = format!("String length must be less than or equal to {most}");
        outcome.add(place, "string_lte", &problem)?;
    }
    if let Some(Value::String(pattern)) = keyword(schema, "pattern")
        && !patterns::compiled(pattern)?.is_match(text)
    {
        let problem = format!("Does not match pattern '{pattern}'");
        outcome.add(place, "pattern", &problem)?;
    }
    outcome.step();
    Ok(())
}

pub(super) fn check_choice(
    schema: &Value,
    document: &Value,
    place: &[String],
    outcome: &mut Outcome,
) -> Result<(), BuiltinError> {
    if let Some(wanted) = keyword(schema, "const")
        && wanted != document
    {
        let wanted = documents::marshalled(wanted)?;
        let field = Outcome::field(place);
        outcome.add(place, "const", &format!("{field} does not match: {wanted}"))?;
    }
    if let Some(choices) = list(schema, "enum")
        && !choices.contains(&document)
    {
        let choices = choices.into_iter().map(documents::marshalled);
        let choices = choices.collect::<Result<Vec<_>, _>>()?.join(", ");
        let field = Outcome::field(place);
        let problem = format!("{field} must be one of the following: {choices}");
        outcome.add(place, "enum", &problem)?;
    }
    if let (Some(Value::String(format)), Value::String(text)) =
        (keyword(schema, "format"), document)
        && !formats::is_in(format, text)?
    {
        let problem = format!("Does not match format '{format}'");
        outcome.add(place, "format", &problem)?;
    }
    outcome.step();
    Ok(())
}

/// By their digits, as they are written: `0.3` is a multiple of `0.1`.
fn is_multiple(number: &Value, step: &Value) -> Result<bool, BuiltinError> {
    let (number, step) = (Decimal::of(number)?, Decimal::of(step)?);
    let least = number.exponent.min(step.exponent);
    let step = step.scaled(least);
    match step == BigInt::ZERO {
        true => Err(wrong("`multipleOf` is zero")),
        false => Ok(number.scaled(least) % step == BigInt::ZERO),
    }
}

/// A number as digits and a power of ten.
struct Decimal {
    digits: BigInt,
    exponent: i32,
}

// === impl Decimal ===

impl Decimal {
    fn of(value: &Value) -> Result<Self, BuiltinError> {
        let unread = || wrong("a number that is not read");
        let Value::Number(number) = value else {
            return Err(unread());
        };
        let text = number.format_decimal();
        let (text, exponent) = match text.split_once(['e', 'E']) {
            Some((text, exponent)) => (text.to_owned(), exponent.parse().map_err(|_| unread())?),
            None => (text, 0_i32),
        };
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        let places = i32::try_from(part.len()).map_err(|_| unread())?;
        let digits = format!("{whole}{part}").parse().map_err(|_| unread())?;
        Ok(Self {
            digits,
            exponent: exponent - places,
        })
    }

    /// Its digits, where the last one stands for a power of ten that is not greater.
    fn scaled(&self, exponent: i32) -> BigInt {
        let places = self.exponent.abs_diff(exponent);
        &self.digits * BigInt::from(10).pow(places)
    }
}

/// A bound as Go's `big.Float` prints it.
fn bound(value: &Value) -> String {
    let Ok(number) = value.as_f64() else {
        return value.to_string();
    };
    let text = format!("{number:e}");
    let exponent = text.split_once('e').and_then(|(_, it)| it.parse().ok());
    match exponent.unwrap_or(0_i32) {
        -4..6 => format!("{number}"),
        _ => scientific(&text),
    }
}
