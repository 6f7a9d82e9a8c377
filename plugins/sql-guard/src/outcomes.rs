//! What an expression can be at all, whatever the row.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use crate::dialect::Dialect;
use crate::evaluation::value;
use crate::expression::{arguments, bare, column_of, function_name, names_no_column, same, uncast};
use crate::outcome::{NOT_NEGATIVE, Outcomes, VALUES_MAX, field_outcomes, number_of};
use crate::scope::Scope;
use crate::value::Value;

/// What an expression can be.
pub(crate) fn outcomes(expr: &Expr, scope: &Scope) -> Option<Outcomes> {
    let expr = bare(expr);
    if column_of(expr).is_some() {
        return None;
    }
    if !matches!(expr, Expr::Value(_) | Expr::Function(_)) {
        if scope.is_exhausted() {
            return None;
        }
        scope.spend(0);
    }
    by_form(expr, scope).or_else(|| constant(expr, scope))
}

fn constant(expr: &Expr, scope: &Scope) -> Option<Outcomes> {
    if !names_no_column(expr) {
        return None;
    }
    match value(expr, scope) {
        known @ (Value::Number(_) | Value::Bool(_) | Value::Text(_) | Value::Null) => {
            Some(Outcomes::Few(vec![known]))
        }
        Value::Constant | Value::Row(_) => None,
    }
}

fn by_form(expr: &Expr, scope: &Scope) -> Option<Outcomes> {
    match expr {
        Expr::Case {
            conditions,
            else_result,
            ..
        } => {
            let results = conditions.iter().map(|when| &when.result);
            any_of(
                results.chain(else_result.as_deref()),
                else_result.is_none(),
                scope,
            )
        }
        Expr::Cast { .. } => match outcomes(uncast(expr), scope)? {
            Outcomes::Few(values) if values.iter().any(|value| number_of(value).is_none()) => None,
            other => Some(other),
        },
        Expr::Extract { field, .. } => field_outcomes(&field.to_string().to_lowercase()),
        Expr::Position { .. } | Expr::MatchAgainst { .. } => {
            Some(Outcomes::Between(0.0, f64::INFINITY))
        }
        Expr::Function(function) => {
            let arguments = arguments(function)?;
            call(&function_name(function), &arguments, scope)
        }
        Expr::BinaryOp { left, op, right } => operation(left, op, right, scope),
        Expr::UnaryOp {
            op: UnaryOperator::Not | UnaryOperator::BangNot,
            ..
        }
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Exists { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. }
        | Expr::RLike { .. }
        | Expr::Between { .. } => Some(truths()),
        // The enum is the parser's.
        _ => None,
    }
}

fn truths() -> Outcomes {
    Outcomes::Few(vec![Value::Bool(false), Value::Bool(true)])
}

/// What one of several expressions can be.
fn any_of<'a>(
    all: impl Iterator<Item = &'a Expr>,
    or_null: bool,
    scope: &Scope,
) -> Option<Outcomes> {
    let mut so_far = or_null.then(|| Outcomes::Few(vec![Value::Null]));
    for one in all {
        let more = outcomes(one, scope)?;
        so_far = Some(match so_far {
            None => more,
            Some(before) => before.or(more)?,
        });
    }
    so_far
}

