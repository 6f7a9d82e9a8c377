//! Expressions that are one of several others: `CASE`, `IF`, `NVL2`, `DECODE`,
//! `COALESCE`, `NULLIF`. They are compared branch by branch.

use sqlparser::ast::{BinaryOperator, Expr};

use crate::expression::{arguments, bare, function_name};
use crate::scope::Scope;
use crate::truth::Holds;
use crate::usual::not_null;

/// One of several values, and the rows that it is for.
pub(crate) struct Branch<'a> {
    pub(crate) test: Test<'a>,
    /// None: null.
    pub(crate) value: Option<&'a Expr>,
}

/// What is known of an expression that is one of several others.
pub(crate) struct Judged<'a> {
    pub(crate) told: Holds,
    /// Each branch, and whether what is asked holds for its value.
    pub(crate) branches: Vec<(Branch<'a>, Holds)>,
}

/// When a branch is taken.
pub(crate) enum Test<'a> {
    Condition(&'a Expr),
    Equal(&'a Expr, BinaryOperator, &'a Expr),
    NotNull(&'a Expr),
    Otherwise,
}

/// Whether a comparison holds.
pub(crate) type Compare = fn(&Expr, &BinaryOperator, &Expr, &Scope) -> Holds;

/// Whether a comparison holds, where the left side is one of several values.
pub(crate) fn compared_by_branch<'a>(
    left: &'a Expr,
    op: &BinaryOperator,
    right: &Expr,
    scope: &Scope,
    compare: Compare,
) -> Option<Judged<'a>> {
    by_branch(left, scope, compare, &|value| match (value, op) {
        (Some(value), op) => compare(value, op, right, scope),
        (None, BinaryOperator::Spaceship) => not_null(right, scope).negated(),
        (None, _) => Holds::Never,
    })
}

/// For which rows a condition that is one of several others holds, or with `negated`
/// does not.
pub(crate) fn judged_by_branch<'a>(
    expr: &'a Expr,
    negated: bool,
    scope: &Scope,
    judges: Judges,
) -> Option<Judged<'a>> {
    by_branch(expr, scope, judges.compare, &|value| match value {
        Some(value) => (judges.holds)(value, negated, scope),
        None => Holds::Never,
    })
}

fn by_branch<'a>(
    expr: &'a Expr,
    scope: &Scope,
    compare: Compare,
    asked: &dyn Fn(Option<&Expr>) -> Holds,
) -> Option<Judged<'a>> {
    let all = branches(expr)?;
    if scope.is_exhausted() {
        return None;
    }
    scope.spend(0);
    let mut told = Holds::Never;
    let mut branches = Vec::with_capacity(all.len());
    for branch in all.into_iter().rev() {
        let holds = asked(branch.value);
        told = branch.chosen(holds, told, scope, compare);
        branches.push((branch, holds));
    }
    branches.reverse();
    Some(Judged { told, branches })
}

/// Who judges comparisons and conditions.
#[derive(Clone, Copy)]
pub(crate) struct Judges {
    pub(crate) compare: Compare,
    pub(crate) holds: fn(&Expr, bool, &Scope) -> Holds,
}

