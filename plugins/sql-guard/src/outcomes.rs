//! What an expression can be at all, whatever the row.

use sqlparser::ast::{BinaryOperator, DataType, Expr, Query, SelectItem, SetExpr, UnaryOperator};

use crate::dialect::Dialect;
use crate::evaluation::value;
use crate::expression::{arguments, bare, column_of, function_name, names_no_column, same};
use crate::lengths::{longest, shortest};
use crate::outcome::{
    NOT_NEGATIVE, Outcomes, VALUES_MAX, field_outcomes, number_of, range_of, written,
};
use crate::predicate::is_condition;
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
        Expr::Cast {
            data_type: DataType::Boolean | DataType::Bool,
            ..
        } => Some(truths()),
        Expr::Cast {
            expr: inner,
            data_type,
            ..
        } => outcomes(inner, scope)?.cast(data_type),
        Expr::Ceil { expr: inner, .. } | Expr::Floor { expr: inner, .. } => {
            let (least, most) = outcomes(inner, scope)?.bounds()?;
            Some(Outcomes::Between(least.floor(), most.ceil()))
        }
        Expr::Extract { field, .. } => field_outcomes(&field.to_string().to_lowercase()),
        Expr::Position { .. } | Expr::MatchAgainst { .. } => {
            Some(Outcomes::Between(0.0, f64::INFINITY))
        }
        Expr::Function(function) => {
            let arguments = arguments(function)?;
            call(&function_name(function), &arguments, scope)
                .or_else(|| is_condition(expr).then(truths))
        }
        Expr::BinaryOp { left, op, right } => {
            operation(left, op, right, scope).or_else(|| is_condition(expr).then(truths))
        }
        Expr::UnaryOp { op, expr: inner } if !is_condition(expr) => of_sign(op, inner, scope),
        Expr::Subquery(query) => counted(query),
        _ if is_condition(expr) => Some(truths()),
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
        Op::Modulo => remainders(number(right)?),
        Op::BitwiseAnd
            if number(left)
                .or_else(|| number(right))
                .is_some_and(|mask| mask >= 0.0) =>
        {
            masked(number(left).or_else(|| number(right)))
        }
        // MySQL and MariaDB give them without a sign.
        Op::BitwiseAnd
        | Op::BitwiseOr
        | Op::BitwiseXor
        | Op::PGBitwiseShiftLeft
        | Op::PGBitwiseShiftRight
            if scope.dialect == Dialect::Mysql
                || (scope.dialect == Dialect::Generic && !scope.reading.caret_is_power) =>
        {
            Some(Outcomes::Between(0.0, f64::INFINITY))
        }
        Op::PGExp if number(right).is_some_and(is_even) => Some(not_negative()),
        // There it is a power.
        Op::BitwiseXor if scope.reading.caret_is_power && number(right).is_some_and(is_even) => {
            Some(not_negative())
        }
        Op::Multiply if same(left, right) => {
            let most = outcomes(left, scope).and_then(|known| known.bounds());
            let most = most.map_or(f64::INFINITY, |(a, b)| (a * a).max(b * b));
            Some(Outcomes::Between(0.0, most))
        }
        Op::Multiply => {
            let ((a, b), (c, d)) = sides()?;
            let all = [a * c, a * d, b * c, b * d];
            let least = all.into_iter().reduce(f64::min)?;
            let most = all.into_iter().reduce(f64::max)?;
            let is_open = all.iter().any(|product| product.is_nan());
            (!is_open).then_some(Outcomes::Between(least, most))
        }
        Op::Divide => {
            let ((a, b), (c, d)) = sides()?;
            (a >= 0.0 && c > 0.0).then(|| Outcomes::Between((a / d).floor(), b / c))
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

fn is_even(exponent: f64) -> bool {
    exponent > 0.0 && exponent % 2.0 == 0.0
}

fn not_negative() -> Outcomes {
    Outcomes::Between(0.0, f64::INFINITY)
}

/// `-a`, `@a` and `|/a` of PostgreSQL, `~a` of MySQL.
fn of_sign(op: &UnaryOperator, inner: &Expr, scope: &Scope) -> Option<Outcomes> {
    match op {
        UnaryOperator::Minus => {
            let (least, most) = outcomes(inner, scope)?.bounds()?;
            Some(Outcomes::Between(-most, -least))
        }
        UnaryOperator::Plus => outcomes(inner, scope),
        UnaryOperator::PGAbs | UnaryOperator::PGSquareRoot => Some(not_negative()),
        UnaryOperator::BitwiseNot if scope.dialect == Dialect::Mysql => Some(not_negative()),
        // The enum is the parser's.
        _ => None,
    }
}

/// `(SELECT count(*) FROM ..)`: never less than none.
fn counted(query: &Query) -> Option<Outcomes> {
    let SetExpr::Select(select) = query.body.as_ref() else {
        return None;
    };
    let ([SelectItem::UnnamedExpr(Expr::Function(function))], true) =
        (select.projection.as_slice(), select.having.is_none())
    else {
        return None;
    };
    let is_count = matches!(
        function_name(function).as_str(),
        "count"
            | "countif"
            | "count_if"
            | "count_big"
            | "uniq"
            | "uniqexact"
            | "approx_count_distinct"
    );
    is_count.then(not_negative)
}

/// `a & 5` is 0, 1, 4 or 5: the bits of a mask, each set or not.
fn masked(mask: Option<f64>) -> Option<Outcomes> {
    let mask = mask.filter(|mask| *mask >= 0.0)?;
    let few = (0..VALUES_MAX)
        .filter_map(|number| u32::try_from(number).ok())
        .find(|number| f64::from(*number) == mask);
    Some(match few {
        Some(mask) => Outcomes::Few(
            (0..=mask)
                .filter(|number| number & mask == *number)
                .map(|number| Value::Number(number.into()))
                .collect(),
        ),
        None => Outcomes::Between(0.0, mask),
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
        ("bitand" | "bit_and", [one, other]) => {
            let mask = number_of(&value(one, scope)).or_else(|| number_of(&value(other, scope)));
            masked(mask)
        }
        ("abs", [only]) => {
            let (least, most) = bounds(only).unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
            let nearest = if least > 0.0 || most < 0.0 {
                least.abs().min(most.abs())
            } else {
                0.0
            };
            Some(Outcomes::Between(nearest, least.abs().max(most.abs())))
        }
        ("floor" | "ceil" | "ceiling" | "round" | "trunc" | "truncate", [only, ..]) => {
            let (least, most) = bounds(only)?;
            Some(Outcomes::Between(least.floor(), most.ceil()))
        }
        (
            "length" | "len" | "char_length" | "character_length" | "octet_length" | "lengthutf8",
            [text],
        ) => Some(Outcomes::Between(
            f64::from(shortest(text, scope)),
            longest(text, scope).map_or(f64::INFINITY, f64::from),
        )),
        (
            "strftime" | "date_format" | "to_char" | "formatdatetime" | "format_date",
            [one, other],
        ) => written(&value(one, scope)).or_else(|| written(&value(other, scope))),
        ("date_part" | "datepart" | "extract", [field, _]) => {
            let field = match (column_of(field), value(field, scope)) {
                (Some([only]), _) => only.value.to_lowercase(),
                (_, Value::Text(text)) => text.to_lowercase(),
                (_, _) => return None,
            };
            field_outcomes(&field)
        }
        ("sign", [_]) => Some(Outcomes::Few([-1.0, 0.0, 1.0].map(Value::Number).to_vec())),
        ("power" | "pow", [_, exponent])
            if number_of(&value(exponent, scope)).is_some_and(is_even) =>
        {
            Some(not_negative())
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
        ("isnull" | "isnotnull", [_]) => Some(truths()),
        (_, [_]) if field_outcomes(name).is_some() => field_outcomes(name),
        (_, _) if NOT_NEGATIVE.contains(&name) => Some(not_negative()),
        (_, _) => range_of(name),
    }
}
