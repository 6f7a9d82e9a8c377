//! Base64 as Go reads it: ends of lines are passed over, and so are bits that say nothing.

use std::sync::LazyLock;

use data_encoding::{BASE64, BASE64URL, Encoding};
use regorus::Value;

use super::arguments::{BuiltinError, text, wrong};

static STANDARD: LazyLock<Encoding> = LazyLock::new(|| lenient(&BASE64));
static OF_URLS: LazyLock<Encoding> = LazyLock::new(|| lenient(&BASE64URL));

pub(super) fn decode(values: &[Value]) -> Result<Value, BuiltinError> {
    decoded(&STANDARD, text(values, 0)?)
}

/// With what fills it up at the end, or without.
pub(super) fn decode_url(values: &[Value]) -> Result<Value, BuiltinError> {
    let text = text(values, 0)?;
    let missing = match (text.ends_with('='), text.len() % 4) {
        (true, _) | (false, 0) => "",
        (false, 2) => "==",
        (false, 3) => "=",
        (false, _) => return Err(wrong("the text is not in base64url")),
    };
    decoded(&OF_URLS, &format!("{text}{missing}"))
}

/// Whether a text is in base64; what is no text is not.
pub(super) fn is_valid(values: &[Value]) -> Result<Value, BuiltinError> {
    let is_valid = text(values, 0).is_ok_and(|text| STANDARD.decode(text.as_bytes()).is_ok());
    Ok(Value::from(is_valid))
}

fn decoded(encoding: &Encoding, text: &str) -> Result<Value, BuiltinError> {
    let bytes = encoding.decode(text.as_bytes());
    let bytes = bytes.map_err(|_| wrong("the text is not in base64"))?;
    Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned()))
}

fn lenient(strict: &Encoding) -> Encoding {
    let mut specification = strict.specification();
    specification.ignore.push_str("\r\n");
    specification.check_trailing_bits = false;
    // It is what the strict one is, with more that is passed over.
    specification.encoding().unwrap_or_else(|_| strict.clone())
}
