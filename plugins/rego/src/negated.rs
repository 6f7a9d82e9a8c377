//! `not f(x)`, where `x` is undefined: OPA evaluates what a negated call or comparison is
//! given before it, so that nothing holds there; the interpreter says that `f` does not hold.
//! What is given is asked for behind the negation, in one condition with it.
//!
//! What is compared by `==` or `=`, and what stands alone, is negated with all that it reads,
//! in OPA too.

use regorus::unstable::{BoolOp, Expr, Literal, LiteralStmt, Module, Query, Ref, Rule, RuleHead};
use regorus::{Engine, PolicyLengthConfig};

use crate::syntax::{line, path, reference};

/// Texts that stand between others, by the byte before which they do.
type Insertions = Vec<(usize, String)>;

/// The modules, with what their negations ask for; those whose `not` takes bodies ask for
/// nothing. One that cannot be parsed is left as it is, for a better message.
pub(crate) fn translated(
    modules: Vec<String>,
    takes_bodies: &[bool],
    lengths: &PolicyLengthConfig,
) -> Result<Vec<String>, (usize, String)> {
    let parsed: Vec<Option<Ref<Module>>> = modules
        .iter()
        .map(|text| text.contains("not").then(|| parsed(text, lengths))?)
        .collect();
    // A rule that is undefined is, too, under its name alone.
    let mut names = Vec::new();
    for module in parsed.iter().flatten() {
        let heads = module.policy.iter().map(|rule| path(reference(rule)));
        names.extend(heads.filter_map(|path| path?.into_iter().next()));
        let aliases = module.imports.iter().filter_map(|it| it.r#as.as_ref());
        names.extend(aliases.map(|alias| alias.text().to_owned()));
        let imported = module.imports.iter().filter_map(|it| path(&it.refr));
        names.extend(imported.filter_map(|path| path.into_iter().last()));
    }
    let mut translated = Vec::with_capacity(modules.len());
    for (place, (text, module)) in modules.into_iter().zip(parsed).enumerate() {
        translated.push(match module {
            Some(module) => {
                let asks = !takes_bodies.get(place).copied().unwrap_or_default();
                let written = module_text(&text, &module, &names, asks);
                written.map_err(|error| (place, error))?
            }
            None => text,
        });
    }
    Ok(translated)
}

fn parsed(text: &str, lengths: &PolicyLengthConfig) -> Option<Ref<Module>> {
    let mut engine = Engine::new();
    engine.set_policy_length_config(*lengths);
    let added = engine.add_policy("module".to_owned(), text.to_owned());
    added.ok()?;
    engine.get_modules().first().cloned()
}

fn module_text(
    text: &str,
    module: &Module,
    names: &[String],
    asks: bool,
) -> Result<String, String> {
    let mut insertions = Insertions::new();
    for query in queries(module) {
        check_order(query)?;
        let statements = query.stmts.iter().filter(|_| asks);
        insertions.extend(statements.flat_map(|it| guards(text, it, names)));
    }
    insertions.sort_by_key(|(at, _)| *at);
    let mut written = String::with_capacity(text.len());
    let mut end = 0;
    for (at, insertion) in insertions {
        written.push_str(text.get(end..at).unwrap_or_default());
        written.push_str(&insertion);
        end = at;
    }
    written.push_str(text.get(end..).unwrap_or_default());
    Ok(written)
}

/// Every body, wherever it stands.
fn queries(module: &Module) -> Vec<&Query> {
    let mut found = Vec::new();
    for rule in &module.policy {
        match rule.as_ref() {
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

/// What an expression is put together of, but for what is in comprehensions.
fn parts(expression: &Ref<Expr>) -> Vec<&Ref<Expr>> {
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

/// What stands around a negation, if something has to be defined for it.
fn guards(text: &str, statement: &LiteralStmt, names: &[String]) -> Insertions {
    let Literal::NotExpr { span, expr } = &statement.literal else {
        return Insertions::new();
    };
    let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    let (begin, end) = (place(statement.span.start), place(statement.span.end));
    let mut needed = Vec::new();
    ask_negated(expr, names, &mut needed);
    if needed.is_empty() {
        return Insertions::new();
    }
    let replaced = text.get(place(span.end)..end).unwrap_or_default();
    let guard = format!("; [{}] != []{replaced}] != []", needed.join(", "));
    // Lines stay where they are, if no comment needs its end.
    let guard = match guard.contains('#') {
        true => guard,
        false => guard.replace(['\n', '\r'], " "),
    };
    vec![(begin, "[1 | ".to_owned()), (end, guard)]
}

/// What is evaluated before a negated expression.
fn ask_negated(expression: &Ref<Expr>, names: &[String], needed: &mut Vec<String>) {
    match expression.as_ref() {
        Expr::AssignExpr { lhs, rhs, .. }
        | Expr::BoolExpr {
            op: BoolOp::Eq,
            lhs,
            rhs,
            ..
        } => {
            for side in [lhs, rhs] {
                match side.as_ref() {
                    Expr::Var { .. } => {}
                    Expr::RefDot { .. } | Expr::RefBrack { .. } => {
                        ask_reference(side, names, needed);
                    }
                    _ => ask(side, names, needed),
                }
            }
        }
        Expr::RefDot { .. } | Expr::RefBrack { .. } => ask_reference(expression, names, needed),
        Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } => {
            ask(expression, names, needed);
        }
        _ => {
            for part in parts(expression) {
                ask(part, names, needed);
            }
        }
    }
}

/// Of a reference, what it goes on with and what is not written out.
fn ask_reference(expression: &Ref<Expr>, names: &[String], needed: &mut Vec<String>) {
    match expression.as_ref() {
        Expr::RefDot { refr, .. } => ask_reference(refr, names, needed),
        Expr::RefBrack { refr, index, .. } => {
            ask_reference(refr, names, needed);
            ask(index, names, needed);
        }
        Expr::Var { .. } => {}
        _ => ask(expression, names, needed),
    }
}

/// Asks for a value, if it may be undefined.
fn ask(expression: &Ref<Expr>, names: &[String], needed: &mut Vec<String>) {
    match expression.as_ref() {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::ArrayCompr { .. }
        | Expr::SetCompr { .. }
        | Expr::ObjectCompr { .. } => {}
        Expr::Var { span, .. } => {
            let name = span.text();
            if name == "input" || names.iter().any(|it| it == name) {
                needed.push(name.to_owned());
            }
        }
        Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } | Expr::Membership { .. } => {
            // Which is never undefined here, whatever it is given.
            for part in parts(expression) {
                ask(part, names, needed);
            }
        }
        Expr::Call { .. }
        | Expr::UnaryExpr { .. }
        | Expr::RefDot { .. }
        | Expr::RefBrack { .. }
        | Expr::BinExpr { .. }
        | Expr::BoolExpr { .. }
        | Expr::ArithExpr { .. }
        | Expr::AssignExpr { .. } => needed.push(expression.span().text().to_owned()),
    }
}

/// What is negated before its name has a value is answered before, too.
fn check_order(query: &Query) -> Result<(), String> {
    for (place, statement) in query.stmts.iter().enumerate() {
        let Literal::NotExpr { expr, .. } = &statement.literal else {
            continue;
        };
        let Expr::AssignExpr { lhs, rhs, .. } = expr.as_ref() else {
            continue;
        };
        let later = query.stmts.get(place + 1..).unwrap_or_default();
        for side in [lhs, rhs] {
            let Expr::Var { span, .. } = side.as_ref() else {
                continue;
            };
            let name = span.text();
            let gives = |statement: &LiteralStmt| match &statement.literal {
                Literal::Expr { expr, .. } => match expr.as_ref() {
                    Expr::AssignExpr { lhs, rhs, .. } => {
                        lhs.span().text() == name || rhs.span().text() == name
                    }
                    _ => false,
                },
                Literal::SomeVars { .. }
                | Literal::SomeIn { .. }
                | Literal::NotExpr { .. }
                | Literal::Every { .. } => false,
            };
            if later.iter().any(gives) {
                return Err(format!(
                    "line {}: `not {}` stands before `{name}` has a value\nhint: write it behind",
                    line(expr),
                    expr.span().text()
                ));
            }
        }
    }
    Ok(())
}
