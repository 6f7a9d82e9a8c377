//! Functions that call themselves, also by way of others: OPA refuses them, and the interpreter
//! would call them until its stack ends.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{Expr, Module, Ref, Rule};

use crate::bodies::queries_of;
use crate::functions::Functions;
use crate::syntax::{line, package, path, reference, visit_rule};

/// A function, and the place of one of its rules.
struct Calling {
    module: usize,
    line: u32,
    called: BTreeSet<String>,
}

/// The module in which a function begins that calls itself, and what is wrong with it.
pub(crate) fn check(modules: &[Ref<Module>], functions: &Functions) -> Result<(), (usize, String)> {
    let mut open: BTreeMap<String, Calling> = BTreeMap::new();
    for (place, module) in modules.iter().enumerate() {
        for rule in &module.policy {
            let head = reference(rule);
            let package = package(module).join(".");
            let own = path(head).map(|names| format!("data.{package}.{}", names.join(".")));
            let Some(own) = own.filter(|own| functions.has(own)) else {
                continue;
            };
            let calling = open.entry(own).or_insert_with(|| Calling {
                module: place,
                line: line(head),
                called: BTreeSet::new(),
            });
            calling.called.extend(called(module, rule, functions));
        }
    }
    // What calls nothing that is left is in no circle.
    loop {
        let ends: Vec<String> = open
            .iter()
            .filter(|(_, it)| !it.called.iter().any(|name| open.contains_key(name)))
            .map(|(name, _)| name.clone())
            .collect();
        if ends.is_empty() {
            break;
        }
        open.retain(|name, _| !ends.contains(name));
    }
    let Some(mut name) = open.keys().next() else {
        return Ok(());
    };
    let mut names = vec![name];
    while let Some(next) = open
        .get(name)
        .and_then(|it| it.called.iter().find(|name| open.contains_key(*name)))
    {
        let first = names.iter().position(|it| *it == next);
        names.push(next);
        name = next;
        if let Some(first) = first {
            names.drain(..first);
            break;
        }
    }
    let Some(calling) = open.get(name) else {
        return Ok(());
    };
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    Err((
        calling.module,
        format!(
            "line {}: {}: a function that calls itself is not Rego\nhint: `walk` goes through all that is in a value",
            calling.line,
            names.join(" calls ")
        ),
    ))
}

/// The functions that a rule calls, or puts in the place of others.
fn called(module: &Module, rule: &Rule, functions: &Functions) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let visited = visit_rule(rule, &mut |expression| {
        if let Expr::Call { fcn, .. } = expression.as_ref() {
            found.extend(path(fcn).and_then(|names| functions.named(module, &names)));
        }
        Ok(())
    });
    debug_assert!(visited.is_ok());
    for query in queries_of(rule) {
        let replaced = query.stmts.iter().flat_map(|it| &it.with_mods);
        let names = replaced.filter_map(|it| path(&it.r#as));
        found.extend(names.filter_map(|names| functions.named(module, &names)));
    }
    found
}
