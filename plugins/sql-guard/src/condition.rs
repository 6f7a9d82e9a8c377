//! Whether a `WHERE` holds for every row, by what it can evaluate to.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use crate::cover;
use crate::dialect::Dialect;
use crate::pattern::{Syntax, fits};
use crate::subquery;
use crate::truth::Holds;
use crate::value::{
    Scope, Value, alone, arguments, bare, canonical, column_of, function_name, names_no_column,
    same, value,
};

/// What a condition says about the rows of the table that is written. One that
/// names no column holds for all rows or for none: it is no condition.
pub(crate) fn kept_rows(condition: &Expr, dialect: Dialect, scope: &Scope) -> Holds {
    if names_no_column(condition) {
        return Holds::Always;
    }
    match holds(condition, false, scope) {
        Holds::Alike => Holds::Always,
        Holds::Depends if dialect.numbers_are_truths() && is_bare_number(condition, scope) => {
            Holds::Always
        }
        other => other,
    }
}

/// A column or a sum in the place of a condition is true for nearly every row
/// where numbers are truths.
fn is_bare_number(condition: &Expr, scope: &Scope) -> bool {
    match bare(condition) {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } => is_bare_number(left, scope) && is_bare_number(right, scope),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Or,
            right,
        } => is_bare_number(left, scope) || is_bare_number(right, scope),
        expr @ (Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::UnaryOp {
            op: UnaryOperator::Minus | UnaryOperator::Plus,
            ..
        }
        | Expr::BinaryOp {
            op: BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply,
            ..
        }) => matches!(value(expr, scope), Value::Row(_)),
        // The enum is the parser's.
        _ => false,
    }
}

