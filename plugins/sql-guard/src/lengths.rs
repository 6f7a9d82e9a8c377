//! How long a text is at least and at most, whatever the row.

use sqlparser::ast::{BinaryOperator, Expr};

use crate::dialect::Dialect;
use crate::evaluation::value;
use crate::expression::{arguments, bare, function_name};
use crate::scope::Scope;
use crate::value::Value;

/// Longer texts are not counted.
const LENGTH_MAX: f64 = 1e6;

/// The text has so many letters or more: those of its constant pieces.
pub(crate) fn shortest(text: &Expr, scope: &Scope) -> u32 {
    match bare(text) {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::StringConcat,
            right,
        } => shortest(left, scope).saturating_add(shortest(right, scope)),
        Expr::Function(function) => {
            let all = arguments(function).unwrap_or_default();
            match (function_name(function).as_str(), all.as_slice()) {
                ("concat", all) => all
                    .iter()
                    .fold(0, |sum, one| shortest(one, scope).saturating_add(sum)),
                (name, [_] | [_, _]) => digest_length(name, scope).unwrap_or(0),
                (_, _) => 0,
            }
        }
        // The enum is the parser's.
        other => count(other, scope).unwrap_or(0),
    }
}

/// The text has so many letters or fewer, where that is known.
pub(crate) fn longest(text: &Expr, scope: &Scope) -> Option<u32> {
    match bare(text) {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::StringConcat,
            right,
        } => longest(left, scope)?.checked_add(longest(right, scope)?),
        Expr::Function(function) => {
            let all = arguments(function)?;
            match (function_name(function).as_str(), all.as_slice()) {
                ("left" | "right", [_, most]) | ("substr" | "substring" | "mid", [_, _, most]) => {
                    number(most, scope)
                }
                ("lower" | "upper" | "lcase" | "ucase" | "trim" | "reverse", [inner]) => {
                    longest(inner, scope)
                }
                (name, [_] | [_, _]) => digest_length(name, scope),
                (_, _) => None,
            }
        }
        Expr::Substring {
            substring_for: Some(most),
            ..
        } => number(most, scope),
        // The enum is the parser's.
        other => count(other, scope),
    }
}

/// How long what a hash gives is: some databases give its bytes, and some their digits.
fn digest_length(function: &str, scope: &Scope) -> Option<u32> {
    let long_ones_are_bytes = scope.reading.digests_are_bytes || scope.dialect == Dialect::Postgres;
    let (bytes, is_bytes) = match function {
        "md5_binary" | "md4" => (16, true),
        "sha1_binary" => (20, true),
        "md5_hex" => (16, false),
        "sha1_hex" => (20, false),
        "md5" => (16, scope.reading.digests_are_bytes),
        "sha" | "sha1" => (20, scope.reading.digests_are_bytes),
        "sha224" => (28, long_ones_are_bytes),
        "sha256" => (32, long_ones_are_bytes),
        "sha384" => (48, long_ones_are_bytes),
        "sha512" => (64, long_ones_are_bytes),
        _ => return None,
    };
    Some(if is_bytes { bytes } else { 2 * bytes })
}

fn number(expr: &Expr, scope: &Scope) -> Option<u32> {
    match value(expr, scope) {
        Value::Number(number) if (0.0..LENGTH_MAX).contains(&number) => {
            number.to_string().parse().ok()
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Constant
        | Value::Row(_) => None,
    }
}

fn count(expr: &Expr, scope: &Scope) -> Option<u32> {
    match value(expr, scope) {
        Value::Text(text) => u32::try_from(text.chars().count()).ok(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => None,
    }
}
