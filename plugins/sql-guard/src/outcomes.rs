//! What an expression can be at all, whatever the row.

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Ident, Query, SelectItem, SetExpr, UnaryOperator,
};

use crate::aggregate::{counted_rows, nulls_among};
use crate::dialect::Dialect;
use crate::evaluation::value;
use crate::expression::{
    arguments, asks_a_query, bare, column_of, function_name, names_no_column, same, uncast,
};
use crate::field::{field_of, field_outcomes};
use crate::itself::{Found, found, place};
use crate::left::is_ungrouped;
use crate::lengths::{longest, shortest};
use crate::moment::tells_when_made;
use crate::outcome::{
    NOT_NEGATIVE, Outcomes, masked, not_negative, number_of, positive, range_of, remainders,
    sign_of, written,
};
use crate::predicate::is_condition;
use crate::relation::gives_every_row;
use crate::scope::{Group, Scope};
use crate::system::numbers_of;
use crate::truth::Holds;
use crate::usual::usual_numbers;
use crate::value::Value;

/// What an expression can be.
pub(crate) fn outcomes(expr: &Expr, scope: &Scope) -> Option<Outcomes> {
    let expr = bare(expr);
    if let Some(names) = column_of(expr) {
        return of_column(names, scope);
    }
    if !matches!(expr, Expr::Value(_) | Expr::Function(_)) {
        if scope.is_exhausted() {
            return None;
        }
        scope.spend(0);
    }
    by_form(expr, scope).or_else(|| constant(expr, scope))
}

