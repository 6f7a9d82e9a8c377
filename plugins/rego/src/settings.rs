//! The settings: a module, its data, and what is asked of it.

use std::sync::Mutex;

use regorus::{Engine, Value};
use serde::Deserialize;

use crate::builtins::{self, CallTime};
use crate::foreign;
use crate::mentioned::Mentioned;

/// What messages about the module name as its file.
const MODULE: &str = "module";

/// A module of ours, whose one rule is the query: so it is parsed and planned
/// with the others, and not again for every call.
const ENTRY_PACKAGE: &str = "gatewright_entry";

/// The settings of the policy.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenSettings")]
pub struct Settings {
    evaluator: Mutex<Evaluator>,
    /// What the module can read of a request.
    pub(crate) reads: Mentioned,
    /// What a call gets that the module says nothing about.
    pub otherwise: Otherwise,
    /// What happens when tools are listed.
    pub listings: Listings,
}

/// The modules as they are parsed and planned, and the rule that is asked for.
/// Evaluating a call changes it, and a component sees one call.
#[derive(Debug)]
struct Evaluator {
    engine: Engine,
    time: CallTime,
    rule: String,
}

/// What a call gets that the module says nothing about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// A refusal.
    #[default]
    Deny,
    /// Nothing: other policies decide.
    Abstain,
}

/// What happens when tools are listed: there are no arguments then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listings {
    /// Every tool is shown; the module is not asked.
    #[default]
    Show,
    /// The module is asked, and a tool that it denies is hidden.
    Judge,
}

/// The settings as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenSettings {
    module: String,
    #[serde(default)]
    data: serde_json::Map<String, serde_json::Value>,
    #[serde(default = "default_query")]
    query: String,
    #[serde(default)]
    otherwise: Otherwise,
    #[serde(default)]
    listings: Listings,
}

fn default_query() -> String {
    "data.gatewright".to_owned()
}

// === impl Settings ===

impl Settings {
    /// What the query gives for this input.
    pub(crate) fn decide(&self, input: Value, at: u64) -> Result<Value, String> {
        // A lock that is poisoned stands for an evaluation that broke off.
        let evaluator = self.evaluator.lock();
        let mut evaluator = evaluator.map_err(|_| "an earlier evaluation broke off".to_owned())?;
        evaluator.time.set(at);
        evaluator.decide(input)
    }
}

impl TryFrom<WrittenSettings> for Settings {
    type Error = String;

    fn try_from(written: WrittenSettings) -> Result<Self, String> {
        Ok(Self {
            evaluator: Mutex::new(Evaluator::new(&written)?),
            reads: Mentioned::in_module(&written.module),
            otherwise: written.otherwise,
            listings: written.listings,
        })
    }
}

// === impl Evaluator ===

impl Evaluator {
    /// Finds what the planner does not look for, too, such as a builtin that is
    /// not there; and tables that the interpreter makes when it first runs get
    /// into the snapshot.
    fn new(written: &WrittenSettings) -> Result<Self, String> {
        // Where the query names a rule, asking for that is shorter. It fails where
        // the query names a package, or a part of what a rule gives; and where the
        // rule fails, which the other way finds again.
        let time = CallTime::default();
        let mut direct = Self {
            engine: compile(written, &time)?,
            time: time.clone(),
            rule: written.query.clone(),
        };
        if direct.decide(Value::new_object()).is_ok() {
            return Ok(direct);
        }
        let mut entry = Self {
            engine: compile(written, &time)?,
            time,
            rule: format!("data.{ENTRY_PACKAGE}.decision"),
        };
        entry
            .decide(Value::new_object())
            .map_err(|error| format!("{error}\nhint: it must do with an empty `input`"))?;
        Ok(entry)
    }

    /// What the query gives for this input.
    fn decide(&mut self, input: Value) -> Result<Value, String> {
        self.engine.set_input(input);
        self.engine
            .eval_rule(self.rule.clone())
            .map_err(|error| format!("the module cannot be evaluated: {error:#}"))
    }
}

fn compile(written: &WrittenSettings, time: &CallTime) -> Result<Engine, String> {
    let query = &written.query;
    if !is_path(query) {
        return Err(format!(
            "`query` is `{query}`\nhint: name a package or a rule, like `data.gatewright` or `data.authz.allow`"
        ));
    }
    let mut engine = Engine::new();
    // A builtin that fails would be undefined otherwise, and a rule that
    // denies would pass over what it cannot read.
    engine.set_strict_builtin_errors(true);
    builtins::add(&mut engine, time)?;
    let package = engine
        .add_policy(MODULE.to_owned(), written.module.clone())
        .map_err(|error| format!("`module` is not Rego: {error:#}"))?;
    foreign::check(&written.module).map_err(|error| format!("`module`, {error}"))?;
    check_query(&engine, &package, query)?;
    if holds(&written.data, &package) {
        return Err(format!(
            "`data` holds `{package}`, which is the package of `module`\nhint: data there would replace its rules"
        ));
    }
    let data = serde_json::Value::Object(written.data.clone()).to_string();
    engine
        .add_data_json(&data)
        .map_err(|error| format!("`data` does not fit: {error:#}"))?;
    engine
        .add_policy(
            "query".to_owned(),
            format!("package {ENTRY_PACKAGE}\n\ndecision := {query}\n"),
        )
        .map_err(|error| format!("`query` is not Rego: {error:#}"))?;
    Ok(engine)
}

/// A query that asks for nothing that is there would leave every call undecided.
fn check_query(engine: &Engine, package: &str, query: &str) -> Result<(), String> {
    let Some(rest) = query.strip_prefix(package) else {
        return Err(elsewhere(package, query));
    };
    if rest.is_empty() {
        return Ok(());
    }
    let Some(rule) = rest.strip_prefix('.') else {
        return Err(elsewhere(package, query));
    };
    let rule = rule.split('.').next().unwrap_or_default();
    match engine.has_declared_rule_rooted_at(MODULE, rule) {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!(
            "`query` is `{query}`, and `module` has no rule `{rule}`"
        )),
        Err(error) => Err(format!("`query` is `{query}`: {error:#}")),
    }
}

fn elsewhere(package: &str, query: &str) -> String {
    format!(
        "`query` is `{query}`, and the package of `module` is `{package}`\nhint: set `query` to `{package}` or to a rule in it"
    )
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

/// Whether something stands at a package's place.
fn holds(data: &serde_json::Map<String, serde_json::Value>, package: &str) -> bool {
    let mut names = package.split('.').skip(1);
    let first = names.next().and_then(|name| data.get(name));
    names
        .try_fold(first, |value, name| value.map(|value| value.get(name)))
        .flatten()
        .is_some()
}