impl Branch<'_> {
    /// `taken AND here OR left AND rest`. The test is only looked at where it matters: one
    /// within another would be looked at again for each around it.
    fn chosen(&self, here: Holds, rest: Holds, scope: &Scope, compare: Compare) -> Holds {
        match (here, rest) {
            (here, rest) if here == rest => here,
            (Holds::Always, rest) => self.taken(scope, compare).or(rest),
            (Holds::Never, rest) => self.left(scope, compare).and(rest),
            (here, Holds::Always) => self.left(scope, compare).or(here),
            (here, Holds::Never) => self.taken(scope, compare).and(here),
            (here, rest) => match self.taken(scope, compare) {
                Holds::Always => here,
                Holds::Never => rest,
                Holds::Probably => here.likely(),
                Holds::Hardly => rest.likely(),
                Holds::Alike | Holds::Depends => here.either(rest),
            },
        }
    }

    /// For which rows it is taken.
    fn taken(&self, scope: &Scope, compare: Compare) -> Holds {
        match &self.test {
            Test::Condition(test) => scope.holds_test(test, false),
            Test::Equal(one, op, other) => compare(one, op, other, scope),
            Test::NotNull(value) => not_null(value, scope),
            Test::Otherwise => Holds::Always,
        }
    }

    /// For which rows it is not.
    fn left(&self, scope: &Scope, compare: Compare) -> Holds {
        match (&self.test, self.taken(scope, compare)) {
            (Test::Condition(_), Holds::Never) => Holds::Always,
            // A test that is null is no test that fails, and not taken either.
            (Test::Condition(test), taken) => scope.holds_test(test, true).or(taken.negated()),
            (Test::Equal(..) | Test::NotNull(_) | Test::Otherwise, taken) => taken.negated(),
        }
    }
}

/// The branches, in the order in which they are tried.
pub(crate) fn branches(expr: &Expr) -> Option<Vec<Branch<'_>>> {
    match bare(expr) {
        Expr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => {
            let mut all: Vec<Branch<'_>> = conditions
                .iter()
                .map(|when| Branch {
                    test: match operand {
                        Some(operand) => Test::Equal(operand, BinaryOperator::Eq, &when.condition),
                        None => Test::Condition(&when.condition),
                    },
                    value: Some(&when.result),
                })
                .collect();
            all.push(otherwise(else_result.as_deref()));
            Some(all)
        }
        Expr::Function(function) => {
            let all = arguments(function)?;
            called(&function_name(function), &all)
        }
        // The enum is the parser's.
        _ => None,
    }
}

fn called<'a>(name: &str, all: &[&'a Expr]) -> Option<Vec<Branch<'a>>> {
    let mut branches = Vec::new();
    let mut push = |test, value: &'a Expr| {
        branches.push(Branch {
            test,
            value: Some(value),
        });
    };
    let rest = match (name, all) {
        ("if" | "iif" | "iff", [test, first, second]) => {
            push(Test::Condition(test), first);
            Some(*second)
        }
        ("multiif", [tests @ .., last]) => {
            for pair in tests.chunks_exact(2) {
                if let [test, value] = pair {
                    push(Test::Condition(test), value);
                }
            }
            Some(*last)
        }
        ("nvl2", [value, first, second]) => {
            push(Test::NotNull(value), first);
            Some(*second)
        }
        ("coalesce" | "ifnull" | "nvl" | "isnull", [first @ .., last]) if !first.is_empty() => {
            for value in first {
                push(Test::NotNull(value), value);
            }
            Some(*last)
        }
        ("decode", [searched, pairs @ .., last]) if pairs.len() >= 2 => {
            let (pairs, last) = match pairs.len() % 2 {
                0 => (pairs, Some(*last)),
                _ => (all.get(1..)?, None),
            };
            for pair in pairs.chunks_exact(2) {
                if let [wanted, value] = pair {
                    push(
                        Test::Equal(searched, BinaryOperator::Spaceship, wanted),
                        value,
                    );
                }
            }
            last
        }
        ("nullif", [value, other]) => {
            branches.push(Branch {
                test: Test::Equal(value, BinaryOperator::Eq, other),
                value: None,
            });
            Some(*value)
        }
        (_, _) => return None,
    };
    branches.push(otherwise(rest));
    Some(branches)
}

/// The test of an expression that is one of two others, and these.
pub(crate) fn one_of_two(expr: &Expr) -> Option<(Test<'_>, &Expr, &Expr)> {
    let mut all = branches(expr)?.into_iter();
    match (all.next()?, all.next()?, all.next()) {
        (first, second, None) => Some((first.test, first.value?, second.value?)),
        (_, _, Some(_)) => None,
    }
}

fn otherwise(value: Option<&Expr>) -> Branch<'_> {
    Branch {
        test: Test::Otherwise,
        value,
    }
}
