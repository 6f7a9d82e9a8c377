//! Functions of constant texts, and those that give back what they get.

use sqlparser::ast::{Expr, Value as Literal};

use crate::dialect::Dialect;
use crate::expression::{any_within, function_name, names_no_column, same};
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
        ("substr" | "substring" | "mid", [text, from, count @ ..]) if count.len() < 2 => {
            let count = count.first().map(|count| argument(count, scope));
            return part_of(argument(text, scope), &argument(from, scope), count, scope);
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
        (_, _) => return None,
    };
    Some(Value::Text(known))
}

/// A part of a text. Each argument was evaluated once: they may hold parts themselves.
fn part_of(text: Value, from: &Value, count: Option<Value>, scope: &Scope) -> Option<Value> {
    if count == Some(Value::Number(0.0)) && scope.dialect != Dialect::Oracle {
        return Some(Value::Text(String::new()));
    }
    let Value::Number(from) = from else {
        return None;
    };
    // From its first letter on, a text is whole; what is before the first is read as it.
    let begins = *from == 1.0
        || *from == 0.0 && !matches!(scope.dialect, Dialect::Mysql | Dialect::Clickhouse);
    if begins && count.is_none() {
        return Some(text);
    }
    let most = match count {
        None => usize::MAX,
        Some(Value::Number(count)) => usize::try_from(whole(count)?).ok()?,
        Some(_) => return None,
    };
    match text {
        // Letters of others may be several bytes, which some databases count.
        Value::Text(text) if text.is_ascii() => {
            let from = usize::try_from(whole(*from)?.checked_sub(1)?).ok()?;
            Some(Value::Text(text.chars().skip(from).take(most).collect()))
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Constant
        | Value::Row(_) => None,
    }
}

/// Whether the expression has texts that are written as bytes, `x'61'`, `_utf16'ab'`,
/// `unhex('61')`: as a pattern they are texts, beside a text not in every database.
pub(crate) fn reads_bytes(expr: &Expr) -> bool {
    any_within(expr, &mut |inner| match inner {
        Expr::Value(literal) => matches!(literal.value, Literal::HexStringLiteral(_)),
        Expr::Prefixed { .. } => true,
        Expr::Function(function) => {
            matches!(function_name(function).as_str(), "unhex" | "from_hex")
        }
        // The enum is the parser's.
        _ => false,
    })
}

/// The text with every `from` replaced.
pub(crate) fn replaced(text: Value, from: &Value, to: &Value) -> Option<Value> {
    match (text, from, to) {
        (row @ Value::Row(_), Value::Text(from), Value::Text(to)) if from == to => Some(row),
        (Value::Text(text), Value::Text(from), Value::Text(to)) => {
            replaced_text(&text, from, to).map(Value::Text)
        }
        (_, _, _) => None,
    }
}

/// The same of a text that is known, where that is no longer than anybody computes.
fn replaced_text(text: &str, from: &str, to: &str) -> Option<String> {
    if from.is_empty() {
        return Some(text.to_owned());
    }
    // Some databases do not tell capitals from small letters there.
    let found = text.to_lowercase().matches(&from.to_lowercase()).count();
    if found != text.matches(from).count() {
        return None;
    }
    let growth = text.matches(from).count().checked_mul(to.len())?;
    (text.len().checked_add(growth)? <= TEXT_MAX).then(|| text.replace(from, to))
}

/// Texts one behind the other.
pub(crate) fn joined(all: Vec<Value>) -> Option<Value> {
    let empty = Value::Text(String::new());
    let mut texts = all.iter().filter(|value| **value != empty);
    match (texts.next(), texts.next()) {
        (None, _) => Some(empty),
        // Some databases leave out what is null.
        (Some(Value::Null), None) => None,
        (Some(only), None) => Some(only.clone()),
        (Some(_), Some(_)) => all
            .iter()
            .map(|value| match value {
                Value::Text(text) => Some(text.as_str()),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Constant
                | Value::Row(_) => None,
            })
            .collect::<Option<String>>()
            .map(Value::Text),
    }
}

/// The number, where it is a whole one.
fn whole(number: f64) -> Option<u32> {
    number.to_string().parse().ok()
}
