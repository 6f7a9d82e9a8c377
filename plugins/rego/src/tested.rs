//! Tests in Rego, as `opa test` runs them: every rule `test_..` of their modules is true, or
//! the settings are refused.

use regorus::{Engine, Value};

use crate::builtins::Call;
use crate::module::Module;
use crate::newer;
use crate::parts::Parts;
use crate::rules::{ALLOW, ASK, DENY, OBLIGATIONS};
use crate::syntax::{path, reference};

/// How files of tests are called.
pub(crate) const TEST_ENDING: &str = "_test.rego";

/// What the name of a test begins with; `todo_test_..` is none yet.
const PREFIX: &str = "test_";

/// Runs the tests beside the modules that decide, which they do not change.
pub(crate) fn check(parts: &Parts, tests: Vec<Module>) -> Result<(), String> {
    if tests.is_empty() {
        return Ok(());
    }
    let mut modules = parts.modules.clone();
    let count = modules.len();
    modules.extend(tests);
    let whole = Parts {
        modules,
        documents: parts.documents.clone(),
        builtin_errors: parts.builtin_errors,
        is_about_calls: false,
    };
    let call = Call::default();
    let mut compiled = whole.compile(&call)?;
    let mut names = Vec::new();
    let parsed = compiled.engine.get_modules().iter().zip(&compiled.packages);
    for ((module, package), Module { name, .. }) in parsed.zip(&whole.modules).skip(count) {
        let rules = module.policy.iter();
        let heads = rules.filter_map(|rule| path(reference(rule))?.into_iter().next());
        let heads: Vec<String> = heads.collect();
        let mut deciding = compiled.packages.iter().take(count);
        if name.ends_with(TEST_ENDING)
            && deciding.any(|it| it == package)
            && let Some(head) = heads.iter().find(|head| decides(head))
        {
            return Err(no_test(name, head));
        }
        names.extend(
            heads
                .into_iter()
                .filter(|name| name.starts_with(PREFIX))
                .map(|name| format!("{package}.{name}")),
        );
    }
    if names.is_empty() {
        return Err("`tests` has no rule `test_..`".to_owned());
    }
    names.sort();
    names.dedup();
    for name in names {
        let result = compiled.engine.eval_rule(name.clone());
        call.check()
            .map_err(|error| format!("the test `{name}` cannot be evaluated: {error}"))?;
        match result {
            Ok(value) if value == Value::from(true) => {}
            Ok(_) => return Err(format!("the test `{name}` fails")),
            Err(error) => return Err(format!("the test `{name}` cannot be evaluated: {error:#}")),
        }
    }
    Ok(())
}

/// Refuses tests of a bundle that would decide if they were called otherwise: they are not
/// run, and a rule that denies would be dropped without a word.
pub(crate) fn check_names(modules: &[Module], tests: &[Module]) -> Result<(), String> {
    for Module { name, text } in tests {
        let own = package(text);
        if !modules.iter().any(|module| package(&module.text) == own) {
            continue;
        }
        let not_rego = |error: String| format!("`{name}` is not Rego: {error}");
        let translated = newer::translated(text).map_err(not_rego)?;
        let (translated, _) = newer::mocks::translated(&[translated]);
        let mut engine = Engine::new();
        for text in translated {
            let added = engine.add_policy(name.clone(), text);
            added.map_err(|error| not_rego(format!("{error:#}")))?;
        }
        for module in engine.get_modules().iter() {
            let rules = module.policy.iter();
            let mut heads = rules.filter_map(|rule| path(reference(rule))?.into_iter().next());
            if let Some(head) = heads.find(|head| decides(head)) {
                return Err(no_test(name, &head));
            }
        }
    }
    Ok(())
}

/// The package of a module, as it is written.
fn package(text: &str) -> Option<&str> {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let package = lines.next()?.strip_prefix("package")?.trim_start();
    package.split([' ', '\t', ';', '#']).next()
}

fn no_test(name: &str, head: &str) -> String {
    format!(
        "`{name}` has a rule `{head}`, which would decide nothing: what ends in `{TEST_ENDING}` is a test\nhint: call the module something else"
    )
}

fn decides(rule: &str) -> bool {
    [DENY, ASK, ALLOW, OBLIGATIONS].contains(&rule)
}
