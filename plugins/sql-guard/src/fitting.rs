//! Whether a text fits a pattern that is itself an expression.

use sqlparser::ast::{BinaryOperator, Expr};

use crate::evaluation::value;
use crate::expression::{arguments, bare, function_name, names_no_column, same};
use crate::pattern::{Syntax, fits};
use crate::scope::Scope;
use crate::truth::Holds;
use crate::value::Value;

pub(crate) fn fitting(text: &Expr, pattern: &Expr, syntax: Syntax, scope: &Scope) -> Holds {
    if matches!(syntax, Syntax::Like) && same(text, pattern) {
        return Holds::Always;
    }
    match value(pattern, scope) {
        Value::Text(pattern) => match fits(&pattern, syntax) {
            Holds::Depends => constant_or_open(text),
            other => other,
        },
        // Pieces around the text itself, or any letters.
        Value::Row(_) | Value::Constant | Value::Null | Value::Bool(_) | Value::Number(_) => {
            surrounded(text, pattern, scope)
        }
    }
}

/// `name LIKE '%' || name || '%'`.
fn surrounded(text: &Expr, pattern: &Expr, scope: &Scope) -> Holds {
    fn pieces<'a>(expr: &'a Expr, into: &mut Vec<&'a Expr>) {
        match bare(expr) {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::StringConcat,
                right,
            } => {
                pieces(left, into);
                pieces(right, into);
            }
            Expr::Function(function) if function_name(function) == "concat" => {
                for argument in arguments(function).unwrap_or_default() {
                    pieces(argument, into);
                }
            }
            // The enum is the parser's.
            other => into.push(other),
        }
    }
    let mut all = Vec::new();
    pieces(pattern, &mut all);
    let fit = all.iter().all(|piece| {
        same(piece, text)
            || matches!(value(piece, scope), Value::Text(text) if text.chars().all(|letter| letter == '%'))
    });
    let once = all.iter().filter(|piece| same(piece, text)).count() <= 1;
    if fit && once && !all.is_empty() {
        Holds::Always
    } else {
        Holds::Depends
    }
}

pub(crate) fn constant_or_open(expr: &Expr) -> Holds {
    if names_no_column(expr) {
        Holds::Alike
    } else {
        Holds::Depends
    }
}
