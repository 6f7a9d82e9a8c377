//! Branches of which each that is taken holds: `CASE WHEN a > 5 THEN true ELSE a <= 5 END`
//! leaves no row out, though neither branch holds for every row.

use std::borrow::Cow;

use sqlparser::ast::{BinaryOperator, Expr, Ident};

use crate::choice::{Branch, Judged, Test, branches};
use crate::cover::{alternatives, everything};
use crate::expression::{any_within, bare, column_of};
use crate::scope::Scope;
use crate::truth::Holds;

/// More branches than this are not compared with each other.
const BRANCHES_MAX: usize = 48;

/// What is asked of the value of each branch, as a condition.
pub(crate) enum Asked<'a> {
    /// That it holds, or with `true` does not.
    Condition(bool),
    /// That it compares so with the other side.
    Comparison(&'a BinaryOperator, &'a Expr),
}

/// For which rows what is asked of an expression of several branches holds, with what
/// they say together.
pub(crate) fn told_by_chain(judged: &Judged<'_>, asked: &Asked<'_>, scope: &Scope) -> Holds {
    let is_open = matches!(
        judged.told,
        Holds::Depends | Holds::Probably | Holds::Hardly
    );
    let is_long = judged.branches.len() > BRANCHES_MAX;
    if is_open && (!scope.is_one_by_one || asked.is_condition()) {
        let all_but_last = || {
            let open = judged.branches.iter().rev().skip(1);
            open.map(|(_, holds)| *holds)
                .all(|holds| holds == Holds::Always)
        };
        if is_long {
            // Too many to be compared, but each of them holds.
            return match all_but_last() {
                true => Holds::Alike,
                false => judged.told,
            };
        }
        if (!scope.is_one_by_one || all_but_last()) && each_holds(judged, asked, scope) {
            return Holds::Always;
        }
    }
    judged.told
}

/// Whether for each branch its condition holds wherever the tests before it and its own
/// let it be taken.
fn each_holds(judged: &Judged<'_>, asked: &Asked<'_>, scope: &Scope) -> bool {
    let mut before = Vec::new();
    judged
        .branches
        .iter()
        .all(|(branch, holds)| branch_holds(branch, *holds, &mut before, asked, scope))
}

fn branch_holds<'a>(
    branch: &Branch<'a>,
    holds: Holds,
    before: &mut Vec<Cow<'a, Expr>>,
    asked: &Asked<'_>,
    scope: &Scope,
) -> bool {
    let own = match test_of(&branch.test) {
        Some(test) => Some(test),
        None if matches!(branch.test, Test::Otherwise) => None,
        None => return holds == Holds::Always,
    };
    let is_told = holds == Holds::Always
        || match (branch.value.map(bare), &own) {
            // `ELSE CASE ..` goes on with more branches.
            (Some(value), None) if matches!(value, Expr::Case { .. }) => {
                return goes_on(value, before, asked, scope);
            }
            // Its own branches were judged before.
            (Some(value), Some(_)) if branches(value).is_some() => return false,
            (Some(value), Some(own)) if before.is_empty() && is_beside(value, own) => return false,
            (Some(value), _) if holds != Holds::Never => {
                let condition = asked.of(value);
                let (condition, negated) = (condition.as_ref(), asked.negates());
                let given = alternatives(condition, negated);
                leave_nothing(before, own.as_deref(), given, scope)
            }
            (_, _) => leave_nothing(before, own.as_deref(), Vec::new(), scope),
        };
    before.extend(own);
    is_told
}

/// Whether the value is a column that the test says nothing of.
fn is_beside(value: &Expr, test: &Expr) -> bool {
    let Some(column) = last_name(value) else {
        return false;
    };
    let is_it = |other: &Ident| other.value.eq_ignore_ascii_case(&column.value);
    !any_within(test, &mut |inner| last_name(inner).is_some_and(is_it))
}

fn last_name(expr: &Expr) -> Option<&Ident> {
    column_of(expr).and_then(<[Ident]>::last)
}

/// The same of the branches behind the last test.
fn goes_on<'a>(
    expr: &'a Expr,
    before: &mut Vec<Cow<'a, Expr>>,
    asked: &Asked<'_>,
    scope: &Scope,
) -> bool {
    if before.len() > BRANCHES_MAX || scope.is_exhausted() {
        return false;
    }
    scope.spend(0);
    let all = branches(expr).unwrap_or_default();
    all.iter().all(|branch| {
        let holds = match branch.value.map(bare) {
            // What it is made of was looked at before.
            Some(Expr::Case { .. }) => Holds::Depends,
            Some(value) => scope.holds(asked.of(value).as_ref(), asked.negates()),
            None => Holds::Never,
        };
        branch_holds(branch, holds, before, asked, scope)
    })
}

/// Whether no row is left between the tests before, the negation of the own one and what
/// the value gives.
fn leave_nothing(
    before: &[Cow<'_, Expr>],
    own: Option<&Expr>,
    given: Vec<(&Expr, bool)>,
    scope: &Scope,
) -> bool {
    let mut all = given;
    for test in before {
        all.extend(alternatives(test, false));
    }
    if let Some(own) = own {
        all.extend(alternatives(own, true));
    }
    everything(&all, scope)
}

/// The test of a branch as a condition.
fn test_of<'a>(test: &Test<'a>) -> Option<Cow<'a, Expr>> {
    match test {
        Test::Condition(test) => Some(Cow::Borrowed(test)),
        Test::Equal(one, op, other) => Some(Cow::Owned(compared(one, op, other))),
        Test::NotNull(_) | Test::Otherwise => None,
    }
}

fn compared(left: &Expr, op: &BinaryOperator, right: &Expr) -> Expr {
    Expr::BinaryOp {
        left: Box::new(left.clone()),
        op: op.clone(),
        right: Box::new(right.clone()),
    }
}

// === impl Asked ===

impl Asked<'_> {
    fn of<'e>(&self, value: &'e Expr) -> Cow<'e, Expr> {
        match self {
            Self::Condition(_) => Cow::Borrowed(value),
            Self::Comparison(op, other) => Cow::Owned(compared(value, op, other)),
        }
    }

    fn is_condition(&self) -> bool {
        matches!(self, Self::Condition(_))
    }

    fn negates(&self) -> bool {
        match self {
            Self::Condition(negated) => *negated,
            Self::Comparison(..) => false,
        }
    }
}
