//! What a builtin is given, and why it may give nothing.

use regorus::Value;

/// Why a builtin gives nothing.
#[derive(Debug)]
pub(crate) struct BuiltinError {
    pub(super) problem: String,
    /// OPA would have given something.
    pub(super) is_unread: bool,
}

pub(super) fn text(values: &[Value], place: usize) -> Result<&str, BuiltinError> {
    match values.get(place) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(BuiltinError::new(format!(
            "argument {} is no text",
            place + 1
        ))),
    }
}

pub(super) fn whole(values: &[Value], place: usize) -> Result<i64, BuiltinError> {
    values
        .get(place)
        .and_then(|value| value.as_i64().ok())
        .ok_or_else(|| BuiltinError::new(format!("argument {} is no whole number", place + 1)))
}

pub(super) fn wrong(problem: &str) -> BuiltinError {
    BuiltinError::new(problem)
}

/// OPA would have given something.
pub(super) fn unread(problem: &str) -> BuiltinError {
    BuiltinError {
        is_unread: true,
        ..BuiltinError::new(problem)
    }
}

// === impl BuiltinError ===

impl BuiltinError {
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            is_unread: false,
        }
    }
}

impl std::fmt::Display for BuiltinError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for BuiltinError {}
