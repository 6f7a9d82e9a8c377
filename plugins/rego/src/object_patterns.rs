//! Objects that values are taken apart with: in OPA one fits an object of the same members
//! alone, and the interpreter lets more members through.

use regorus::unstable::{AssignOp, Expr, Literal, Module, Query, Ref, Rule, RuleHead};

use crate::syntax::{line, visit, visit_queries};

/// Refuses a module with one of them.
pub(crate) fn check(module: &Module) -> Result<(), String> {
    for rule in &module.policy {
        if let Rule::Spec {
            head: RuleHead::Func { args, .. },
            ..
        } = rule.as_ref()
        {
            args.iter().try_for_each(refuse_any)?;
        }
    }
    visit_queries(module, &mut |query| check_statements(query))?;
    visit(module, &mut |expression| match expression.as_ref() {
        Expr::AssignExpr { op, lhs, rhs, .. } => check_assigned(op, lhs, rhs),
        Expr::RefBrack { index, .. } => refuse(index),
        _ => Ok(()),
    })
}

fn check_statements(query: &Query) -> Result<(), String> {
    for statement in &query.stmts {
        match &statement.literal {
            Literal::SomeIn { key, value, .. } => {
                key.iter().chain([value]).try_for_each(refuse_any)?;
            }
            Literal::Every { query, .. } => check_statements(query)?,
            Literal::SomeVars { .. } | Literal::Expr { .. } | Literal::NotExpr { .. } => {}
        }
    }
    Ok(())
}

fn check_assigned(op: &AssignOp, lhs: &Ref<Expr>, rhs: &Ref<Expr>) -> Result<(), String> {
    match (op, lhs.as_ref(), rhs.as_ref()) {
        (AssignOp::ColEq, ..) => refuse(lhs),
        // Here, a name is given an object, or the other way round.
        (AssignOp::Eq, Expr::Var { .. }, _) | (AssignOp::Eq, _, Expr::Var { .. }) => {
            let is_plain = |it: &Ref<Expr>| matches!(it.as_ref(), Expr::Var { .. });
            match is_plain(lhs) {
                true => Ok(()),
                false => refuse(lhs),
            }
        }
        (AssignOp::Eq, ..) => {
            refuse(lhs)?;
            refuse(rhs)
        }
    }
}

/// An object with a name where a value stands.
fn refuse(pattern: &Ref<Expr>) -> Result<(), String> {
    match object(pattern, false) {
        Some(object) => Err(refused(object)),
        None => Ok(()),
    }
}

fn refuse_any(pattern: &Ref<Expr>) -> Result<(), String> {
    match object(pattern, true) {
        Some(object) => Err(refused(object)),
        None => Ok(()),
    }
}

fn refused(object: &Ref<Expr>) -> String {
    format!(
        "line {}: `{}` would fit an object with more members, too\nhint: give the whole value a name, and write `name.member`",
        line(object),
        object.span().text()
    )
}

fn object(pattern: &Ref<Expr>, of_any: bool) -> Option<&Ref<Expr>> {
    match pattern.as_ref() {
        Expr::Array { items, .. } => items.iter().find_map(|item| object(item, of_any)),
        Expr::Object { fields, .. } => {
            let mut values = fields.iter().map(|(_, _, value)| value);
            (of_any || values.any(has_name)).then_some(pattern)
        }
        _ => None,
    }
}

fn has_name(value: &Ref<Expr>) -> bool {
    match value.as_ref() {
        Expr::Var { .. } => true,
        Expr::Array { items, .. } => items.iter().any(has_name),
        Expr::Object { fields, .. } => fields.iter().any(|(_, _, value)| has_name(value)),
        _ => false,
    }
}
