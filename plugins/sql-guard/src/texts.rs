//! Functions of constant texts, and those that give back what they get.

use sqlparser::ast::Expr;

use crate::expression::{names_no_column, same};
use crate::scope::Scope;
use crate::value::{Value, text_of_hex};

/// Longer texts are no pattern that anybody computes.
const TEXT_MAX: usize = 4096;

/// What a function of texts gives, where its arguments are known. `argument`
/// evaluates one of them.
pub(crate) fn folded(
    name: &str,
    arguments: &[&Expr],
    scope: &Scope,
    argument: fn(&Expr, &Scope) -> Value,
) -> Option<Value> {
    let text = |at: usize| match argument(arguments.get(at)?, scope) {
        Value::Text(text) => Some(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => None,
    };
    let number = |at: usize| match argument(arguments.get(at)?, scope) {
        Value::Number(number) => Some(number),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::Constant | Value::Row(_) => None,
    };
    let alike = |first: &Expr, second: &Expr| same(first, second) && !names_no_column(first);
    match (name, arguments) {
        // From its first letter on, a text is whole.
        ("substr" | "substring" | "mid", [text, _]) if number(1) == Some(1.0) => {
            return Some(argument(text, scope));
        }
        ("field", [searched, first, ..]) if same(searched, first) => {
            return Some(Value::Number(1.0));
        }
        ("datediff" | "date_diff" | "timestampdiff" | "datediff_big", [.., first, second])
            if alike(first, second) =>
        {
            return Some(Value::Number(0.0));
        }
        ("date_diff" | "timestamp_diff" | "datetime_diff", [first, second, _])
            if alike(first, second) =>
        {
            return Some(Value::Number(0.0));
        }
        (_, _) => {}
    }
    let known = match (name, arguments.len()) {
        ("lower" | "lcase", 1) => text(0)?.to_lowercase(),
        ("upper" | "ucase", 1) => text(0)?.to_uppercase(),
        ("trim" | "btrim", 1) => text(0)?.trim_matches(' ').to_owned(),
        ("ltrim", 1) => text(0)?.trim_start_matches(' ').to_owned(),
        ("rtrim", 1) => text(0)?.trim_end_matches(' ').to_owned(),
        ("unhex" | "from_hex", 1) => text_of_hex(&text(0)?)?,
        ("reverse", 1) => text(0)?.chars().rev().collect(),
        ("chr" | "char" | "nchar" | "unichr", 1) => whole(number(0)?)
            .and_then(char::from_u32)
            .map(String::from)?,
        ("repeat" | "replicate", 2) => {
            let (text, times) = (text(0)?, usize::try_from(whole(number(1)?)?).ok()?);
            (text.len().checked_mul(times)? <= TEXT_MAX).then(|| text.repeat(times))?
        }
        ("substr" | "substring" | "mid", 2 | 3) => {
            let (text, from) = (text(0)?, whole(number(1)?)?.checked_sub(1)?);
            let most = match arguments.len() {
                2 => usize::MAX,
                _ => usize::try_from(whole(number(2)?)?).ok()?,
            };
            let from = usize::try_from(from).ok()?;
            text.chars().skip(from).take(most).collect()
        }
        (_, _) => return None,
    };
    Some(Value::Text(known))
}

/// The text with every `from` replaced, where that is no longer than anybody computes.
pub(crate) fn replaced(text: &str, from: &str, to: &str) -> Option<String> {
    if from.is_empty() {
        return Some(text.to_owned());
    }
    let growth = text.matches(from).count().checked_mul(to.len())?;
    (text.len().checked_add(growth)? <= TEXT_MAX).then(|| text.replace(from, to))
}

/// The number, where it is a whole one.
fn whole(number: f64) -> Option<u32> {
    number.to_string().parse().ok()
}
