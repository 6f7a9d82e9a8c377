//! The arguments of a call, read once.

use gatewright_sdk::{Pointer, Request};
use serde_json::Value;

use crate::decimal::{self, Wrong};

/// The arguments of a call, read once. What is no integer is asked for again where it
/// counts, as it was written: nothing is judged by a float.
pub(crate) struct Arguments<'a> {
    request: &'a Request,
    pub(crate) root: Value,
}

impl<'a> Arguments<'a> {
    /// None where they hold a number beyond all bounds: it could be anything.
    pub(crate) fn of(request: &'a Request) -> Option<Self> {
        let json = request.json("")?;
        let root = serde_json::from_str(&json).ok()?;
        Some(Self { request, root })
    }

    /// The amount that stands at a pointer, in units of `10^-decimals`.
    pub(crate) fn amount(
        &self,
        value: &Value,
        pointer: impl FnOnce() -> Pointer,
        decimals: u32,
    ) -> Result<u128, Wrong> {
        match value {
            Value::String(text) => decimal::of_text(text, decimals),
            Value::Number(number) if number.is_u64() || number.is_i64() => {
                decimal::of_number(&number.to_string(), decimals)
            }
            // The text of a float is not what was written.
            Value::Number(_) => match self.request.json(pointer()) {
                Some(written) => decimal::of_number(&written, decimals),
                None => Err(Wrong::NoDecimal),
            },
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                Err(Wrong::NoDecimal)
            }
        }
    }
}
