//! What a module says that the interpreter takes in silence and answers otherwise than OPA,
//! or that means nothing here: packages that are not given, imports that do nothing, patterns
//! that do not compile.

use regorus::unstable::{Expr, Module as Parsed, Ref, Rule, RuleHead};
use regorus::{Engine, Value};

use crate::documents;
use crate::functions::Functions;
use crate::module::Module;
use crate::syntax::{line, package, path, reference, replaced, visit};
use crate::{input_words, recursion, written_patterns};

/// Refuses modules that would be answered in another way than they say. `modules` are those
/// that the engine was given, in their order. Data that is not there is no slip where
/// nobody is judged.
pub(crate) fn check(
    engine: &mut Engine,
    modules: &[Module],
    data: &Value,
    may_lack_data: bool,
) -> Result<(), String> {
    let parsed: Vec<Ref<Parsed>> = engine.get_modules().clone();
    let mut known = Known::new(&parsed, data);
    if !may_lack_data {
        known.check_places()?;
    }
    known.may_lack_data |= may_lack_data;
    recursion::check(&parsed, &known.functions).map_err(|(place, error)| {
        let name = modules.get(place).map(|it| it.name.as_str());
        format!("`{}`, {error}", name.unwrap_or_default())
    })?;
    for (module, parsed) in modules.iter().zip(&parsed) {
        known
            .check(parsed)
            .map_err(|error| format!("`{}`, {error}", module.name))?;
    }
    Ok(())
}

/// What there is when a call is judged.
struct Known<'a> {
    data: &'a Value,
    /// The names of packages, and of the rules in them.
    rules: Vec<(Vec<String>, Vec<String>)>,
    functions: Functions,
    heads: Vec<(Vec<String>, &'a Ref<Expr>)>,
    /// There, `data` may be anything that a module makes.
    may_lack_data: bool,
}

// === impl Known ===

impl<'a> Known<'a> {
    fn new(modules: &'a [Ref<Parsed>], data: &'a Value) -> Self {
        let mut mocks = modules.iter().flat_map(|module| replaced(module));
        let may_lack_data = mocks.any(|mock| {
            path(&mock).is_some_and(|path| path.first().is_some_and(|it| it == "data"))
        });
        let mut rules = Vec::new();
        let mut heads = Vec::new();
        for module in modules {
            let package = package(module);
            let mut names = Vec::new();
            for rule in &module.policy {
                let head = reference(rule);
                names.extend(path(head).and_then(|path| path.into_iter().next()));
                heads.push((package.clone(), head));
            }
            rules.push((package, names));
        }
        Self {
            data,
            rules,
            functions: Functions::of(modules),
            heads,
            may_lack_data,
        }
    }

    fn check(&self, module: &Ref<Parsed>) -> Result<(), String> {
        self.check_imports(module)?;
        self.check_heads(module)?;
        visit(module, &mut |expression| {
            self.check_data(expression)?;
            self.functions.check(module, expression)?;
            check_membership(expression)?;
            input_words::check(expression)?;
            written_patterns::check(expression)
        })
    }

    /// Data in the place of a rule would replace it.
    fn check_places(&self) -> Result<(), String> {
        for (package, rules) in &self.rules {
            let held = documents::at(self.data, package);
            let replaces_all = held.is_some_and(|held| !matches!(held, Value::Object(_)));
            for rule in rules {
                let mut place = package.clone();
                place.push(rule.clone());
                if replaces_all || documents::at(self.data, &place).is_some() {
                    return Err(format!(
                        "`data` holds `data.{}`, where a rule stands\nhint: data there would replace its rules",
                        place.join(".")
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_data(&self, expression: &Ref<Expr>) -> Result<(), String> {
        let is_reference = matches!(
            expression.as_ref(),
            Expr::RefDot { .. } | Expr::RefBrack { .. }
        );
        match path(expression) {
            Some(path) if is_reference && !self.may_lack_data => {
                self.check_path(&path, line(expression))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn check_path(&self, path: &[String], line: u32) -> Result<(), String> {
        let Some(("data", names)) = path
            .split_first()
            .map(|(root, names)| (root.as_str(), names))
        else {
            return Ok(());
        };
        let Some(first) = names.first() else {
            return Ok(());
        };
        if self.has(names) {
            return Ok(());
        }
        let package = self
            .rules
            .iter()
            .find(|(package, _)| names.starts_with(package));
        let rule = package.and_then(|(package, _)| names.get(package.len()));
        if let (Some((package, _)), Some(rule)) = (package, rule) {
            return Err(format!(
                "line {line}: `{}` is not there: the package `{}` has no rule `{rule}`",
                path.join("."),
                package.join(".")
            ));
        }
        Err(format!(
            "line {line}: `data.{first}` is not there\nhint: put it into `data`, or its rules into a module of `modules`"
        ))
    }

    /// Whether rules, packages or documents may stand here.
    fn has(&self, names: &[String]) -> bool {
        let in_rules = self.rules.iter().any(|(package, rules)| {
            match names.strip_prefix(package.as_slice()) {
                Some(below) => below.first().is_none_or(|rule| rules.contains(rule)),
                None => package.starts_with(names),
            }
        });
        let first = names.first().map(|name| Value::from(name.as_str()));
        let in_data = match (self.data, first) {
            (Value::Object(members), Some(first)) => members.contains_key(&first),
            _ => false,
        };
        let is_below = self
            .rules
            .iter()
            .any(|(package, _)| names.starts_with(package));
        in_rules || (in_data && (!is_below || documents::at(self.data, names).is_some()))
    }

    fn check_imports(&self, module: &Parsed) -> Result<(), String> {
        for import in &module.imports {
            let line = import.span.line;
            let path = path(&import.refr).unwrap_or_default();
            let names: Vec<&str> = path.iter().map(String::as_str).collect();
            match names.as_slice() {
                ["input", ..]
                | ["rego", "v1"]
                | ["future", "keywords"]
                | ["future", "keywords", "if" | "in" | "contains" | "every"] => {}
                ["data", ..] if self.may_lack_data => {}
                ["data", ..] => self.check_path(&path, line)?,
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

    /// Two partial rules that meet under a variable of a head: the interpreter drops one of
    /// them.
    fn check_heads(&self, module: &Parsed) -> Result<(), String> {
        let package = package(module);
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
            let other = self.heads.iter().find(|(other, head)| {
                let name = path(head).and_then(|path| path.into_iter().next());
                *other == package && name == root && head.span().text() != written
            });
            if let Some((_, other)) = other {
                return Err(format!(
                    "line {}: `{written} contains ..` and `{}` may meet, and the interpreter would drop one\nhint: write all of them under one head",
                    line(refr),
                    other.span().text()
                ));
            }
        }
        Ok(())
    }
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
