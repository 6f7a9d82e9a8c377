//! What a builtin is given, and why it may give nothing.

use regorus::Value;

/// Why a builtin gives nothing.
#[derive(Debug)]
pub(crate) struct BuiltinError(pub(super) String);

pub(super) fn text(values: &[Value], place: usize) -> Result<&str, BuiltinError> {
    match values.get(place) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(BuiltinError(format!("argument {} is no text", place + 1))),
    }
}

pub(super) fn whole(values: &[Value], place: usize) -> Result<i64, BuiltinError> {
    values
        .get(place)
        .and_then(|value| value.as_i64().ok())
        .ok_or_else(|| BuiltinError(format!("argument {} is no whole number", place + 1)))
}

pub(super) fn wrong(problem: &str) -> BuiltinError {
    BuiltinError(problem.to_owned())
}

impl std::fmt::Display for BuiltinError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BuiltinError {}
