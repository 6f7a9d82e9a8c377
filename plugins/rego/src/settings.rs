//! The settings: a module, its data, and what is asked of it.

use std::sync::Mutex;

use regorus::{Engine, Value};
use serde::Deserialize;

use crate::builtins::{self, CallTime};
use crate::foreign;
use crate::meaning;
use crate::mentioned::Mentioned;
use crate::query::{self, MODULE, declares};
use crate::rules::{ALLOW, ASK, DENY, OBLIGATIONS};

/// A module of ours, whose one rule is the query: so it is parsed and planned
/// with the others, and not again for every call.
const ENTRY_PACKAGE: &str = "gatewright_entry";

/// The settings of the policy.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenSettings")]
pub struct Settings {
    evaluator: Mutex<Evaluator>,
    query: String,
    /// What the query gives is made of rules, of which some may be helpers.
    pub(crate) holds_rules: bool,
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
    /// The module's, as `data.authz`.
    package: String,
    time: CallTime,
    rule: String,
}

/// What a call gets that the module says nothing about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// A refusal.
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
    otherwise: Option<Otherwise>,
    #[serde(default)]
    listings: Listings,
}

fn default_query() -> String {
    "data.gatewright".to_owned()
}

// === impl Settings ===

impl Settings {
    /// The rule that the query names, or its package.
    pub(crate) fn asked_rule(&self) -> &str {
        let last = self.query.rsplit('.').next();
        last.unwrap_or_default()
    }

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
        let mut evaluator = Evaluator::new(&written)?;
        let otherwise = match written.otherwise {
            Some(otherwise) => otherwise,
            None => evaluator.usual_otherwise(&written.query)?,
        };
        let holds_rules =
            query::holds_rules(&mut evaluator.engine, &evaluator.package, &written.query);
        Ok(Self {
            holds_rules,
            evaluator: Mutex::new(evaluator),
            reads: Mentioned::in_module(&written.module),
            otherwise,
            listings: written.listings,
            query: written.query,
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
        let (engine, package) = compile(written, &time)?;
        let mut direct = Self {
            engine,
            package: package.clone(),
            time: time.clone(),
            rule: written.query.clone(),
        };
        if direct.decide(Value::new_object()).is_ok() {
            return Ok(direct);
        }
        let (engine, _) = compile(written, &time)?;
        let mut entry = Self {
            engine,
            package,
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

    /// A module that says when to allow means no elsewhere; one that only denies, asks or
    /// owes leaves the rest to others.
    fn usual_otherwise(&self, query: &str) -> Result<Otherwise, String> {
        let says = |name| declares(&self.engine, &self.package, query, name);
        let leaves = !says(ALLOW)? && (says(DENY)? || says(ASK)? || says(OBLIGATIONS)?);
        Ok(match leaves {
            true => Otherwise::Abstain,
            false => Otherwise::Deny,
        })
    }
}

/// The modules in an engine, and the package of the operator's.
fn compile(written: &WrittenSettings, time: &CallTime) -> Result<(Engine, String), String> {
    let query = &written.query;
    if !query::is_path(query) {
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
        .map_err(|error| not_rego(&error.to_string()))?;
    foreign::check(&written.module).map_err(|error| format!("`module`, {error}"))?;
    meaning::check(&mut engine, &written.data).map_err(|error| format!("`module`, {error}"))?;
    query::check(&mut engine, &package, query)?;
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
    Ok((engine, package))
}

/// What of Rego v0 is no longer Rego, by the parser's words.
const OF_V0: [&str; 2] = ["`if` keyword is required", "`contains` keyword is required"];

fn not_rego(error: &str) -> String {
    let hint = match OF_V0.iter().any(|words| error.contains(words)) {
        true => "\nhint: if this is Rego v0, `opa fmt --v0-v1 --write FILE` makes Rego v1 of it",
        false => "",
    };
    format!("`module` is not Rego: {error}{hint}")
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
