//! What an expression evaluates to, as far as its form tells: constants are
//! folded, sums of columns brought into one form.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use sqlparser::ast::{
    BinaryOperator, CastKind, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    Ident, Query, SelectItem, SetExpr, UnaryOperator, Value as Literal, visit_expressions,
};

use crate::truth::Holds;

/// The tables that a condition is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// Names and aliases of the table whose rows are chosen, in lower case.
    pub(crate) selves: Vec<String>,
    /// The names of that table without aliases.
    pub(crate) tables: Vec<String>,
    budget: Budget,
}

/// The text that may still be written to compare expressions, so that a long
/// condition costs no more than a long statement.
#[derive(Clone, Debug)]
struct Budget(Rc<Cell<usize>>);

impl Default for Budget {
    fn default() -> Self {
        /// Bytes, and what a text costs beside its bytes.
        const TEXT_MAX: usize = 30_000;

        Self(Rc::new(Cell::new(TEXT_MAX)))
    }
}

impl Scope {
    /// Whether the condition was too long to be read to its end.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.budget.0.get() == 0
    }

    fn spend(&self, bytes: usize) {
        /// What a text costs however short it is, in bytes.
        const EACH: usize = 32;

        let left = self.budget.0.get();
        self.budget.0.set(left.saturating_sub(bytes + EACH));
    }
}

/// What an expression evaluates to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// The same for every row, but not known.
    Constant,
    /// Different from row to row: a sum of unknowns and a number.
    Row(Sum),
}

/// `2 * a + b + 1`; the unknowns by their canonical text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sum {
    pub(crate) unknowns: BTreeMap<String, f64>,
    pub(crate) number: f64,
}

impl Sum {
    fn unknown(name: String) -> Self {
        Self {
            unknowns: BTreeMap::from([(name, 1.0)]),
            number: 0.0,
        }
    }

    /// `self + factor * other`.
    pub(crate) fn plus(&self, factor: f64, other: &Self) -> Self {
        let mut sum = self.clone();
        sum.number += factor * other.number;
        for (name, times) in &other.unknowns {
            *sum.unknowns.entry(name.clone()).or_default() += factor * times;
        }
        sum.unknowns.retain(|_, times| *times != 0.0);
        sum
    }

    fn value(self) -> Value {
        if self.unknowns.is_empty() {
            Value::Number(self.number)
        } else {
            Value::Row(self)
        }
    }

    /// The one unknown, where the sum is nothing else.
    pub(crate) fn only(&self) -> Option<&str> {
        match self.unknowns.first_key_value() {
            Some((name, times))
                if self.unknowns.len() == 1 && *times == 1.0 && self.number == 0.0 =>
            {
                Some(name)
            }
            Some(_) | None => None,
        }
    }
}

impl Value {
    fn sum(&self) -> Option<Sum> {
        match self {
            Self::Number(number) => Some(Sum {
                unknowns: BTreeMap::new(),
                number: *number,
            }),
            Self::Row(sum) => Some(sum.clone()),
            Self::Null | Self::Bool(_) | Self::Text(_) | Self::Constant => None,
        }
    }

    pub(crate) fn is_constant(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Constant => true,
            Self::Row(_) => false,
        }
    }
}

