//! JSON Web Tokens. What decodes one verifies nothing.

use data_encoding::BASE64URL_NOPAD;
use regorus::Value;

use super::arguments::{BuiltinError, text, wrong};
use super::digests::{Signing, hex, is_signed};

/// Header, claims, and the signature in hexadecimal digits.
pub(super) fn decode(values: &[Value]) -> Result<Value, BuiltinError> {
    let [header, claims, signature] = parts(text(values, 0)?)?;
    Ok(Value::from(vec![
        document(header)?,
        document(claims)?,
        Value::from(hex(&bytes(signature)?)),
    ]))
}

pub(super) fn verify_hs256(values: &[Value]) -> Result<Value, BuiltinError> {
    verify(values, Signing::Hs256)
}

pub(super) fn verify_hs384(values: &[Value]) -> Result<Value, BuiltinError> {
    verify(values, Signing::Hs384)
}

pub(super) fn verify_hs512(values: &[Value]) -> Result<Value, BuiltinError> {
    verify(values, Signing::Hs512)
}

fn verify(values: &[Value], signing: Signing) -> Result<Value, BuiltinError> {
    let token = text(values, 0)?;
    let [_, _, signature] = parts(token)?;
    let signed = token.rsplit_once('.').unwrap_or_default().0;
    let key = text(values, 1)?.as_bytes();
    let is_signed = is_signed(signing, signed.as_bytes(), key, &bytes(signature)?)?;
    Ok(Value::from(is_signed))
}

fn parts(token: &str) -> Result<[&str; 3], BuiltinError> {
    let parts: Vec<_> = token.split('.').collect();
    <[&str; 3]>::try_from(parts).map_err(|_| wrong("not a token of three parts"))
}

fn document(part: &str) -> Result<Value, BuiltinError> {
    let text = String::from_utf8(bytes(part)?).map_err(|_| wrong("a part is not UTF-8"))?;
    match Value::from_json_str(&text) {
        Ok(document @ Value::Object(_)) => Ok(document),
        Ok(_) | Err(_) => Err(wrong("a part is not a JSON object")),
    }
}

fn bytes(part: &str) -> Result<Vec<u8>, BuiltinError> {
    BASE64URL_NOPAD
        .decode(part.trim_end_matches('=').as_bytes())
        .map_err(|_| wrong("a part is not base64url"))
}
