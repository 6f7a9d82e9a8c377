//! Numbers that are no integers of 64 bits: Cedar has none of them, only
//! decimals with four digits after the point.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cedar_policy_core::ast::{Literal, Name, PartialValue, Value, ValueKind};
use cedar_policy_core::extensions::Extensions;
use gatewright_sdk::Pointer;

/// The member that holds the text of a number which Cedar does not have.
const NUMBER: &str = "number";

/// The function that makes decimals; its name is not parsed for every number.
static DECIMAL: LazyLock<Result<Name, String>> = LazyLock::new(|| parse("decimal"));

/// Any member, or any element, in the path of a place.
const ANY: &str = "*";

/// The places in the arguments whose numbers are decimals.
#[derive(Debug, Default)]
pub(crate) struct Decimals {
    is_decimal: bool,
    below: BTreeMap<String, Decimals>,
}

/// A number that Cedar does not have: a record around its text, which is equal
/// to no number, and which no comparison takes.
pub(crate) fn opaque(text: String) -> Value {
    Value::record([(NUMBER, Value::from(text))], None)
}

/// A `decimal`, of a number written without an exponent.
pub(crate) fn decimal(text: &str) -> Result<Value, String> {
    let text = match text.contains('.') {
        true => text.to_owned(),
        false => format!("{text}.0"),
    };
    let name = DECIMAL.as_ref().map_err(Clone::clone)?;
    match extension(name, &text)? {
        Some(value) => Ok(value),
        None => Err(format!(
            "`{text}` is not a decimal with at most four digits after the point, in 64 bits"
        )),
    }
}

/// The text of a number that Cedar does not have.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    let ValueKind::Record(record) = value.value_kind() else {
        return None;
    };
    match (record.len(), record.get(NUMBER)?.value_kind()) {
        (1, ValueKind::Lit(Literal::String(text))) => Some(text.to_string()),
        _ => None,
    }
}

/// A value of an extension type, of the text that stands for it.
pub(crate) fn of_type(name: &str, text: &str) -> Result<Value, String> {
    let function = match name {
        "ipaddr" => "ip",
        other => other,
    };
    let made = extension(&parse(function)?, text)?;
    made.ok_or_else(|| format!("not the text of a `{name}`"))
}

/// Calls each function that makes a value of an extension: the tables that it
/// needs are made when it first runs, and should be before there are calls.
pub(crate) fn prepare() -> Result<(), String> {
    for (name, text) in [
        ("ip", "10.0.0.0/8"),
        ("datetime", "2026-01-01T00:00:00Z"),
        ("duration", "1d2h"),
    ] {
        extension(&parse(name)?, text)?;
    }
    decimal("1").map(|_| ())
}

fn parse(name: &str) -> Result<Name, String> {
    Name::parse_unqualified_name(name).map_err(|error| error.to_string())
}

fn extension(name: &Name, text: &str) -> Result<Option<Value>, String> {
    let function = Extensions::all_available()
        .func(name)
        .map_err(|error| error.to_string())?;
    Ok(match function.call(&[Value::from(text)]) {
        Ok(PartialValue::Value(value)) => Some(value),
        Ok(PartialValue::Residual(_)) | Err(_) => None,
    })
}

// === impl Decimals ===

impl Decimals {
    pub(crate) fn new(pointers: &[Pointer]) -> Self {
        let mut decimals = Self::default();
        for pointer in pointers {
            let mut place = &mut decimals;
            for token in pointer.tokens() {
                place = place.below.entry(token).or_default();
            }
            place.is_decimal = true;
        }
        decimals
    }

    pub(crate) const fn is_decimal(&self) -> bool {
        self.is_decimal
    }

    /// What holds for a member.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        if self.below.is_empty() {
            return None;
        }
        self.below.get(name).or_else(|| self.below.get(ANY))
    }

    /// What holds for every element. A set has no places: `*` it must be.
    pub(crate) fn element(&self) -> Option<&Self> {
        self.below.get(ANY)
    }
}
