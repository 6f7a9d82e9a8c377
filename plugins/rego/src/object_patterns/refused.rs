//! Objects that values are taken apart with, where they cannot be answered.

use std::collections::BTreeSet;

use regorus::unstable::{AssignOp, Expr, Literal, Module, Query, Ref, Rule, RuleHead};

use super::pattern::{has_object, repeated, takes_apart};
use crate::bodies::queries;
use crate::syntax::{line, path, visit};

/// Refuses a module with one that is not among those that are `answered`, which are the
/// expressions that they stand in.
pub(super) fn check(module: &Module, answered: &BTreeSet<u32>) -> Result<(), String> {
    let is_answered = |expression: &Ref<Expr>| answered.contains(&expression.eidx());
    for rule in &module.policy {
        if let Rule::Spec {
            head: RuleHead::Func { args, .. },
            ..
        } = rule.as_ref()
        {
            for (arg, is_repeated) in args.iter().zip(repeated(args)) {
                if !is_answered(arg) {
                    refuse(arg, has_object)?;
                    refuse_repeated(arg, is_repeated)?;
                }
            }
        }
    }
    for query in queries(module) {
        check_iterations(query, answered)?;
    }
    visit(module, &mut |expression| match expression.as_ref() {
        _ if is_answered(expression) => Ok(()),
        Expr::AssignExpr { op, lhs, rhs, .. } => {
            refuse(lhs, takes_apart)?;
            match op {
                AssignOp::ColEq => Ok(()),
                AssignOp::Eq => refuse(rhs, takes_apart),
            }
        }
        Expr::RefBrack { index, .. } => refuse(index, takes_apart),
        Expr::Call { fcn, params, .. } if path(fcn).is_some_and(|it| it == ["walk"]) => params
            .iter()
            .skip(1)
            .try_for_each(|it| refuse(it, has_object)),
        _ => Ok(()),
    })
}

/// The interpreter would give the name another value.
fn refuse_repeated(pattern: &Ref<Expr>, is_repeated: bool) -> Result<(), String> {
    match is_repeated {
        true => Err(format!(
            "line {}: a name in `{}` stands before it, too\nhint: give it another name, and compare both",
            line(pattern),
            written(pattern),
        )),
        false => Ok(()),
    }
}

fn check_iterations(query: &Query, answered: &BTreeSet<u32>) -> Result<(), String> {
    for statement in &query.stmts {
        if let Literal::SomeIn { key, value, .. } = &statement.literal {
            let patterns: Vec<_> = key.iter().chain([value]).cloned().collect();
            for (pattern, is_repeated) in patterns.iter().zip(repeated(&patterns)) {
                if !answered.contains(&pattern.eidx()) {
                    refuse(pattern, has_object)?;
                    refuse_repeated(pattern, is_repeated)?;
                }
            }
        }
    }
    Ok(())
}

fn refuse(pattern: &Ref<Expr>, is_one: fn(&Ref<Expr>) -> bool) -> Result<(), String> {
    match is_one(pattern) {
        true => Err(format!(
            "line {}: `{}` would fit an object with more members, too\nhint: give the whole value a name, and write `name.member`",
            line(pattern),
            written(pattern),
        )),
        false => Ok(()),
    }
}

/// The parser says that an object begins at its last member.
fn written(pattern: &Ref<Expr>) -> String {
    let Expr::Object { fields, .. } = pattern.as_ref() else {
        return pattern.span().text().to_owned();
    };
    let members = fields.iter().map(|(_, key, value)| {
        let key = key.span().text();
        format!("{key}: {}", written(value))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}
