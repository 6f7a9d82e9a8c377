//! Patterns that a module writes out: what does not compile is found before a call.

use regorus::Value;
use regorus::unstable::{Expr, Ref};

use crate::builtins::{delimiters as matching_delimiters, patterns};
use crate::syntax::{line, path, text};

/// Builtins with a pattern, and which of their arguments it is.
const WITH_PATTERN: [(&str, usize); 6] = [
    ("regex.match", 0),
    ("regex.find_n", 0),
    ("regex.find_all_string_submatch_n", 0),
    ("regex.split", 0),
    ("regex.replace", 1),
    ("re_match", 0),
];

/// Patterns that are written out are compiled now, and kept.
pub(crate) fn check(expression: &Ref<Expr>) -> Result<(), String> {
    let Expr::Call { fcn, params, .. } = expression.as_ref() else {
        return Ok(());
    };
    let Some(name) = path(fcn).map(|path| path.join(".")) else {
        return Ok(());
    };
    let place = WITH_PATTERN.iter().find(|(known, _)| *known == name);
    let pattern = place
        .and_then(|(_, place)| params.get(*place))
        .and_then(text);
    let kept = match (pattern, name.as_str()) {
        (Some(pattern), _) => patterns::keep(&pattern).map_err(|error| (pattern, error)),
        (None, "glob.match") => {
            let glob = params.first().and_then(text);
            let delimiters = params.get(1).and_then(constant);
            match (glob, delimiters) {
                (Some(glob), Some(delimiters)) => {
                    let delimiters = matching_delimiters(&delimiters);
                    let kept = delimiters.and_then(|it| patterns::keep_glob(&glob, &it));
                    kept.map_err(|error| (glob, error))
                }
                _ => Ok(()),
            }
        }
        (None, _) => Ok(()),
    };
    kept.map_err(|(pattern, error)| {
        format!(
            "line {}: `{name}`: `{pattern}` is {error}",
            line(expression)
        )
    })
}

/// Null, or a list of texts, that is written out.
fn constant(expression: &Ref<Expr>) -> Option<Value> {
    match expression.as_ref() {
        Expr::Null { .. } => Some(Value::Null),
        Expr::Array { items, .. } => {
            let texts: Option<Vec<_>> = items.iter().map(text).collect();
            let texts = texts?.into_iter().map(Value::from);
            Some(Value::from(texts.collect::<Vec<_>>()))
        }
        _ => None,
    }
}
