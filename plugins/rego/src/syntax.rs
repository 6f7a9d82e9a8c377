//! The parsed module, walked through: every expression, wherever it stands.

use regorus::unstable::{
    Expr, Literal, LiteralStmt, Module, Query, Ref, Rule, RuleAssign, RuleHead,
};

/// A place where an expression may stand.
type Visitor<'a> = dyn FnMut(&Ref<Expr>) -> Result<(), String> + 'a;

/// Visits every expression of a module; what holds others comes before them.
pub(crate) fn visit(module: &Module, visitor: &mut Visitor<'_>) -> Result<(), String> {
    let mut rules = module.policy.iter();
    rules.try_for_each(|rule| visit_rule(rule, visitor))
}

/// Visits every expression of a rule.
pub(crate) fn visit_rule(rule: &Rule, visitor: &mut Visitor<'_>) -> Result<(), String> {
    match rule {
        Rule::Spec { head, bodies, .. } => {
            visit_head(head, visitor)?;
            for body in bodies {
                visit_assign(body.assign.as_ref(), visitor)?;
                visit_query(&body.query, visitor)?;
            }
            Ok(())
        }
        Rule::Default { value, .. } => visit_expression(value, visitor),
    }
}

/// What `with` puts in another's place, anywhere in a module.
pub(crate) fn replaced(module: &Module) -> Vec<Ref<Expr>> {
    let mut found = Vec::new();
    for rule in &module.policy {
        if let Rule::Spec { bodies, .. } = rule.as_ref() {
            for body in bodies {
                replaced_in(&body.query, &mut found);
            }
        }
    }
    // Those in comprehensions stand in expressions.
    let in_expressions = visit(module, &mut |expression| {
        if let Expr::ArrayCompr { query, .. }
        | Expr::SetCompr { query, .. }
        | Expr::ObjectCompr { query, .. } = expression.as_ref()
        {
            replaced_in(query, &mut found);
        }
        Ok(())
    });
    debug_assert!(in_expressions.is_ok());
    found
}

fn replaced_in(query: &Query, found: &mut Vec<Ref<Expr>>) {
    for statement in &query.stmts {
        found.extend(statement.with_mods.iter().map(|it| it.refr.clone()));
        if let Literal::Every { query, .. } = &statement.literal {
            replaced_in(query, found);
        }
    }
}

fn visit_head(head: &RuleHead, visitor: &mut Visitor<'_>) -> Result<(), String> {
    match head {
        RuleHead::Compr { assign, .. } => visit_assign(assign.as_ref(), visitor),
        RuleHead::Set { key, .. } => match key {
            Some(key) => visit_expression(key, visitor),
            None => Ok(()),
        },
        RuleHead::Func { assign, .. } => visit_assign(assign.as_ref(), visitor),
    }
}

fn visit_assign(assign: Option<&RuleAssign>, visitor: &mut Visitor<'_>) -> Result<(), String> {
    match assign {
        Some(assign) => visit_expression(&assign.value, visitor),
        None => Ok(()),
    }
}

fn visit_query(query: &Query, visitor: &mut Visitor<'_>) -> Result<(), String> {
    query
        .stmts
        .iter()
        .try_for_each(|statement| visit_statement(statement, visitor))
}

fn visit_statement(statement: &LiteralStmt, visitor: &mut Visitor<'_>) -> Result<(), String> {
    match &statement.literal {
        Literal::SomeVars { .. } => {}
        Literal::SomeIn {
            key,
            value,
            collection,
            ..
        } => {
            for part in key.iter().chain([value, collection]) {
                visit_expression(part, visitor)?;
            }
        }
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => {
            visit_expression(expr, visitor)?;
        }
        Literal::Every { domain, query, .. } => {
            visit_expression(domain, visitor)?;
            visit_query(query, visitor)?;
        }
    }
    for replaced in &statement.with_mods {
        visit_expression(&replaced.r#as, visitor)?;
    }
    Ok(())
}

fn visit_expression(expression: &Ref<Expr>, visitor: &mut Visitor<'_>) -> Result<(), String> {
    visitor(expression)?;
    match expression.as_ref() {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::Var { .. } => Ok(()),
        Expr::Array { items, .. } | Expr::Set { items, .. } => items
            .iter()
            .try_for_each(|item| visit_expression(item, visitor)),
        Expr::Object { fields, .. } => fields.iter().try_for_each(|(_, key, value)| {
            visit_expression(key, visitor)?;
            visit_expression(value, visitor)
        }),
        Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
            visit_expression(term, visitor)?;
            visit_query(query, visitor)
        }
        Expr::ObjectCompr {
            key, value, query, ..
        } => {
            visit_expression(key, visitor)?;
            visit_expression(value, visitor)?;
            visit_query(query, visitor)
        }
        Expr::Call { params, .. } => params
            .iter()
            .try_for_each(|parameter| visit_expression(parameter, visitor)),
        Expr::UnaryExpr { expr, .. } => visit_expression(expr, visitor),
        Expr::RefDot { refr, .. } => visit_expression(refr, visitor),
        Expr::RefBrack { refr, index, .. } => {
            visit_expression(refr, visitor)?;
            visit_expression(index, visitor)
        }
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => {
            visit_expression(lhs, visitor)?;
            visit_expression(rhs, visitor)
        }
        Expr::Membership {
            key,
            value,
            collection,
            ..
        } => key
            .iter()
            .chain([value, collection])
            .try_for_each(|part| visit_expression(part, visitor)),
    }
}

/// The names of a reference from its first on, as far as they are written out.
pub(crate) fn path(expression: &Ref<Expr>) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = expression;
    loop {
        match rest.as_ref() {
            Expr::Var { value, .. } => {
                names.push(value.as_string().ok()?.to_string());
                names.reverse();
                return Some(names);
            }
            Expr::RefDot { refr, field, .. } => {
                names.push(field.1.as_string().ok()?.to_string());
                rest = refr;
            }
            Expr::RefBrack { refr, index, .. } => {
                match text(index) {
                    Some(text) => names.push(text),
                    // What stands behind is in a member that is not known.
                    None => names.clear(),
                }
                rest = refr;
            }
            _ => return None,
        }
    }
}

/// A text that is written out.
pub(crate) fn text(expression: &Ref<Expr>) -> Option<String> {
    match expression.as_ref() {
        Expr::String { value, .. } | Expr::RawString { value, .. } => {
            Some(value.as_string().ok()?.to_string())
        }
        _ => None,
    }
}

/// The line of a module on which an expression begins.
pub(crate) fn line(expression: &Ref<Expr>) -> u32 {
    expression.span().line
}

/// The reference in the head of a rule.
pub(crate) fn reference(rule: &Rule) -> &Ref<Expr> {
    match rule {
        Rule::Spec {
            head:
                RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. },
            ..
        }
        | Rule::Default { refr, .. } => refr,
    }
}

/// The names of the package, without `data`.
pub(crate) fn package(module: &Module) -> Vec<String> {
    path(&module.package.refr).unwrap_or_default()
}
