//! `not f(x)`, where `x` is undefined: OPA evaluates what a negated call or comparison is
//! given before it, so that nothing holds there; the interpreter says that `f` does not hold.
//! What is given is asked for behind the negation, in one condition with it.
//!
//! What is compared by `==` or `=`, and what stands alone, is negated with all that it reads,
//! in OPA too.

use regorus::PolicyLengthConfig;
use regorus::unstable::{BoolOp, Expr, Literal, LiteralStmt, Module, Query, Ref};

use crate::bodies::{parsed, parts, queries};
use crate::edits::Edits;
use crate::places::Places;
use crate::syntax::{line, path, reference};
use crate::token::tokens;

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

fn module_text(
    text: &str,
    module: &Module,
    names: &[String],
    asks: bool,
) -> Result<String, String> {
    let tokens = tokens(text);
    let places = Places::new(text, &tokens);
    let mut edits = Edits::default();
    for query in queries(module) {
        check_order(query)?;
        for statement in query.stmts.iter().filter(|_| asks) {
            guard(&places, statement, names, &mut edits);
        }
    }
    Ok(edits.applied(text))
}

/// Puts around a negation what has to be defined for it.
fn guard(places: &Places<'_>, statement: &LiteralStmt, names: &[String], edits: &mut Edits) {
    let Literal::NotExpr { span, expr } = &statement.literal else {
        return;
    };
    let begin = places.begin(statement.span.start);
    let end = places.end(statement.span.end);
    let mut needed = Vec::new();
    ask_negated(places, expr, names, &mut needed);
    if needed.is_empty() {
        return;
    }
    let replaced = places.slice(places.end(span.end), end);
    let guard = format!("; [{}] != []{replaced}] != []", needed.join(", "));
    // Lines stay where they are, if no comment needs its end.
    let guard = match guard.contains('#') {
        true => guard,
        false => guard.replace(['\n', '\r'], " "),
    };
    edits.insert(begin, "[1 | ");
    edits.insert(end, guard);
}

/// What is evaluated before a negated expression.
fn ask_negated(
    places: &Places<'_>,
    expression: &Ref<Expr>,
    names: &[String],
    needed: &mut Vec<String>,
) {
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
                        ask_reference(places, side, names, needed);
                    }
                    _ => ask(places, side, names, needed),
                }
            }
        }
        Expr::RefDot { .. } | Expr::RefBrack { .. } => {
            ask_reference(places, expression, names, needed)
        }
        Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } => {
            ask(places, expression, names, needed);
        }
        _ => {
            for part in parts(expression) {
                ask(places, part, names, needed);
            }
        }
    }
}

/// Of a reference, what it goes on with and what is not written out.
fn ask_reference(
    places: &Places<'_>,
    expression: &Ref<Expr>,
    names: &[String],
    needed: &mut Vec<String>,
) {
    match expression.as_ref() {
        Expr::RefDot { refr, .. } => ask_reference(places, refr, names, needed),
        Expr::RefBrack { refr, index, .. } => {
            ask_reference(places, refr, names, needed);
            ask(places, index, names, needed);
        }
        Expr::Var { .. } => {}
        _ => ask(places, expression, names, needed),
    }
}

/// Asks for a value, if it may be undefined.
fn ask(places: &Places<'_>, expression: &Ref<Expr>, names: &[String], needed: &mut Vec<String>) {
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
                ask(places, part, names, needed);
            }
        }
        Expr::Call { .. }
        | Expr::UnaryExpr { .. }
        | Expr::RefDot { .. }
        | Expr::RefBrack { .. }
        | Expr::BinExpr { .. }
        | Expr::BoolExpr { .. }
        | Expr::ArithExpr { .. }
        | Expr::AssignExpr { .. } => needed.push(places.written(expression).to_owned()),
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
