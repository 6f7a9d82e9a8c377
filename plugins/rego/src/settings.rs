//! The settings: modules, their data, and what is asked of them.

use std::sync::Mutex;

use regorus::{Engine, Value};
use serde::Deserialize;

use crate::builtins::{BuiltinErrors, Call};
use crate::bundle::{BundleKey, WrittenBundle};
use crate::document::Document;
use crate::documents::Documents;
use crate::mentioned::Mentioned;
use crate::module::{Module, WrittenModules};
use crate::parts::{Compiled, Parts};
use crate::query::Query;
use crate::rules::{ALLOW, ASK, DENY, OBLIGATIONS};
use crate::tested::{self, TEST_ENDING};

/// A module of ours, whose one rule is the query: so it is parsed and planned
/// with the others, and not again for every call.
const ENTRY_PACKAGE: &str = "gatewright_entry";

/// What messages call the one module of `module`.
const MODULE: &str = "module";

/// The settings of the policy.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenSettings")]
pub struct Settings {
    evaluator: Mutex<Evaluator>,
    query: String,
    /// What the query gives is made of rules, of which some may be helpers.
    pub(crate) holds_rules: bool,
    /// What the modules can read of a request.
    pub(crate) reads: Mentioned,
    /// What a call gets that the modules say nothing about.
    pub otherwise: Otherwise,
    /// What happens when tools are listed.
    pub listings: Listings,
}

/// The modules as they are parsed and planned, and the rule that is asked for.
/// Evaluating a call changes it, and a component sees one call.
#[derive(Debug)]
struct Evaluator {
    engine: Engine,
    call: Call,
    rule: String,
}

/// What a call gets that the modules say nothing about.
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
    /// Every tool is shown; the modules are not asked.
    #[default]
    Show,
    /// The modules are asked, and a tool that they deny is hidden.
    Judge,
}

/// The settings as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenSettings {
    module: Option<String>,
    modules: Option<WrittenModules>,
    bundle: Option<WrittenBundle>,
    bundle_key: Option<BundleKey>,
    #[serde(default)]
    data: Document,
    #[serde(default)]
    documents: Documents,
    #[serde(default = "default_query")]
    query: String,
    tests: Option<WrittenModules>,
    #[serde(default)]
    builtin_errors: BuiltinErrors,
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
        evaluator.call.set_time(at);
        evaluator.decide(input)
    }
}

impl TryFrom<WrittenSettings> for Settings {
    type Error = String;

    fn try_from(mut written: WrittenSettings) -> Result<Self, String> {
        let query = written.query.clone();
        let tests = written.take_tests();
        let (otherwise, listings) = (written.otherwise, written.listings);
        let parts = written.into_parts()?;
        let call = Call::default();
        let asked = Asked::compile(&parts, &query, &call)?;
        let otherwise = match otherwise {
            Some(otherwise) => otherwise,
            None => asked.usual_otherwise()?,
        };
        let holds_rules = asked.query.holds_rules();
        let evaluator = Evaluator::new(asked, &parts, &query, call)?;
        tested::check(&parts, tests)?;
        let texts = parts.modules.iter().map(|module| module.text.as_str());
        Ok(Self {
            holds_rules,
            evaluator: Mutex::new(evaluator),
            reads: Mentioned::in_modules(texts),
            otherwise,
            listings,
            query,
        })
    }
}

// === impl WrittenSettings ===

impl WrittenSettings {
    /// The modules of tests: those of `tests`, and in `modules` those that are called as
    /// `opa test` wants it.
    fn take_tests(&mut self) -> Vec<Module> {
        let mut tests = Vec::new();
        if let Some(WrittenModules::Named(modules)) = &mut self.modules {
            let named = modules.extract_if(.., |name, _| name.ends_with(TEST_ENDING));
            tests.extend(named.map(|(name, text)| Module { name, text }));
        }
        let written = self.tests.take().into_iter();
        tests.extend(written.flat_map(|tests| tests.into_modules("tests")));
        tests
    }

