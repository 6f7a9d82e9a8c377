//! Modules asked for a rule, without a call: what the tests of OPA ask.

use regorus::Value;

use crate::builtins::{BuiltinErrors, Call};
use crate::module::Module;
use crate::parts::Parts;

/// What a rule of modules gives. Everything is refused that would be refused in settings,
/// but for what is about calls.
pub fn evaluate(
    modules: &[String],
    data: Value,
    input: Value,
    rule: &str,
    is_strict: bool,
) -> Result<Value, String> {
    let named = modules.iter().enumerate();
    let parts = Parts {
        modules: named
            .map(|(place, text)| Module {
                name: format!("modules[{place}]"),
                text: text.clone(),
            })
            .collect(),
        documents: vec![(Vec::new(), data)],
        builtin_errors: match is_strict {
            true => BuiltinErrors::Fault,
            false => BuiltinErrors::Undefined,
        },
        is_about_calls: false,
    };
    let call = Call::default();
    // 2026-01-01T00:00:00Z
    call.set_time(1_767_225_600_000);
    let mut engine = parts.compile(&call)?.engine;
    engine.set_input(input);
    let value = match rule {
        // All there is, which is no rule.
        "data" => engine.eval_query(rule.to_owned(), false).map(|results| {
            let first = results
                .result
                .first()
                .and_then(|result| result.expressions.first());
            first.map_or(Value::Undefined, |expression| expression.value.clone())
        }),
        _ => engine.eval_rule(rule.to_owned()),
    };
    call.check()?;
    value.map_err(|error| format!("{error:#}"))
}