/// For which rows the expression holds, or with `negated` does not.
pub(crate) fn holds(expr: &Expr, negated: bool, scope: &Scope) -> Holds {
    let deeper = |inner: &Expr, negated: bool| holds(inner, negated, scope);
    match expr {
        Expr::Nested(inner) => deeper(inner, negated),
        Expr::UnaryOp {
            op: UnaryOperator::Not | UnaryOperator::BangNot,
            expr,
        } => deeper(expr, !negated),
        Expr::IsTrue(inner) | Expr::IsNotFalse(inner) => deeper(inner, negated),
        Expr::IsFalse(inner) | Expr::IsNotTrue(inner) => deeper(inner, !negated),
        Expr::IsNotUnknown(inner) | Expr::IsNotNull(inner) => {
            not_null(inner, scope).negated_if(negated)
        }
        Expr::IsUnknown(inner) | Expr::IsNull(inner) => not_null(inner, scope).negated_if(!negated),
        Expr::BinaryOp {
            left,
            op: op @ (BinaryOperator::And | BinaryOperator::Or),
            right,
        } => {
            if matches!(op, BinaryOperator::And) != negated {
                return deeper(left, negated).and(deeper(right, negated));
            }
            let all = cover::alternatives(expr, negated);
            let either = all
                .iter()
                .map(|(one, negated)| holds(one, *negated, scope))
                .fold(Holds::Never, Holds::or);
            if either != Holds::Always && cover::everything(&all, scope) {
                Holds::Always
            } else {
                either
            }
        }
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Xor,
            right,
        } => match (deeper(left, false), deeper(right, false)) {
            (Holds::Always, right) => right.negated().negated_if(negated),
            (left, Holds::Always) => left.negated().negated_if(negated),
            (Holds::Never, other) | (other, Holds::Never) => other.negated_if(negated),
            (
                Holds::Alike | Holds::Probably | Holds::Hardly | Holds::Depends,
                Holds::Alike | Holds::Probably | Holds::Hardly | Holds::Depends,
            ) => Holds::of(opposite(left, right, scope) != negated)
                .and_if(opposite(left, right, scope)),
        },
        Expr::BinaryOp { left, op, right } => binary(left, op, right, scope).negated_if(negated),
        Expr::IsNotDistinctFrom(left, right) => {
            compare(left, &BinaryOperator::Spaceship, right, scope).negated_if(negated)
        }
        Expr::IsDistinctFrom(left, right) => {
            compare(left, &BinaryOperator::Spaceship, right, scope).negated_if(!negated)
        }
        Expr::Between {
            expr,
            negated: outside,
            low,
            high,
        } => {
            let above = compare(expr, &BinaryOperator::GtEq, low, scope);
            let below = compare(expr, &BinaryOperator::LtEq, high, scope);
            above.and(below).negated_if(*outside != negated)
        }
        Expr::InList {
            expr,
            list,
            negated: outside,
        } => in_list(expr, list, scope).negated_if(*outside != negated),
        Expr::InSubquery {
            expr,
            subquery,
            negated: outside,
        } => subquery::contains(expr, subquery, scope).negated_if(*outside != negated),
        Expr::Exists {
            subquery,
            negated: absent,
        } => subquery::has_rows(subquery, scope).negated_if(*absent != negated),
        Expr::Subquery(query) => match alone(query) {
            Some(inner) => deeper(inner, negated),
            None => constant_or_open(expr),
        },
        Expr::Like {
            negated: without,
            any: true,
            expr,
            pattern,
            ..
        }
        | Expr::ILike {
            negated: without,
            any: true,
            expr,
            pattern,
            ..
        } => elements(pattern)
            .iter()
            .map(|pattern| fitting(expr, pattern, Syntax::Like, scope))
            .fold(Holds::Depends, Holds::or)
            .negated_if(*without != negated),
        Expr::Like {
            negated: without,
            expr,
            pattern,
            escape_char,
            ..
        }
        | Expr::ILike {
            negated: without,
            expr,
            pattern,
            escape_char,
            ..
        } => {
            let escaped = escape_char.as_ref().is_some_and(|escape| {
                matches!(value(escape, scope), Value::Text(letter) if letter == "%" || letter == "_")
            });
            if escaped {
                Holds::Depends
            } else {
                fitting(expr, pattern, Syntax::Like, scope).negated_if(*without != negated)
            }
        }
        Expr::SimilarTo {
            negated: without,
            expr,
            pattern,
            ..
        } => fitting(expr, pattern, Syntax::Similar, scope).negated_if(*without != negated),
        Expr::RLike {
            negated: without,
            expr,
            pattern,
            ..
        } => fitting(expr, pattern, Syntax::Regex, scope).negated_if(*without != negated),
        Expr::AnyOp {
            left,
            compare_op,
            right,
            ..
        } => any_of(left, compare_op, right, scope).negated_if(negated),
        Expr::AllOp {
            left,
            compare_op: BinaryOperator::NotEq,
            right,
        } => any_of(left, &BinaryOperator::Eq, right, scope).negated_if(!negated),
        Expr::Case {
            operand: None,
            conditions,
            else_result,
            ..
        } => {
            let mut so_far: Option<Holds> = None;
            for when in conditions {
                let chosen = deeper(&when.condition, false);
                if chosen == Holds::Never {
                    continue;
                }
                let result = truth(&when.result, negated, scope);
                so_far = Some(so_far.map_or(result, |before| before.either(result)));
                if chosen == Holds::Always {
                    return so_far.unwrap_or(Holds::Depends);
                }
            }
            let rest = else_result
                .as_ref()
                .map_or(Holds::Never, |other| truth(other, negated, scope));
            so_far.map_or(rest, |before| before.either(rest))
        }
        Expr::Function(function) => match arguments(function) {
            Some(arguments) => call(expr, &function_name(function), &arguments, negated, scope),
            None => constant_or_open(expr),
        },
        Expr::Cast { expr: inner, .. } | Expr::Collate { expr: inner, .. } => {
            deeper(inner, negated)
        }
        // The enum is the parser's.
        _ => truth_of_value(&value(expr, scope)).negated_if(negated),
    }
}

/// A branch of a condition, which may be a constant.
fn truth(expr: &Expr, negated: bool, scope: &Scope) -> Holds {
    holds(expr, negated, scope)
}