    fn into_parts(self) -> Result<Parts, String> {
        let mut modules: Vec<Module> = Vec::new();
        modules.extend(self.module.map(|text| Module {
            name: MODULE.to_owned(),
            text,
        }));
        modules.extend(
            self.modules
                .into_iter()
                .flat_map(|modules| modules.into_modules("modules")),
        );
        let Document(data) = self.data;
        if data.as_object().is_err() {
            return Err("`data` is no object".to_owned());
        }
        let mut documents = vec![(Vec::new(), data)];
        documents.extend(self.documents.into_iter());
        match (&self.bundle, &self.bundle_key) {
            (Some(bundle), key) => {
                let bundle = bundle.read(key.as_ref())?;
                let named = bundle.modules.into_iter();
                modules.extend(named.map(|(name, text)| Module { name, text }));
                let named = bundle.tests.into_iter();
                let tests: Vec<Module> = named.map(|(name, text)| Module { name, text }).collect();
                tested::check_names(&modules, &tests)?;
                documents.extend(bundle.documents);
            }
            (None, Some(_)) => return Err("`bundle-key` is there without `bundle`".to_owned()),
            (None, None) => {}
        }
        if modules.is_empty() {
            return Err("there is no module\nhint: set `module`, `modules` or `bundle`".to_owned());
        }
        let mut names: Vec<&str> = modules.iter().map(|module| module.name.as_str()).collect();
        names.sort_unstable();
        let twice = names.windows(2).find(|pair| pair.first() == pair.last());
        if let Some(name) = twice.and_then(<[&str]>::first) {
            return Err(format!("two modules are called `{name}`"));
        }
        Ok(Parts {
            modules,
            documents,
            builtin_errors: self.builtin_errors,
            is_about_calls: true,
        })
    }
}

/// Modules with what is asked of them.
struct Asked {
    compiled: Compiled,
    query: Query,
}

// === impl Asked ===

impl Asked {
    fn compile(parts: &Parts, query: &str, call: &Call) -> Result<Self, String> {
        let compiled = parts.compile(call)?;
        let data = compiled.engine.get_data();
        let query = Query::read(query, &compiled, &parts.modules, &data)?;
        Ok(Self { compiled, query })
    }

    /// Modules that say when to allow mean no elsewhere; those that only deny, ask or
    /// owe leave the rest to others.
    fn usual_otherwise(&self) -> Result<Otherwise, String> {
        let says = |name| self.query.declares(&self.compiled.engine, name);
        let leaves = !says(ALLOW)? && (says(DENY)? || says(ASK)? || says(OBLIGATIONS)?);
        Ok(match leaves {
            true => Otherwise::Abstain,
            false => Otherwise::Deny,
        })
    }
}

// === impl Evaluator ===

impl Evaluator {
    /// Finds what the planner does not look for, too; and tables that the interpreter makes
    /// when it first runs get into the snapshot.
    fn new(asked: Asked, parts: &Parts, query: &str, call: Call) -> Result<Self, String> {
        // Where the query names a rule, asking for that is shorter. It fails where
        // the query names a package, or a part of what a rule gives; and where the
        // rule fails, which the other way finds again.
        let mut direct = Self {
            engine: asked.compiled.engine,
            call: call.clone(),
            rule: query.to_owned(),
        };
        if direct.decide(Value::new_object()).is_ok() {
            return Ok(direct);
        }
        let mut engine = parts.compile(&call)?.engine;
        engine
            .add_policy(
                "query".to_owned(),
                format!("package {ENTRY_PACKAGE}\n\ndecision := {query}\n"),
            )
            .map_err(|error| format!("`query` is not Rego: {error:#}"))?;
        let mut entry = Self {
            engine,
            call,
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
        let value = self.engine.eval_rule(self.rule.clone());
        let cannot = |error| format!("the modules cannot be evaluated: {error}");
        self.call.check().map_err(cannot)?;
        value.map_err(|error| cannot(format!("{error:#}")))
    }
}
