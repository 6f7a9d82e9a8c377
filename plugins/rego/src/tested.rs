//! Tests in Rego, as `opa test` runs them: every rule `test_..` of their modules is true, or
//! the settings are refused.

use regorus::Value;

use crate::builtins::Call;
use crate::module::Module;
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
            return Err(format!(
                "`{name}` has a rule `{head}`, which would decide nothing: what ends in `{TEST_ENDING}` is a test\nhint: call the module something else"
            ));
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

fn decides(rule: &str) -> bool {
    [DENY, ASK, ALLOW, OBLIGATIONS].contains(&rule)
}