fn truth_of_value(value: &Value) -> Holds {
    match value {
        Value::Null => Holds::Never,
        Value::Bool(truth) => Holds::of(*truth),
        Value::Number(number) => Holds::of(*number != 0.0),
        Value::Text(text) => match text.to_ascii_lowercase().as_str() {
            "t" | "true" | "y" | "yes" | "on" | "1" => Holds::Always,
            _ => Holds::Alike,
        },
        Value::Constant => Holds::Alike,
        Value::Row(_) => Holds::Depends,
    }
}

fn constant_or_open(expr: &Expr) -> Holds {
    if names_no_column(expr) {
        Holds::Alike
    } else {
        Holds::Depends
    }
}

fn call(whole: &Expr, name: &str, arguments: &[&Expr], negated: bool, scope: &Scope) -> Holds {
    let fit = |text: &Expr, pattern: &Expr, syntax| {
        fitting(text, pattern, syntax, scope).negated_if(negated)
    };
    match (name, arguments) {
        ("coalesce" | "ifnull" | "nvl" | "isnull", [first, rest @ ..]) => {
            let first = holds(first, negated, scope);
            match rest.last() {
                Some(_) if first == Holds::Always => Holds::Always,
                Some(last) if first == Holds::Never => holds(last, negated, scope),
                Some(_) | None => first,
            }
        }
        ("if" | "iif" | "iff", [condition, first, second]) => {
            let (first, second) = (holds(first, negated, scope), holds(second, negated, scope));
            match holds(condition, false, scope) {
                Holds::Always => first,
                Holds::Never => second,
                Holds::Alike | Holds::Probably | Holds::Hardly | Holds::Depends => {
                    first.either(second)
                }
            }
        }
        (
            "regexp_like" | "regexp_contains" | "regexp_matches" | "regexp_ilike" | "match"
            | "contains_regex" | "rlike",
            [text, pattern, ..],
        ) => fit(text, pattern, Syntax::Regex),
        ("regexp" | "regexpi", [pattern, text]) => fit(text, pattern, Syntax::Regex),
        ("regexp_full_match", [text, pattern, ..]) => fit(text, pattern, Syntax::WholeRegex),
        ("glob", [pattern, text]) => fit(text, pattern, Syntax::Glob),
        ("like" | "ilike", [pattern, text]) => {
            fit(text, pattern, Syntax::Like).or(fit(pattern, text, Syntax::Like))
        }
        (
            "starts_with" | "ends_with" | "startswith" | "endswith" | "contains" | "prefix"
            | "suffix" | "contains_substr",
            [text, part],
        ) => Holds::of(value(part, scope) == Value::Text(String::new()) || same(text, part))
            .or(Holds::Depends)
            .negated_if(negated),
        (_, _) => truth_of_value(&value(whole, scope)).negated_if(negated),
    }
}