/// What a column that the database keeps holds, and usually a key.
fn of_column(names: &[Ident], scope: &Scope) -> Option<Outcomes> {
    let column = names.last()?;
    let is_it = |(name, _): &&(String, Outcomes)| column.value.eq_ignore_ascii_case(name);
    if let Some((_, given)) = scope.given.iter().find(is_it) {
        return Some(given.clone());
    }
    let usual = || scope.is_usual.then(|| usual_numbers(column)).flatten();
    let (least, most) = numbers_of(column, scope.dialect).or_else(usual)?;
    Some(Outcomes::Between(least, most))
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
        Expr::Extract {
            field, expr: time, ..
        } => field_of(&field.to_string().to_lowercase(), time, scope),
        Expr::Position { expr: part, r#in } if place(r#in, part).is_some() => Some(positive()),
        Expr::Position { .. } | Expr::MatchAgainst { .. } => {
            Some(Outcomes::Between(0.0, f64::INFINITY))
        }
        Expr::Function(function) => {
            if let Some(counted) = counted_rows(function, scope) {
                return Some(counted);
            }
            let arguments = arguments(function)?;
            call(&function_name(function), &arguments, scope)
                .or_else(|| is_condition(expr).then(truths))
        }
        Expr::BinaryOp { left, op, right } => {
            operation(left, op, right, scope).or_else(|| is_condition(expr).then(truths))
        }
        Expr::UnaryOp { op, expr: inner } if !is_condition(expr) => of_sign(op, inner, scope),
        Expr::Subquery(query) => counted(query, scope),
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
        Op::PGExp if number(right).is_some_and(is_even) => Some(raised(left, scope)),
        // There it is a power.
        Op::BitwiseXor if scope.reading.caret_is_power && number(right).is_some_and(is_even) => {
            Some(raised(left, scope))
        }
        Op::Multiply if same(left, right) => Some(squared(left, scope)),
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

/// What an even power can be: of a base beyond one no less than its square.
fn raised(base: &Expr, scope: &Scope) -> Outcomes {
    match squared(base, scope) {
        Outcomes::Between(least, _) => Outcomes::Between(least, f64::INFINITY),
        few @ Outcomes::Few(_) => few,
    }
}

fn squared(base: &Expr, scope: &Scope) -> Outcomes {
    let known = outcomes(base, scope).and_then(|known| known.bounds());
    let (least, most) = known.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
    let square_of = |bound: f64| bound * bound;
    let nearest = match least >= 1.0 || most <= -1.0 {
        true => square_of(least).min(square_of(most)),
        false => 0.0,
    };
    Outcomes::Between(nearest, square_of(least).max(square_of(most)))
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
        UnaryOperator::BitwiseNot => {
            let (least, most) = outcomes(inner, scope)?.bounds()?;
            Some(Outcomes::Between(-most - 1.0, -least - 1.0))
        }
        // The enum is the parser's.
        _ => None,
    }
}

/// `(SELECT count(*) FROM ..)`: never less than none, and of the table itself, where the
/// query keeps the row outside, never less than that.
fn counted(query: &Query, scope: &Scope) -> Option<Outcomes> {
    let SetExpr::Select(select) = query.body.as_ref() else {
        return None;
    };
    let ([SelectItem::UnnamedExpr(Expr::Function(function))], true) =
        (select.projection.as_slice(), select.having.is_none())
    else {
        return None;
    };
    // A query within it is looked at where it stands, and not again for each one around it.
    let is_simple = is_ungrouped(&select.group_by) && !select.selection.iter().any(asks_a_query);
    let keeps_itself = is_simple
        && match gives_every_row(select, scope) {
            Holds::Always => true,
            Holds::Probably => scope.is_usual,
            Holds::Never | Holds::Alike | Holds::Hardly | Holds::Depends => false,
        };
    let group = Group {
        rows_least: f64::from(u8::from(keeps_itself)),
        ..Group::default()
    };
    let limits_nothing = query.limit_clause.is_none() && query.fetch.is_none();
    (function.over.is_none() && limits_nothing)
        .then(|| counted_rows(function, &scope.of_group(group)))
        .flatten()
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
            // A text of a table has letters in nearly every row.
            f64::from(shortest(text, scope).max(u32::from(
                scope.is_usual && column_of(uncast(text)).is_some(),
            ))),
            longest(text, scope).map_or(f64::INFINITY, f64::from),
        )),
        (
            "strftime" | "date_format" | "to_char" | "formatdatetime" | "format_date",
            [one, other],
        ) => written(&value(one, scope)).or_else(|| written(&value(other, scope))),
        ("date_part" | "datepart" | "extract", [field, time]) => {
            let field = match (column_of(field), value(field, scope)) {
                (Some([only]), _) => only.value.to_lowercase(),
                (_, Value::Text(text)) => text.to_lowercase(),
                (_, _) => return None,
            };
            field_of(&field, time, scope)
        }
        ("sign", [only]) => {
            let (least, most) = bounds(only).unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
            let signs = [-1.0, 0.0, 1.0].into_iter();
            let signs = signs.filter(|sign| *sign >= sign_of(least) && *sign <= sign_of(most));
            Some(Outcomes::Few(signs.map(Value::Number).collect()))
        }
        ("sqrt" | "cbrt", [only]) if bounds(only).is_some_and(|(least, _)| least >= 1.0) => {
            Some(positive())
        }
        ("power" | "pow", [base, exponent])
            if number_of(&value(exponent, scope)).is_some_and(is_even) =>
        {
            Some(raised(base, scope))
        }
        ("square", [base]) => Some(squared(base, scope)),
        ("unix_timestamp" | "to_unixtime" | "tounixtimestamp", [time]) => {
            let made = |column: &Ident| tells_when_made(&column.value.to_lowercase());
            let is_made = column_of(time).and_then(<[Ident]>::last).is_some_and(made);
            Some(match is_made && scope.is_usual {
                true => positive(),
                false => not_negative(),
            })
        }
        ("num_nulls" | "num_nonnulls", [_, ..]) => nulls_among(name, all, scope),
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
        (_, [time]) if field_outcomes(name).is_some() => field_of(name, time, scope),
        (_, [_, _, ..]) if found(name, all) == Some(Found::Place) => Some(positive()),
        (_, _) if NOT_NEGATIVE.contains(&name) => Some(not_negative()),
        (_, _) => range_of(name),
    }
}
