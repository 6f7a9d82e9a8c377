//! What a module says that the interpreter takes in silence and answers otherwise than OPA,
//! or that means nothing here: packages that are not given, imports that do nothing, patterns
//! that do not compile.

use regorus::unstable::{Expr, Module, Ref, Rule, RuleHead};
use regorus::{Engine, Value};
use serde_json::{Map, Value as Json};

use crate::builtins::{delimiters as matching_delimiters, patterns};
use crate::syntax::{path, replaced, text, visit};

/// Builtins with a pattern, and which of their arguments it is.
const WITH_PATTERN: [(&str, usize); 6] = [
    ("regex.match", 0),
    ("regex.find_n", 0),
    ("regex.find_all_string_submatch_n", 0),
    ("regex.split", 0),
    ("regex.replace", 1),
    ("re_match", 0),
];

/// Refuses a module that would be answered in another way than it says. `module` is the
/// operator's, the first that the engine was given.
pub(crate) fn check(engine: &mut Engine, data: &Map<String, Json>) -> Result<(), String> {
    let Some(module) = engine.get_modules().first().cloned() else {
        return Ok(());
    };
    check_imports(&module, data)?;
    check_heads(&module)?;
    let mocks: Vec<_> = replaced(&module).iter().filter_map(path).collect();
    let package = package(&module);
    let known = Known {
        module: &module,
        data,
        package: &package,
        replaces_data: mocks
            .iter()
            .any(|path| path.first().is_some_and(|it| it == "data")),
    };
    visit(&module, &mut |expression| {
        known.check_data(expression)?;
        check_membership(expression)?;
        check_words(expression)?;
        check_pattern(expression)
    })
}

/// What `data` holds when a call is judged.
struct Known<'a> {
    module: &'a Module,
    data: &'a Map<String, Json>,
    package: &'a [String],
    /// There, `data` may be anything that the module makes.
    replaces_data: bool,
}

// === impl Known ===