fn binary(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Holds {
    use BinaryOperator as Op;
    match op {
        Op::Eq | Op::NotEq | Op::Lt | Op::LtEq | Op::Gt | Op::GtEq | Op::Spaceship => {
            compare(left, op, right, scope)
        }
        Op::PGRegexMatch | Op::PGRegexIMatch | Op::Regexp => {
            fitting(left, right, Syntax::Regex, scope)
        }
        Op::PGRegexNotMatch | Op::PGRegexNotIMatch => {
            fitting(left, right, Syntax::Regex, scope).negated()
        }
        Op::PGLikeMatch | Op::PGILikeMatch => fitting(left, right, Syntax::Like, scope),
        Op::PGNotLikeMatch | Op::PGNotILikeMatch => {
            fitting(left, right, Syntax::Like, scope).negated()
        }
        Op::PGStartsWith if value(right, scope) == Value::Text(String::new()) => Holds::Always,
        Op::Glob => fitting(left, right, Syntax::Glob, scope),
        // The enum is the parser's.
        _ => {
            let whole = Expr::BinaryOp {
                left: Box::new(left.clone()),
                op: op.clone(),
                right: Box::new(right.clone()),
            };
            truth_of_value(&value(&whole, scope))
        }
    }
}

fn fitting(text: &Expr, pattern: &Expr, syntax: Syntax, scope: &Scope) -> Holds {
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

/// The elements of `(a, b)` and `ARRAY[a, b]`.
fn elements(list: &Expr) -> &[Expr] {
    match list {
        Expr::Nested(inner) => elements(inner),
        Expr::Tuple(elements) => elements,
        Expr::Array(array) => &array.elem,
        // The enum is the parser's.
        other => std::slice::from_ref(other),
    }
}

fn any_of(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Holds {
    match bare(right) {
        Expr::Array(array) => array
            .elem
            .iter()
            .map(|element| binary(left, op, element, scope))
            .fold(Holds::Never, Holds::or),
        Expr::Subquery(query) if matches!(op, BinaryOperator::Eq) => {
            subquery::contains(left, query, scope)
        }
        // The enum is the parser's.
        _ => Holds::Depends,
    }
}

fn in_list(expr: &Expr, list: &[Expr], scope: &Scope) -> Holds {
    if list.is_empty() {
        return Holds::Never;
    }
    let told: Vec<Holds> = list
        .iter()
        .filter(|element| !is_plain_pair(expr, element))
        .map(|element| compare(expr, &BinaryOperator::Eq, element, scope))
        .collect();
    let open = if told.len() == list.len() {
        Holds::Never
    } else {
        Holds::Depends
    };
    told.into_iter().fold(open, Holds::or)
}

/// Two literals, or a column and a literal: nothing to learn.
fn is_plain_pair(left: &Expr, right: &Expr) -> bool {
    column_of(left).is_some() && matches!(right, Expr::Value(_))
}

/// Whether a comparison holds.
pub(crate) fn compare(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Holds {
    use BinaryOperator as Op;
    let (left, right) = (bare(left), bare(right));
    if let (Expr::Tuple(lefts), Expr::Tuple(rights), Op::Eq) = (left, right, op)
        && lefts.len() == rights.len()
    {
        return lefts
            .iter()
            .zip(rights)
            .map(|(left, right)| compare(left, op, right, scope))
            .fold(Holds::Always, Holds::and);
    }
    let equal = |equal: bool| match op {
        Op::Eq | Op::Spaceship | Op::GtEq | Op::LtEq => Holds::of(equal),
        _ => Holds::of(!equal),
    };
    if let Some(answer) = truth_compared(left, op, right, scope) {
        return answer;
    }
    if same(left, right) && !names_no_column(left) {
        return equal(true);
    }
    if alias_pair(left, right, scope) {
        // A row of the table beside any other row of the same table.
        return match op {
            Op::Eq | Op::Spaceship | Op::GtEq | Op::LtEq => Holds::Always,
            _ => Holds::Depends,
        };
    }
    let (first, second) = (value(left, scope), value(right, scope));
    match (&first, &second) {
        (Value::Null, Value::Null) if matches!(op, Op::Spaceship) => Holds::Always,
        (Value::Null, _) | (_, Value::Null) if !matches!(op, Op::Spaceship) => Holds::Never,
        (Value::Number(first), Value::Number(second)) => ordered(*first, op, *second),
        (Value::Bool(first), Value::Bool(second)) => equal(first == second),
        (Value::Text(first), Value::Text(second)) if first == second => equal(true),
        (Value::Row(first), Value::Row(second)) => {
            let difference = first.plus(-1.0, second);
            if difference.unknowns.is_empty() {
                ordered(difference.number, op, 0.0)
            } else if canonical(uncast(left), scope) == canonical(uncast(right), scope) {
                equal(true).likely()
            } else {
                Holds::Depends
            }
        }
        (Value::Row(_), Value::Number(number)) => usual(left, op, *number, scope),
        (Value::Number(number), Value::Row(_)) => usual(right, &turned(op), *number, scope),
        (Value::Row(sum), Value::Text(text)) | (Value::Text(text), Value::Row(sum))
            if text.is_empty() && matches!(op, Op::NotEq) && sum.only().is_some_and(is_key) =>
        {
            Holds::Probably
        }
        (first, second) if first.is_constant() && second.is_constant() => Holds::Alike,
        (
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::Constant
            | Value::Row(_),
            _,
        ) => Holds::Depends,
    }
}

/// `(a = b) = true`, `(a IS NULL) = 0`.
fn truth_compared(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Option<Holds> {
    let is_condition = |expr: &Expr| {
        matches!(
            expr,
            Expr::BinaryOp {
                op: BinaryOperator::Eq
                    | BinaryOperator::NotEq
                    | BinaryOperator::Lt
                    | BinaryOperator::LtEq
                    | BinaryOperator::Gt
                    | BinaryOperator::GtEq
                    | BinaryOperator::And
                    | BinaryOperator::Or,
                ..
            } | Expr::IsNull(_)
                | Expr::IsNotNull(_)
                | Expr::InList { .. }
                | Expr::InSubquery { .. }
                | Expr::Like { .. }
                | Expr::ILike { .. }
                | Expr::Between { .. }
                | Expr::Exists { .. }
                | Expr::UnaryOp {
                    op: UnaryOperator::Not,
                    ..
                }
        )
    };
    let same_wanted = match op {
        BinaryOperator::Eq | BinaryOperator::Spaceship => true,
        BinaryOperator::NotEq => false,
        // The enum is the parser's.
        _ => return None,
    };
    let (condition, wanted) = if is_condition(left) {
        (left, value(right, scope))
    } else if is_condition(right) {
        (right, value(left, scope))
    } else {
        return None;
    };
    let wanted = match wanted {
        Value::Bool(truth) => truth,
        Value::Number(number) if number == 0.0 || number == 1.0 => number == 1.0,
        Value::Null | Value::Number(_) | Value::Text(_) | Value::Constant | Value::Row(_) => {
            return None;
        }
    };
    Some(holds(condition, wanted != same_wanted, scope))
}

/// `t.id` and `x.id`, where `x` is the same table again.
fn alias_pair(left: &Expr, right: &Expr, scope: &Scope) -> bool {
    match (column_of(left), column_of(right)) {
        (Some([one, first]), Some([other, second])) => {
            let is_self = |name: &str| scope.selves.iter().any(|own| *own == name.to_lowercase());
            first.value.eq_ignore_ascii_case(&second.value)
                && is_self(&one.value)
                && is_self(&other.value)
        }
        (Some(_) | None, _) => false,
    }
}

fn uncast(expr: &Expr) -> &Expr {
    match expr {
        Expr::Cast { expr: inner, .. } | Expr::Nested(inner) => uncast(inner),
        // The enum is the parser's.
        other => other,
    }
}

pub(crate) fn turned(op: &BinaryOperator) -> BinaryOperator {
    match op {
        BinaryOperator::Lt => BinaryOperator::Gt,
        BinaryOperator::LtEq => BinaryOperator::GtEq,
        BinaryOperator::Gt => BinaryOperator::Lt,
        BinaryOperator::GtEq => BinaryOperator::LtEq,
        // The enum is the parser's; the rest is symmetric.
        other => other.clone(),
    }
}

pub(crate) fn ordered(first: f64, op: &BinaryOperator, second: f64) -> Holds {
    Holds::of(match op {
        BinaryOperator::Eq | BinaryOperator::Spaceship => first == second,
        BinaryOperator::NotEq => first != second,
        BinaryOperator::Lt => first < second,
        BinaryOperator::LtEq => first <= second,
        BinaryOperator::Gt => first > second,
        BinaryOperator::GtEq => first >= second,
        // The enum is the parser's.
        _ => return Holds::Depends,
    })
}

/// Numbers that are what they are in nearly every row: lengths are not
/// negative, keys are positive.
fn usual(expr: &Expr, op: &BinaryOperator, number: f64, scope: &Scope) -> Holds {
    use BinaryOperator as Op;
    /// Keys are smaller than this.
    const LARGE: f64 = 1e9;

    if is_not_negative(expr) {
        match op {
            Op::GtEq if number <= 0.0 => return Holds::Always,
            Op::Gt | Op::NotEq if number < 0.0 => return Holds::Always,
            Op::Lt if number <= 0.0 => return Holds::Never,
            Op::LtEq | Op::Eq if number < 0.0 => return Holds::Never,
            // The enum is the parser's.
            _ => {}
        }
    }
    let key = match value(expr, scope) {
        Value::Row(sum) => sum.only().is_some_and(is_key),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Constant => false,
    };
    let everyone = match op {
        Op::Gt | Op::NotEq => number <= 0.0,
        Op::GtEq => number <= 1.0,
        Op::Lt | Op::LtEq => number >= LARGE,
        // The enum is the parser's.
        _ => false,
    };
    if key && everyone {
        Holds::Probably
    } else {
        Holds::Depends
    }
}

fn is_not_negative(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Function(function) => matches!(
            function_name(function).as_str(),
            "length"
                | "len"
                | "char_length"
                | "character_length"
                | "octet_length"
                | "bit_length"
                | "datalength"
                | "lengthb"
                | "byte_length"
                | "abs"
                | "instr"
                | "strpos"
                | "locate"
                | "position"
                | "charindex"
                | "patindex"
                | "regexp_count"
                | "regexp_instr"
                | "cardinality"
                | "json_array_length"
                | "jsonb_array_length"
                | "bit_count"
                | "sqrt"
                | "exp"
                | "random"
                | "rand"
        ),
        Expr::Position { .. } => true,
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Multiply,
            right,
        } => same(left, right),
        // The enum is the parser's.
        _ => false,
    }
}

/// Whether the column is one that numbers the rows, by its name.
fn is_key(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or(name);
    matches!(
        name,
        "id" | "_id"
            | "pk"
            | "rowid"
            | "_rowid_"
            | "oid"
            | "ctid"
            | "rownum"
            | "uuid"
            | "guid"
            | "key"
            | "xmin"
    ) || name.ends_with("_id")
}

fn not_null(expr: &Expr, scope: &Scope) -> Holds {
    match value(expr, scope) {
        Value::Null => Holds::Never,
        Value::Bool(_) | Value::Number(_) | Value::Text(_) => Holds::Always,
        Value::Constant => Holds::Alike,
        Value::Row(_) if has_a_fallback(expr, scope) => Holds::Always,
        Value::Row(_) => Holds::Probably,
    }
}

/// `coalesce(a, 0)` is never null.
fn has_a_fallback(expr: &Expr, scope: &Scope) -> bool {
    match bare(expr) {
        Expr::Function(function) => {
            let filled = |argument: &&Expr| {
                matches!(
                    value(argument, scope),
                    Value::Bool(_) | Value::Number(_) | Value::Text(_)
                )
            };
            let arguments = arguments(function).unwrap_or_default();
            match function_name(function).as_str() {
                "coalesce" | "ifnull" | "nvl" | "isnull" | "concat" => arguments.iter().any(filled),
                "concat_ws" => arguments.iter().take(1).any(filled),
                _ => false,
            }
        }
        // The enum is the parser's.
        _ => false,
    }
}

/// `p` and `NOT p`.
fn opposite(left: &Expr, right: &Expr, scope: &Scope) -> bool {
    cover::literal(left, false, scope).opposes(&cover::literal(right, false, scope))
}

impl Holds {
    /// This where it is known, else open.
    fn and_if(self, known: bool) -> Self {
        if known { self } else { Self::Depends }
    }

    fn likely(self) -> Self {
        match self {
            Self::Always => Self::Probably,
            Self::Never => Self::Hardly,
            Self::Alike | Self::Probably | Self::Hardly | Self::Depends => self,
        }
    }
}
