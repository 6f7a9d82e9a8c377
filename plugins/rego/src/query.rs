//! What the query asks for: the package of the module or a rule in it, which says something
//! about calls.

use regorus::Engine;
use regorus::unstable::{Module, Ref, Rule, RuleHead};

use crate::meaning::reference;
use crate::rules::{ALLOW, ASK, DENY, OBLIGATIONS};
use crate::syntax::path;

/// What messages about the module name as its file.
pub(crate) const MODULE: &str = "module";

/// The rules of a decision, and what one begins with.
const DECIDING: [(&str, &str); 4] = [
    (DENY, "deny contains \"..\" if .."),
    (ASK, "ask := {\"title\": \"..\"} if .."),
    (ALLOW, "allow if .."),
    (OBLIGATIONS, "obligations contains {..} if .."),
];

/// What rules that decide are called elsewhere.
const FOREIGN_RULES: [(&str, &str); 7] = [
    ("violation", DENY),
    ("violations", DENY),
    ("denied", DENY),
    ("reject", DENY),
    ("allowed", ALLOW),
    ("permit", ALLOW),
    ("authorize", ALLOW),
];

/// A query that asks for nothing that is there would leave every call undecided, and one
/// that asks for a part of a decision would read it for the whole.
pub(crate) fn check(engine: &mut Engine, package: &str, query: &str) -> Result<(), String> {
    let Some(rest) = query.strip_prefix(package) else {
        return Err(elsewhere(package, query));
    };
    if !rest.is_empty() && !rest.starts_with('.') {
        return Err(elsewhere(package, query));
    }
    let below = names_below(package, query);
    if let Some(module) = engine.get_modules().first().cloned() {
        check_functions(&module, &below, query)?;
    }
    let Some(rule) = below.first() else {
        return check_speaks(engine, package);
    };
    match engine.has_declared_rule_rooted_at(MODULE, rule) {
        Ok(true) => check_whole(query),
        Ok(false) => Err(format!(
            "`query` is `{query}`, and `module` has no rule `{rule}`"
        )),
        Err(error) => Err(format!("`query` is `{query}`: {error:#}")),
    }
}

/// Whether the module has a rule of this name, or one in it, where the query asks.
pub(crate) fn declares(
    engine: &Engine,
    package: &str,
    query: &str,
    name: &str,
) -> Result<bool, String> {
    let below = query.strip_prefix(package).unwrap_or_default();
    let path = match below.strip_prefix('.') {
        Some(below) => format!("{below}.{name}"),
        None => name.to_owned(),
    };
    engine
        .has_declared_rule_rooted_at(MODULE, &path)
        .map_err(|error| format!("`query` is `{query}`: {error:#}"))
}

/// Whether rules stand in what the query gives: some of them may be helpers.
pub(crate) fn holds_rules(engine: &mut Engine, package: &str, query: &str) -> bool {
    let below = names_below(package, query);
    let module = engine.get_modules().first().cloned();
    let holds = |module: &Ref<Module>| {
        let mut rules = module.policy.iter();
        rules.any(|rule| name_in(rule, &below).is_some())
    };
    below.is_empty() || module.as_ref().is_some_and(holds)
}

/// `data.` and names.
pub(crate) fn is_path(query: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || it == '_')
    };
    query
        .strip_prefix("data.")
        .is_some_and(|path| path.split('.').all(is_name))
}

/// The names of a query behind the package.
fn names_below<'a>(package: &str, query: &'a str) -> Vec<&'a str> {
    let below = query.strip_prefix(package).unwrap_or_default();
    let names = below.strip_prefix('.').unwrap_or_default().split('.');
    names.filter(|name| !name.is_empty()).collect()
}

/// The name of a rule in what the query gives.
fn name_in(rule: &Ref<Rule>, below: &[&str]) -> Option<String> {
    let names = path(reference(rule))?;
    let (place, names) = names.split_at_checked(below.len())?;
    match place == below {
        true => names.first().cloned(),
        false => None,
    }
}

/// A function is no member of a decision, so what it says of a call is never seen.
fn check_functions(module: &Module, below: &[&str], query: &str) -> Result<(), String> {
    for rule in module.policy.iter().filter(|rule| is_function(rule)) {
        let head = reference(rule);
        let line = head.span().line;
        if path(head).is_some_and(|names| names == below) {
            return Err(format!(
                "line {line}: `{query}` is a function, and `query` names a rule or the package"
            ));
        }
        let name = name_in(rule, below);
        let deciding = DECIDING.iter().find(|(it, _)| name.as_deref() == Some(*it));
        if let Some((name, right)) = deciding {
            return Err(format!(
                "line {line}: `{name}(..)` is a function, and no call would be judged by it\nhint: write `{right}`, which reads `input`; or give the function another name"
            ));
        }
    }
    Ok(())
}

fn is_function(rule: &Rule) -> bool {
    match rule {
        Rule::Spec { head, .. } => matches!(head, RuleHead::Func { .. }),
        Rule::Default { args, .. } => !args.is_empty(),
    }
}

/// The value of a rule is read as a decision, or as its `allow`.
fn check_whole(query: &str) -> Result<(), String> {
    match query.rsplit_once('.') {
        Some((whole, part)) if [DENY, ASK, OBLIGATIONS].contains(&part) => Err(format!(
            "`query` is `{query}`: `{part}` alone is no decision, and its `true` would allow\nhint: write `{whole}`, which has `{part}` as a member"
        )),
        Some(_) | None => Ok(()),
    }
}

/// A package without any of the rules that are read says nothing about any call.
fn check_speaks(engine: &Engine, package: &str) -> Result<(), String> {
    for (name, _) in DECIDING {
        if declares(engine, package, package, name)? {
            return Ok(());
        }
    }
    let mut hint = "name a rule so, or let `query` name the one that decides".to_owned();
    for (name, right) in FOREIGN_RULES {
        if declares(engine, package, package, name)? {
            hint = format!("what `{name}` says elsewhere, `{right}` says here");
        }
    }
    Err(format!(
        "`module` says nothing about calls: it has no rule `{DENY}`, `{ASK}`, `{ALLOW}` or `{OBLIGATIONS}`\nhint: {hint}"
    ))
}

fn elsewhere(package: &str, query: &str) -> String {
    format!(
        "`query` is `{query}`, and the package of `module` is `{package}`\nhint: set `query` to `{package}` or to a rule in it"
    )
}
