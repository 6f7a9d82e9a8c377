//! The functions that modules call: those of modules, and builtins. The interpreter would
//! find one that is missing when a call comes to it.

use std::collections::BTreeSet;

use regorus::unstable::Rule;
use regorus::unstable::{Expr, Module, Ref, RuleHead};

use crate::builtins;
use crate::syntax::{package, path, reference};

/// Builtins of OPA that need what is not here.
const ELSEWHERE: [(&str, &str); 7] = [
    ("http.send", "there is no network"),
    ("net.lookup_ip_addr", "there is no network"),
    ("opa.runtime", "there is no server of OPA"),
    ("rand.intn", "there is no randomness"),
    ("uuid.rfc4122", "there is no randomness"),
    (
        "rego.parse_module",
        "modules are known when the policy is loaded",
    ),
    (
        "crypto.x509",
        "certificates give keys to `io.jwt.*`, and nothing else",
    ),
];

/// The functions of all modules, as `data.authz.is_admin`.
#[derive(Debug)]
pub(crate) struct Functions(BTreeSet<String>);

// === impl Functions ===

impl Functions {
    pub(crate) fn of(modules: &[Ref<Module>]) -> Self {
        let mut found = BTreeSet::new();
        for module in modules {
            let package = package(module).join(".");
            for rule in module.policy.iter().filter(|rule| is_function(rule)) {
                if let Some(names) = path(reference(rule)) {
                    found.insert(format!("data.{package}.{}", names.join(".")));
                }
            }
        }
        Self(found)
    }

    /// Whether what is called is there.
    pub(crate) fn check(&self, module: &Module, expression: &Ref<Expr>) -> Result<(), String> {
        let Expr::Call { fcn, .. } = expression.as_ref() else {
            return Ok(());
        };
        let Some(names) = path(fcn) else {
            return Ok(());
        };
        let name = names.join(".");
        if builtins::is_known(&name) || self.named(module, &names).is_some() {
            return Ok(());
        }
        let why = ELSEWHERE.iter().find(|(known, _)| name.starts_with(known));
        let hint = why.map_or_else(
            || "it is neither a builtin that is here nor a function of a module".to_owned(),
            |(_, why)| (*why).to_owned(),
        );
        Err(format!(
            "line {}: there is no function `{name}`\nhint: {hint}",
            expression.span().line
        ))
    }

    /// Whether a function has this name, from `data` on.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// The whole name of a function, by the one that a module calls it by.
    pub(crate) fn named(&self, module: &Module, names: &[String]) -> Option<String> {
        let name = names.join(".");
        let own = format!("data.{}.{name}", package(module).join("."));
        if let Some(known) = [name, own].into_iter().find(|name| self.has(name)) {
            return Some(known);
        }
        let (first, rest) = names.split_first()?;
        let mut imported = module.imports.iter().filter_map(|import| {
            let imported = path(&import.refr)?;
            let alias = match &import.r#as {
                Some(alias) => Some(alias.text()),
                None => imported.last().map(String::as_str),
            };
            let whole = imported.iter().chain(rest).map(String::as_str);
            (alias == Some(first.as_str())).then(|| whole.collect::<Vec<_>>().join("."))
        });
        imported.find(|whole| self.has(whole))
    }
}

fn is_function(rule: &Rule) -> bool {
    match rule {
        Rule::Spec { head, .. } => matches!(head, RuleHead::Func { .. }),
        Rule::Default { args, .. } => !args.is_empty(),
    }
}