impl Known<'_> {
    fn check_data(&self, expression: &Ref<Expr>) -> Result<(), String> {
        let is_reference = matches!(
            expression.as_ref(),
            Expr::RefDot { .. } | Expr::RefBrack { .. }
        );
        match path(expression) {
            Some(path) if is_reference && !self.replaces_data => {
                self.check_path(&path, line(expression))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn check_path(&self, path: &[String], line: u32) -> Result<(), String> {
        let Some(("data", [first, ..])) = path
            .split_first()
            .map(|(root, names)| (root.as_str(), names))
        else {
            return Ok(());
        };
        let names = path.get(1..).unwrap_or_default();
        if let Some(below) = names.strip_prefix(self.package) {
            return match below.first() {
                Some(rule) if !self.has_rule(rule) => Err(format!(
                    "line {line}: `{}` is not there: `module` has no rule `{rule}`",
                    path.join(".")
                )),
                Some(_) | None => Ok(()),
            };
        }
        if self.data.contains_key(first) || self.package.first() == Some(first) {
            return Ok(());
        }
        Err(format!(
            "line {line}: `data.{first}` is not there\nhint: put it into `data`, or its rules into `module`: other modules are not given"
        ))
    }

    fn has_rule(&self, name: &str) -> bool {
        self.module.policy.iter().any(|rule| {
            let head = reference(rule);
            path(head).is_some_and(|path| path.first().is_some_and(|it| it == name))
        })
    }
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
fn package(module: &Module) -> Vec<String> {
    path(&module.package.refr).unwrap_or_default()
}

fn check_imports(module: &Module, data: &Map<String, Json>) -> Result<(), String> {
    for import in &module.imports {
        let line = import.span.line;
        let path = path(&import.refr).unwrap_or_default();
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["input", ..]
            | ["rego", "v1"]
            | ["future", "keywords"]
            | ["future", "keywords", "if" | "in" | "contains" | "every"] => {}
            ["data", first, ..] => {
                let is_given = data.contains_key(*first);
                if !is_given && package(module).first().is_none_or(|it| it != first) {
                    return Err(format!(
                        "line {line}: `data.{first}` is not there\nhint: put it into `data`, or its rules into `module`: other modules are not given"
                    ));
                }
            }
            ["rego", ..] => {
                return Err(format!(
                    "line {line}: `import {}` is not known\nhint: `import rego.v1`, or no import: a module is Rego v1",
                    path.join(".")
                ));
            }
            _ => {
                return Err(format!(
                    "line {line}: `import {}` is not known\nhint: what can be imported is in `input`, `data`, `future.keywords` and `rego.v1`",
                    path.join(".")
                ));
            }
        }
    }
    Ok(())
}

/// Two partial rules that meet under a variable of a head: the interpreter drops one of them.
fn check_heads(module: &Module) -> Result<(), String> {
    let heads: Vec<_> = module.policy.iter().map(|rule| reference(rule)).collect();
    for rule in &module.policy {
        let Rule::Spec {
            head: RuleHead::Set { refr, .. },
            ..
        } = rule.as_ref()
        else {
            continue;
        };
        if !has_variable(refr) {
            continue;
        }
        let root = path(refr).and_then(|path| path.into_iter().next());
        let written = refr.span().text();
        let other = heads.iter().find(|other| {
            let name = path(other).and_then(|path| path.into_iter().next());
            name == root && other.span().text() != written
        });
        if let Some(other) = other {
            return Err(format!(
                "line {}: `{written} contains ..` and `{}` may meet, and the interpreter would drop one\nhint: write all of them under one head",
                line(refr),
                other.span().text()
            ));
        }
    }
    Ok(())
}

fn has_variable(head: &Ref<Expr>) -> bool {
    match head.as_ref() {
        Expr::RefDot { refr, .. } => has_variable(refr),
        Expr::RefBrack { refr, index, .. } => {
            matches!(index.as_ref(), Expr::Var { .. }) || has_variable(refr)
        }
        _ => false,
    }
}

/// The interpreter finds no name and member of a set at once.
fn check_membership(expression: &Ref<Expr>) -> Result<(), String> {
    let Expr::Membership {
        key: Some(_),
        collection,
        ..
    } = expression.as_ref()
    else {
        return Ok(());
    };
    let is_safe = matches!(
        collection.as_ref(),
        Expr::Array { .. }
            | Expr::Object { .. }
            | Expr::ArrayCompr { .. }
            | Expr::ObjectCompr { .. }
    );
    match is_safe {
        true => Ok(()),
        false => Err(format!(
            "line {}: `name, value in ..` is never true for a set\nhint: write `some name, value in ..`, or `value in ..`",
            line(expression)
        )),
    }
}

/// Members of `input` that have few values.
const WORDS: [(&[&str], &[&str]); 3] = [
    (
        &["input", "action", "hints"],
        &[
            "read-only",
            "destructive",
            "idempotent",
            "open-world",
            "untrusted",
            "sensitive",
        ],
    ),
    (&["input", "action", "purpose"], &["call", "listing"]),
    (
        &["input", "subject", "proof"],
        &["none", "bearer", "sender", "call"],
    ),
];

/// A value that a member never has is compared in vain.
fn check_words(expression: &Ref<Expr>) -> Result<(), String> {
    let (member, word) = match expression.as_ref() {
        Expr::Membership {
            value, collection, ..
        } => (collection, value),
        Expr::BoolExpr { lhs, rhs, .. } | Expr::AssignExpr { lhs, rhs, .. } => match text(lhs) {
            Some(_) => (rhs, lhs),
            None => (lhs, rhs),
        },
        _ => return Ok(()),
    };
    // With an index behind it, it is one of the list.
    let member = match member.as_ref() {
        Expr::RefBrack { refr, .. } => refr,
        _ => member,
    };
    let (Some(path), Some(word)) = (path(member), text(word)) else {
        return Ok(());
    };
    let known = WORDS.iter().find(|(member, _)| {
        let names = path.iter().map(String::as_str);
        names.eq(member.iter().copied())
    });
    match known {
        Some((member, words)) if !words.contains(&word.as_str()) => Err(format!(
            "line {}: `{}` is never `{word}`\nhint: it is one of `{}`",
            line(expression),
            member.join("."),
            words.join("`, `")
        )),
        Some(_) | None => Ok(()),
    }
}

/// Patterns that are written out are compiled now, and kept.
fn check_pattern(expression: &Ref<Expr>) -> Result<(), String> {
    let Expr::Call { fcn, params, .. } = expression.as_ref() else {
        return Ok(());
    };
    let Some(name) = path(fcn).map(|path| path.join(".")) else {
        return Ok(());
    };
    let place = WITH_PATTERN.iter().find(|(known, _)| *known == name);
    let pattern = place
        .and_then(|(_, place)| params.get(*place))
        .and_then(text);
    let kept = match (pattern, name.as_str()) {
        (Some(pattern), _) => patterns::keep(&pattern).map_err(|error| (pattern, error)),
        (None, "glob.match") => {
            let glob = params.first().and_then(text);
            let delimiters = params.get(1).and_then(constant);
            match (glob, delimiters) {
                (Some(glob), Some(delimiters)) => {
                    let delimiters = matching_delimiters(&delimiters);
                    let kept = delimiters.and_then(|it| patterns::keep_glob(&glob, &it));
                    kept.map_err(|error| (glob, error))
                }
                _ => Ok(()),
            }
        }
        (None, _) => Ok(()),
    };
    kept.map_err(|(pattern, error)| {
        format!(
            "line {}: `{name}`: `{pattern}` is {error}",
            line(expression)
        )
    })
}

/// Null, or a list of texts, that is written out.
fn constant(expression: &Ref<Expr>) -> Option<Value> {
    match expression.as_ref() {
        Expr::Null { .. } => Some(Value::Null),
        Expr::Array { items, .. } => {
            let texts: Option<Vec<_>> = items.iter().map(text).collect();
            let texts = texts?.into_iter().map(Value::from);
            Some(Value::from(texts.collect::<Vec<_>>()))
        }
        _ => None,
    }
}

fn line(expression: &Ref<Expr>) -> u32 {
    expression.span().line
}
