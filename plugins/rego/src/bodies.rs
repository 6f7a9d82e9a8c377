//! A module before the interpreter is given it: its bodies, wherever they stand.

use regorus::unstable::{Expr, Literal, Module, Query, Ref, Rule, RuleHead};
use regorus::{Engine, PolicyLengthConfig};

/// A module that can be parsed.
pub(crate) fn parsed(text: &str, lengths: &PolicyLengthConfig) -> Option<Ref<Module>> {
    let mut engine = Engine::new();
    engine.set_policy_length_config(*lengths);
    let added = engine.add_policy("module".to_owned(), text.to_owned());
    added.ok()?;
    engine.get_modules().first().cloned()
}

/// Every body, wherever it stands.
pub(crate) fn queries(module: &Module) -> Vec<&Query> {
    let rules = module.policy.iter();
    rules.flat_map(|rule| queries_of(rule)).collect()
}

/// Every body of a rule, wherever it stands.
pub(crate) fn queries_of(rule: &Rule) -> Vec<&Query> {
    let mut found = Vec::new();
    match rule {
        Rule::Spec { head, bodies, .. } => {
            match head {
                RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
                    if let Some(assign) = assign {
                        in_expression(&assign.value, &mut found);
                    }
                }
                RuleHead::Set { key, .. } => {
                    if let Some(key) = key {
                        in_expression(key, &mut found);
                    }
                }
            }
            for body in bodies {
                if let Some(assign) = &body.assign {
                    in_expression(&assign.value, &mut found);
                }
                in_query(&body.query, &mut found);
            }
        }
        Rule::Default { value, .. } => in_expression(value, &mut found),
    }
    found
}

fn in_query<'a>(query: &'a Query, found: &mut Vec<&'a Query>) {
    found.push(query);
    for statement in &query.stmts {
        match &statement.literal {
            Literal::SomeVars { .. } => {}
            Literal::SomeIn { collection, .. } => in_expression(collection, found),
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => {
                in_expression(expr, found);
            }
            Literal::Every { domain, query, .. } => {
                in_expression(domain, found);
                in_query(query, found);
            }
        }
        for replaced in &statement.with_mods {
            in_expression(&replaced.r#as, found);
        }
    }
}

fn in_expression<'a>(expression: &'a Ref<Expr>, found: &mut Vec<&'a Query>) {
    match expression.as_ref() {
        Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
            in_expression(term, found);
            in_query(query, found);
        }
        Expr::ObjectCompr {
            key, value, query, ..
        } => {
            in_expression(key, found);
            in_expression(value, found);
            in_query(query, found);
        }
        _ => {
            for part in parts(expression) {
                in_expression(part, found);
            }
        }
    }
}

/// Whether an expression can stand elsewhere: nothing in it has a body of its own.
pub(crate) fn is_movable(expression: &Ref<Expr>) -> bool {
    let mut bodies = Vec::new();
    in_expression(expression, &mut bodies);
    bodies.is_empty()
}

/// What an expression is put together of, but for what is in comprehensions.
pub(crate) fn parts(expression: &Ref<Expr>) -> Vec<&Ref<Expr>> {
    match expression.as_ref() {
        Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().collect(),
        Expr::Object { fields, .. } => fields.iter().flat_map(|(_, name, it)| [name, it]).collect(),
        Expr::Call { params, .. } => params.iter().collect(),
        Expr::UnaryExpr { expr, .. } => vec![expr],
        Expr::RefDot { refr, .. } => vec![refr],
        Expr::RefBrack { refr, index, .. } => vec![refr, index],
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => vec![lhs, rhs],
        Expr::Membership {
            key,
            value,
            collection,
            ..
        } => key.iter().chain([value, collection]).collect(),
        _ => Vec::new(),
    }
}
