//! What the query asks for: a package or a rule in it, which says something about calls.

use regorus::unstable::{Expr, Module as Parsed, Ref, Rule, RuleHead};
use regorus::{Engine, Value};

use crate::decision::MEMBERS_OF_MESSAGE;
use crate::documents;
use crate::heads;
use crate::module::Module;
use crate::parts::Compiled;
use crate::rules::{ALLOW, ASK, DENY, OBLIGATIONS};
use crate::syntax::{line, path, reference, text};

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

/// A query, and the modules that answer it.
#[derive(Debug)]
pub(crate) struct Query {
    text: String,
    package: String,
    /// The names of the modules of this package.
    modules: Vec<String>,
    parsed: Vec<Ref<Parsed>>,
}

// === impl Query ===

impl Query {
    /// A query that asks for nothing that is there would leave every call undecided, and one
    /// that asks for a part of a decision would read it for the whole.
    pub(crate) fn read(
        text: &str,
        compiled: &Compiled,
        modules: &[Module],
        data: &Value,
    ) -> Result<Self, String> {
        if !is_path(text) {
            return Err(format!(
                "`query` is `{text}`\nhint: name a package or a rule, like `data.gatewright` or `data.authz.allow`"
            ));
        }
        let asked = compiled.packages.iter().filter(|package| {
            let behind = text.strip_prefix(package.as_str());
            behind.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        let Some(package) = asked.max_by_key(|package| package.len()).cloned() else {
            return Err(elsewhere(text, &compiled.packages));
        };
        let of_package = compiled.packages.iter().zip(modules);
        let of_package = of_package.filter(|(other, _)| **other == package);
        let mut engine = compiled.engine.clone();
        let parsed = compiled.packages.iter().zip(engine.get_modules());
        let parsed = parsed.filter(|(other, _)| **other == package);
        let query = Self {
            modules: of_package.map(|(_, module)| module.name.clone()).collect(),
            parsed: parsed.map(|(_, module)| module.clone()).collect(),
            text: text.to_owned(),
            package,
        };
        query.check(&compiled.engine, data)?;
        Ok(query)
    }

    /// Whether there is a rule of this name, or one in it, where the query asks.
    pub(crate) fn declares(&self, engine: &Engine, name: &str) -> Result<bool, String> {
        let mut path = self.names_below();
        path.push(name);
        self.has_rule(engine, &path.join("."))
    }

    /// Whether rules stand in what the query gives: some of them may be helpers.
    pub(crate) fn holds_rules(&self) -> bool {
        let below = self.names_below();
        let mut rules = self.rules();
        below.is_empty() || rules.any(|rule| name_in(rule, &below).is_some())
    }

    fn rules(&self) -> impl Iterator<Item = &Ref<Rule>> {
        self.parsed.iter().flat_map(|module| module.policy.iter())
    }

    fn has_rule(&self, engine: &Engine, path: &str) -> Result<bool, String> {
        for module in &self.modules {
            let declared = engine.has_declared_rule_rooted_at(module, path);
            if declared.map_err(|error| format!("`query` is `{}`: {error:#}", self.text))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn check(&self, engine: &Engine, data: &Value) -> Result<(), String> {
        let below = self.names_below();
        self.check_functions(&below)?;
        self.check_messages(&below)?;
        self.check_data(data, &below)?;
        let Some(rule) = below.first() else {
            return self.check_speaks(engine);
        };
        match self.has_rule(engine, rule)? {
            true => check_whole(&self.text),
            false => Err(format!(
                "`query` is `{}`, and `{}` has no rule `{rule}`",
                self.text,
                self.modules.join("`, `")
            )),
        }
    }

    /// What stands in `data` where a decision is read would be one.
    fn check_data(&self, data: &Value, below: &[&str]) -> Result<(), String> {
        let names = self.package.split('.').skip(1).map(str::to_owned);
        let names = names.chain(below.iter().map(|name| (*name).to_owned()));
        let place: Vec<String> = names.collect();
        let Some(document) = documents::at(data, &place) else {
            return Ok(());
        };
        let Value::Object(members) = document else {
            return Err(format!(
                "`data` holds `{}`, which the query asks for\nhint: data there would replace its rules",
                self.text
            ));
        };
        let is_read = |name: &&Value| match name {
            Value::String(name) => {
                let known = [DENY, ASK, ALLOW, OBLIGATIONS, "reason", "rule"];
                !below.is_empty() || known.contains(&&**name)
            }
            _ => false,
        };
        match members.keys().find(is_read) {
            None => Ok(()),
            Some(name) => Err(format!(
                "`data` holds {name} in `{}`, which would be read as a decision\nhint: data there would replace its rules",
                self.text
            )),
        }
    }

    /// The names of the query behind the package.
    fn names_below(&self) -> Vec<&str> {
        let below = self.text.strip_prefix(&self.package).unwrap_or_default();
        let names = below.strip_prefix('.').unwrap_or_default().split('.');
        names.filter(|name| !name.is_empty()).collect()
    }

    /// A function is no member of a decision, so what it says of a call is never seen.
    fn check_functions(&self, below: &[&str]) -> Result<(), String> {
        let query = &self.text;
        for rule in self.rules().filter(|rule| is_function(rule)) {
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

    /// A message that is written out has members that are read.
    fn check_messages(&self, below: &[&str]) -> Result<(), String> {
        let denying = self
            .rules()
            .filter(|rule| name_in(rule, below).as_deref() == Some(DENY));
        for rule in denying {
            let Some(key) = heads::given(rule) else {
                continue;
            };
            let Expr::Object { fields, .. } = key.as_ref() else {
                continue;
            };
            let names = fields.iter().filter_map(|(_, name, _)| text(name));
            let known = MEMBERS_OF_MESSAGE;
            if let Some(name) = names
                .into_iter()
                .find(|name| !known.contains(&name.as_str()))
            {
                return Err(format!(
                    "line {}: a message of `{DENY}` has no member `{name}`\nhint: it has `{}`",
                    line(key),
                    known.join("`, `")
                ));
            }
        }
        Ok(())
    }

    /// A package without any of the rules that are read says nothing about any call.
    fn check_speaks(&self, engine: &Engine) -> Result<(), String> {
        for (name, _) in DECIDING {
            if self.declares(engine, name)? {
                return Ok(());
            }
        }
        let mut hint = "name a rule so, or let `query` name the one that decides".to_owned();
        for (name, right) in FOREIGN_RULES {
            if self.declares(engine, name)? {
                hint = format!("what `{name}` says elsewhere, `{right}` says here");
            }
        }
        Err(format!(
            "`{}` says nothing about calls: it has no rule `{DENY}`, `{ASK}`, `{ALLOW}` or `{OBLIGATIONS}`\nhint: {hint}",
            self.modules.join("`, `")
        ))
    }
}

/// `data.` and names.
fn is_path(query: &str) -> bool {
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

/// The name of a rule in what the query gives.
fn name_in(rule: &Ref<Rule>, below: &[&str]) -> Option<String> {
    let names = path(reference(rule))?;
    let (place, names) = names.split_at_checked(below.len())?;
    match place == below {
        true => names.first().cloned(),
        false => None,
    }
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

fn elsewhere(query: &str, packages: &[String]) -> String {
    match packages {
        [package] => format!(
            "`query` is `{query}`, and the package of the module is `{package}`\nhint: set `query` to `{package}` or to a rule in it"
        ),
        _ => format!(
            "`query` is `{query}`, and the packages are `{}`\nhint: set `query` to one of them or to a rule in it",
            packages.join("`, `")
        ),
    }
}