/// Evaluates an expression.
pub(crate) fn value(expr: &Expr, scope: &Scope) -> Value {
    match expr {
        Expr::Nested(inner) => value(inner, scope),
        Expr::Value(literal) => literal_value(&literal.value),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => column(expr, scope),
        Expr::UnaryOp { op, expr: inner } => match (op, value(inner, scope).sum()) {
            (UnaryOperator::Minus, Some(sum)) => Sum::default().plus(-1.0, &sum).value(),
            (UnaryOperator::Plus, Some(sum)) => sum.value(),
            // The enum is the parser's.
            _ => opaque(expr, scope),
        },
        Expr::BinaryOp { left, op, right } => arithmetic(expr, left, op, right, scope),
        Expr::Cast {
            kind: CastKind::Cast | CastKind::DoubleColon | CastKind::TryCast | CastKind::SafeCast,
            expr: inner,
            ..
        } => match value(inner, scope) {
            Value::Row(_) => opaque(expr, scope),
            Value::Null => Value::Null,
            Value::Number(number) => Value::Number(number),
            Value::Bool(_) | Value::Text(_) | Value::Constant => Value::Constant,
        },
        Expr::Function(function) => call(expr, function, scope),
        Expr::Case {
            operand: None,
            conditions,
            else_result,
            ..
        } => {
            let mut results = Vec::new();
            for when in conditions {
                match crate::condition::holds(&when.condition, false, scope) {
                    Holds::Never => {}
                    Holds::Always => {
                        results.push(value(&when.result, scope));
                        return one_of(results).unwrap_or_else(|| opaque(expr, scope));
                    }
                    Holds::Alike | Holds::Probably | Holds::Hardly | Holds::Depends => {
                        results.push(value(&when.result, scope));
                    }
                }
            }
            results.push(
                else_result
                    .as_ref()
                    .map_or(Value::Null, |other| value(other, scope)),
            );
            one_of(results).unwrap_or_else(|| opaque(expr, scope))
        }
        Expr::Subquery(query) => match alone(query) {
            Some(inner) => value(inner, scope),
            None => opaque(expr, scope),
        },
        // The enum is the parser's.
        _ => opaque(expr, scope),
    }
}

/// The expression of `(SELECT expression)`.
pub(crate) fn alone(query: &Query) -> Option<&Expr> {
    match query.body.as_ref() {
        SetExpr::Query(inner) => alone(inner),
        SetExpr::Select(select)
            if select.from.is_empty() && select.selection.is_none() && select.having.is_none() =>
        {
            match select.projection.as_slice() {
                [SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }] => {
                    Some(expr)
                }
                // The enum is the parser's.
                _ => None,
            }
        }
        // The enum is the parser's.
        _ => None,
    }
}

fn one_of(results: Vec<Value>) -> Option<Value> {
    let mut results = results.into_iter();
    let first = results.next()?;
    results.all(|other| other == first).then_some(first)
}

fn literal_value(literal: &Literal) -> Value {
    match literal {
        Literal::Number(digits, _) => digits.parse().map_or(Value::Constant, Value::Number),
        Literal::SingleQuotedString(text)
        | Literal::DoubleQuotedString(text)
        | Literal::EscapedStringLiteral(text)
        | Literal::NationalStringLiteral(text)
        | Literal::UnicodeStringLiteral(text)
        | Literal::SingleQuotedRawStringLiteral(text)
        | Literal::DoubleQuotedRawStringLiteral(text) => Value::Text(text.clone()),
        Literal::DollarQuotedString(text) => Value::Text(text.value.clone()),
        Literal::Boolean(truth) => Value::Bool(*truth),
        Literal::Null => Value::Null,
        // The enum is the parser's.
        _ => Value::Constant,
    }
}

fn column(expr: &Expr, scope: &Scope) -> Value {
    match column_of(expr) {
        Some([only]) if only.quote_style.is_none() && only.value.starts_with(['@', ':', '$']) => {
            Value::Constant
        }
        Some(_) | None => Value::Row(Sum::unknown(canonical(expr, scope))),
    }
}

/// Text that is the same for two ways to write the same thing.
pub(crate) fn canonical(expr: &Expr, scope: &Scope) -> String {
    if scope.is_exhausted() {
        return String::new();
    }
    let text = expr.to_string();
    scope.spend(text.len());
    let mut canonical = String::with_capacity(text.len());
    let mut quoted = false;
    for letter in text.chars() {
        quoted ^= letter == '\'';
        match letter {
            '"' | '`' | '[' | ']' if !quoted => {}
            _ if quoted => canonical.push(letter),
            _ => canonical.extend(letter.to_lowercase()),
        }
    }
    for name in &scope.selves {
        canonical = without_qualifier(&canonical, name);
    }
    canonical
}

