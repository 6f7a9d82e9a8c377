//! The modules of a policy, parsed and planned, and the data beside them.

use regorus::{Engine, PolicyLengthConfig, Value};

use crate::builtins::{self, BuiltinErrors, Call};
use crate::documents::{self, Place};
use crate::module::Module;
use crate::{every, foreign, heads, meaning, negated, newer, object_patterns};

/// The most members of `data` itself: what copying them takes is a small part of a call.
const ROOT_MEMBERS_MAX: usize = 1 << 14;

/// What is compiled.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) modules: Vec<Module>,
    pub(crate) documents: Vec<(Place, Value)>,
    pub(crate) builtin_errors: BuiltinErrors,
    /// Whether `input` is a call, with the members that calls have.
    pub(crate) is_about_calls: bool,
}

/// Modules in an engine.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) engine: Engine,
    /// The package of each module, as `data.authz`.
    pub(crate) packages: Vec<String>,
}

// === impl Parts ===

impl Parts {
    /// Parses all of it, and refuses what would be answered in another way than it says.
    pub(crate) fn compile(&self, call: &Call) -> Result<Compiled, String> {
        let mut engine = Engine::new();
        engine.set_policy_length_config(lengths());
        // A builtin that fails would be undefined otherwise, and a rule that
        // denies would pass over what it cannot read.
        engine.set_strict_builtin_errors(self.builtin_errors == BuiltinErrors::Fault);
        builtins::add(&mut engine, call, self.builtin_errors)?;
        for (place, document) in &self.documents {
            documents::add(&mut engine, place, document.clone())?;
        }
        check_root(&engine.get_data())?;
        let mut translated = Vec::with_capacity(self.modules.len());
        for Module { name, text } in &self.modules {
            let module = newer::translated(text).map_err(|error| not_rego(name, &error))?;
            let module = heads::translated(module, &lengths())
                .map_err(|error| format!("`{name}`, {error}"))?;
            translated.push(every::translated(module, &lengths()));
        }
        let modules = self.modules.iter();
        let takes_bodies: Vec<_> = modules.map(|it| newer::negates_bodies(&it.text)).collect();
        let mut translated = negated::translated(translated, &takes_bodies, &lengths()).map_err(
            |(place, error)| {
                let name = self.modules.get(place).map(|it| it.name.as_str());
                format!("`{}`, {error}", name.unwrap_or_default())
            },
        )?;
        for (Module { name, .. }, text) in self.modules.iter().zip(&mut translated) {
            *text = object_patterns::translated(std::mem::take(text), &lengths())
                .map_err(|error| format!("`{name}`, {error}"))?;
        }
        let (translated, functions) = newer::mocks::translated(&translated);
        let mut packages = Vec::with_capacity(self.modules.len());
        for (Module { name, .. }, text) in self.modules.iter().zip(translated) {
            let package = engine
                .add_policy(name.clone(), text.clone())
                .map_err(|error| not_rego(name, &error.to_string()))?;
            packages.push(package);
            if self.is_about_calls {
                foreign::check(&text).map_err(|error| format!("`{name}`, {error}"))?;
            }
        }
        if let Some(functions) = functions {
            engine
                .add_policy("builtins".to_owned(), functions)
                .map_err(|error| error.to_string())?;
        }
        let data = engine.get_data();
        meaning::check(&mut engine, &self.modules, &data, !self.is_about_calls)?;
        Ok(Compiled { engine, packages })
    }
}

/// What rules give is put beside the members of `data` itself, which are copied for that in
/// every call; what is below them is shared.
fn check_root(data: &Value) -> Result<(), String> {
    let members = data.as_object().map_or(0, |members| members.len());
    match members {
        0..=ROOT_MEMBERS_MAX => Ok(()),
        _ => Err(format!(
            "`data` itself has {members} members, and every call would copy them; at most {ROOT_MEMBERS_MAX} are taken\nhint: put them below a name, as in `documents = {{ users = .. }}`"
        )),
    }
}

/// Keys and tokens are long lines; what bounds a module is the size of the settings.
fn lengths() -> PolicyLengthConfig {
    PolicyLengthConfig {
        max_col: std::num::NonZeroU32::MAX,
        ..PolicyLengthConfig::default()
    }
}

/// What of Rego v0 is no longer Rego, by the parser's words.
const OF_V0: [&str; 2] = ["`if` keyword is required", "`contains` keyword is required"];

fn not_rego(name: &str, error: &str) -> String {
    let hint = match OF_V0.iter().any(|words| error.contains(words)) {
        true => "\nhint: if this is Rego v0, `opa fmt --v0-v1 --write FILE` makes Rego v1 of it",
        false => "",
    };
    format!("`{name}` is not Rego: {error}{hint}")
}