fn operation(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Option<Outcomes> {
    use BinaryOperator as Op;
    let number = |expr: &Expr| number_of(&value(expr, scope));
    let sides = || {
        Some((
            outcomes(left, scope)?.bounds()?,
            outcomes(right, scope)?.bounds()?,
        ))
    };
    match op {
        Op::Eq | Op::NotEq | Op::Lt | Op::LtEq | Op::Gt | Op::GtEq | Op::And | Op::Or | Op::Xor => {
            Some(truths())
        }
        Op::Modulo => remainders(number(right)?),
        Op::BitwiseAnd => {
            let mask = number(left).or_else(|| number(right))?;
            (mask >= 0.0).then_some(Outcomes::Between(0.0, mask))
        }
        Op::Multiply if same(left, right) => Some(Outcomes::Between(0.0, f64::INFINITY)),
        Op::Multiply => {
            let ((a, b), (c, d)) = sides()?;
            (a >= 0.0 && c >= 0.0).then_some(Outcomes::Between(a * c, b * d))
        }
        Op::Plus => sides().map(|((a, b), (c, d))| Outcomes::Between(a + c, b + d)),
        Op::Minus => sides().map(|((a, b), (c, d))| Outcomes::Between(a - d, b - c)),
        // The enum is the parser's.
        _ => None,
    }
    .filter(|outcomes| {
        outcomes
            .bounds()
            .is_none_or(|(least, most)| !least.is_nan() && !most.is_nan())
    })
}

/// `a % 3` is 0, 1 or 2.
fn remainders(by: f64) -> Option<Outcomes> {
    (1..=VALUES_MAX)
        .filter_map(|count| u32::try_from(count).ok())
        .find(|count| f64::from(*count) == by)
        .map(|count| Outcomes::numbers(0, count - 1))
}

fn call(name: &str, all: &[&Expr], scope: &Scope) -> Option<Outcomes> {
    let bounds = |expr: &Expr| outcomes(expr, scope).and_then(|known| known.bounds());
    match (name, all) {
        ("if" | "iif" | "iff" | "nvl2", [_, first, second]) => {
            any_of([*first, *second].into_iter(), false, scope)
        }
        ("decode", [_, rest @ ..]) => {
            let pairs = rest.chunks_exact(2);
            let otherwise = pairs.remainder().first().copied();
            let results = pairs.filter_map(|pair| pair.last().copied());
            any_of(results.chain(otherwise), otherwise.is_none(), scope)
        }
        ("coalesce" | "ifnull" | "nvl" | "isnull", [_, _, ..]) => {
            any_of(all.iter().copied(), false, scope)
        }
        ("greatest" | "max", [_, _, ..]) => {
            let known: Vec<_> = all.iter().filter_map(|one| bounds(one)).collect();
            let least = known.iter().map(|(least, _)| *least).reduce(f64::max)?;
            let most = known.iter().map(|(_, most)| *most).reduce(f64::max)?;
            let whole = known.len() == all.len();
            Some(Outcomes::Between(
                least,
                if whole { most } else { f64::INFINITY },
            ))
        }
        ("least" | "min", [_, _, ..]) => {
            let known: Vec<_> = all.iter().filter_map(|one| bounds(one)).collect();
            let least = known.iter().map(|(least, _)| *least).reduce(f64::min)?;
            let most = known.iter().map(|(_, most)| *most).reduce(f64::min)?;
            let whole = known.len() == all.len();
            Some(Outcomes::Between(
                if whole { least } else { f64::NEG_INFINITY },
                most,
            ))
        }
        ("mod", [_, by]) => remainders(number_of(&value(by, scope))?),
        ("date_part" | "datepart" | "extract", [field, _]) => {
            let field = match (column_of(field), value(field, scope)) {
                (Some([only]), _) => only.value.to_lowercase(),
                (_, Value::Text(text)) => text.to_lowercase(),
                (_, _) => return None,
            };
            field_outcomes(&field)
        }
        ("sign", [_]) => Some(Outcomes::Few([-1.0, 0.0, 1.0].map(Value::Number).to_vec())),
        ("sin" | "cos" | "tanh", [_]) => Some(Outcomes::Between(-1.0, 1.0)),
        ("power" | "pow", [_, exponent])
            if number_of(&value(exponent, scope)).is_some_and(|by| by % 2.0 == 0.0) =>
        {
            Some(Outcomes::Between(0.0, f64::INFINITY))
        }
        ("typeof", [_]) if scope.dialect == Dialect::Sqlite => Some(Outcomes::Few(
            ["null", "integer", "real", "text", "blob"]
                .map(|name| Value::Text(name.to_owned()))
                .to_vec(),
        )),
        ("json_typeof" | "jsonb_typeof", [_]) => Some(Outcomes::Few(
            ["object", "array", "string", "number", "boolean", "null"]
                .map(|name| Value::Text(name.to_owned()))
                .to_vec(),
        )),
        ("isnull", [_]) => Some(truths()),
        (_, [_]) if field_outcomes(name).is_some() => field_outcomes(name),
        (_, _) if NOT_NEGATIVE.contains(&name) => Some(Outcomes::Between(0.0, f64::INFINITY)),
        (_, _) => None,
    }
}