fn without_qualifier(text: &str, name: &str) -> String {
    let qualifier = format!("{name}.");
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some(at) = rest.find(&qualifier) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let inside = out
            .chars()
            .next_back()
            .is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '$' | '\''));
        if inside {
            out.push_str(&qualifier);
        }
        rest = from.get(qualifier.len()..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn opaque(expr: &Expr, scope: &Scope) -> Value {
    if names_no_column(expr) {
        Value::Constant
    } else {
        Value::Row(Sum::unknown(canonical(expr, scope)))
    }
}

fn arithmetic(
    whole: &Expr,
    left: &Expr,
    op: &BinaryOperator,
    right: &Expr,
    scope: &Scope,
) -> Value {
    let (first, second) = (value(left, scope), value(right, scope));
    let empty = |value: &Value| *value == Value::Text(String::new());
    let zero = |value: &Value| *value == Value::Number(0.0);
    if let BinaryOperator::StringConcat = op {
        return match (first, second) {
            (Value::Text(first), Value::Text(second)) => Value::Text(first + &second),
            (first, second) if empty(&first) => second,
            (first, second) if empty(&second) => first,
            (
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Text(_)
                | Value::Constant
                | Value::Row(_),
                _,
            ) => opaque(whole, scope),
        };
    }
    if first == Value::Null || second == Value::Null {
        return Value::Null;
    }
    let known = match (op, first.sum(), second.sum()) {
        (BinaryOperator::Plus, Some(a), Some(b)) => Some(a.plus(1.0, &b).value()),
        (BinaryOperator::Minus, Some(a), Some(b)) => Some(a.plus(-1.0, &b).value()),
        (BinaryOperator::Multiply, Some(a), Some(b)) if a.unknowns.is_empty() => {
            Some(Sum::default().plus(a.number, &b).value())
        }
        (BinaryOperator::Multiply, Some(a), Some(b)) if b.unknowns.is_empty() => {
            Some(Sum::default().plus(b.number, &a).value())
        }
        (BinaryOperator::Divide, Some(a), Some(b))
            if b.unknowns.is_empty() && matches!(b.number.abs(), 1.0) =>
        {
            Some(Sum::default().plus(b.number, &a).value())
        }
        (BinaryOperator::Divide, Some(a), Some(b)) if a == b && !a.unknowns.is_empty() => {
            Some(Value::Number(1.0))
        }
        (BinaryOperator::Modulo, Some(a), Some(b))
            if !a.unknowns.is_empty()
                && (a == b || (b.unknowns.is_empty() && b.number.abs() == 1.0)) =>
        {
            Some(Value::Number(0.0))
        }
        // The enum is the parser's.
        _ => None,
    };
    let bits = match op {
        BinaryOperator::BitwiseAnd if zero(&first) || zero(&second) => Some(Value::Number(0.0)),
        BinaryOperator::BitwiseAnd | BinaryOperator::BitwiseOr if first == second => {
            Some(first.clone())
        }
        BinaryOperator::BitwiseOr
        | BinaryOperator::BitwiseXor
        | BinaryOperator::PGBitwiseXor
        | BinaryOperator::PGBitwiseShiftLeft
        | BinaryOperator::PGBitwiseShiftRight
            if zero(&second) =>
        {
            Some(first.clone())
        }
        BinaryOperator::BitwiseXor | BinaryOperator::PGBitwiseXor
            if first == second && !first.is_constant() =>
        {
            Some(Value::Number(0.0))
        }
        // The enum is the parser's.
        _ => None,
    };
    known.or(bits).unwrap_or_else(|| opaque(whole, scope))
}

fn call(whole: &Expr, function: &Function, scope: &Scope) -> Value {
    let Some(arguments) = arguments(function) else {
        return opaque(whole, scope);
    };
    if function.over.is_some() || function.filter.is_some() {
        return opaque(whole, scope);
    }
    let name = function_name(function);
    let known = match (name.as_str(), arguments.as_slice()) {
        ("coalesce" | "ifnull" | "nvl" | "isnull", [_, ..]) => {
            let first = arguments
                .iter()
                .map(|argument| value(argument, scope))
                .find(|value| *value != Value::Null);
            Some(first.unwrap_or(Value::Null))
        }
        ("nullif", [first, second]) => {
            let (first, second) = (value(first, scope), value(second, scope));
            match (&first, &second) {
                (_, Value::Null) => Some(first),
                (Value::Number(a), Value::Number(b)) if a != b => Some(first),
                (a, b) if a == b && *a != Value::Constant => Some(Value::Null),
                (
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::Text(_)
                    | Value::Constant
                    | Value::Row(_),
                    _,
                ) => None,
            }
        }
        ("greatest" | "least" | "max" | "min", [_, _, ..]) => one_of(
            arguments
                .iter()
                .map(|argument| value(argument, scope))
                .collect(),
        )
        .filter(|value| *value != Value::Constant),
        ("if" | "iif" | "iff", [condition, first, second]) => {
            match crate::condition::holds(condition, false, scope) {
                Holds::Always => Some(value(first, scope)),
                Holds::Never => Some(value(second, scope)),
                Holds::Alike | Holds::Probably | Holds::Hardly | Holds::Depends => {
                    one_of(vec![value(first, scope), value(second, scope)])
                }
            }
        }
        ("concat", [_, ..]) => {
            let mut texts = arguments
                .iter()
                .map(|argument| value(argument, scope))
                .filter(|value| *value != Value::Text(String::new()));
            match (texts.next(), texts.next()) {
                (None, _) => Some(Value::Text(String::new())),
                (Some(only), None) => Some(only),
                (Some(_), Some(_)) => constant_text(&arguments, scope),
            }
        }
        ("mod", [number, by]) => match (value(number, scope), value(by, scope)) {
            (Value::Row(_), Value::Number(1.0)) => Some(Value::Number(0.0)),
            (
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Text(_)
                | Value::Constant
                | Value::Row(_),
                _,
            ) => None,
        },
        ("length" | "char_length" | "len", [text]) => match value(text, scope) {
            Value::Text(text) => u32::try_from(text.chars().count())
                .ok()
                .map(|count| Value::Number(count.into())),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => {
                None
            }
        },
        (_, _) => None,
    };
    known.unwrap_or_else(|| opaque(whole, scope))
}

fn constant_text(arguments: &[&Expr], scope: &Scope) -> Option<Value> {
    arguments
        .iter()
        .map(|argument| match value(argument, scope) {
            Value::Text(text) => Some(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => {
                None
            }
        })
        .collect::<Option<String>>()
        .map(Value::Text)
}

/// The last part of a function's name, in lower case.
pub(crate) fn function_name(function: &Function) -> String {
    function
        .name
        .0
        .last()
        .and_then(|part| part.as_ident())
        .map(|name| name.value.to_lowercase())
        .unwrap_or_default()
}

/// The arguments, where they are plain expressions.
pub(crate) fn arguments(function: &Function) -> Option<Vec<&Expr>> {
    match &function.args {
        FunctionArguments::None => Some(Vec::new()),
        FunctionArguments::List(list) => list
            .args
            .iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
                FunctionArg::Unnamed(_)
                | FunctionArg::Named { .. }
                | FunctionArg::ExprNamed { .. } => None,
            })
            .collect(),
        FunctionArguments::Subquery(_) => None,
    }
}

pub(crate) fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner) => bare(inner),
        // The enum is the parser's.
        other => other,
    }
}

/// Whether both are the same column or expression, whatever the row.
pub(crate) fn same(left: &Expr, right: &Expr) -> bool {
    let (left, right) = (bare(left), bare(right));
    match (column_of(left), column_of(right)) {
        (Some(left), Some(right)) => {
            let shorter = left.len().min(right.len());
            let tail = |names: &[Ident]| -> Vec<String> {
                names
                    .iter()
                    .rev()
                    .take(shorter)
                    .map(|name| name.value.to_lowercase())
                    .collect()
            };
            tail(left) == tail(right)
        }
        (None | Some(_), _) => left == right,
    }
}

pub(crate) fn column_of(expr: &Expr) -> Option<&[Ident]> {
    match expr {
        Expr::Identifier(name) => Some(std::slice::from_ref(name)),
        Expr::CompoundIdentifier(names) => Some(names),
        Expr::Nested(inner) => column_of(inner),
        // The enum is the parser's.
        _ => None,
    }
}

/// Whether a part of the expression passes the test. One walk for all tests:
/// the code of a walk is large.
pub(crate) fn any_within(expr: &Expr, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
    visit_expressions(expr, |inner| {
        if test(inner) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .is_break()
}

pub(crate) fn names_no_column(expr: &Expr) -> bool {
    !any_within(expr, &mut |inner| match inner {
        Expr::Identifier(name) => {
            name.quote_style.is_some() || !name.value.starts_with(['@', ':', '$'])
        }
        Expr::CompoundIdentifier(_)
        | Expr::CompoundFieldAccess { .. }
        | Expr::MatchAgainst { .. }
        | Expr::QualifiedWildcard(..) => true,
        // The enum is the parser's.
        _ => false,
    })
}
