//! Digests and codes of texts, in hexadecimal digits.

use hmac::digest::block_api::EagerHash;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use regorus::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::arguments::{BuiltinError, text, wrong};

pub(super) fn md5(values: &[Value]) -> Result<Value, BuiltinError> {
    digest::<Md5>(values)
}

pub(super) fn sha1(values: &[Value]) -> Result<Value, BuiltinError> {
    digest::<Sha1>(values)
}

pub(super) fn sha256(values: &[Value]) -> Result<Value, BuiltinError> {
    digest::<Sha256>(values)
}

pub(super) fn hmac_md5(values: &[Value]) -> Result<Value, BuiltinError> {
    code_in_hex::<Md5>(values)
}

pub(super) fn hmac_sha1(values: &[Value]) -> Result<Value, BuiltinError> {
    code_in_hex::<Sha1>(values)
}

pub(super) fn hmac_sha256(values: &[Value]) -> Result<Value, BuiltinError> {
    code_in_hex::<Sha256>(values)
}

pub(super) fn hmac_sha512(values: &[Value]) -> Result<Value, BuiltinError> {
    code_in_hex::<Sha512>(values)
}

fn digest<D: Digest>(values: &[Value]) -> Result<Value, BuiltinError> {
    Ok(Value::from(hex(&D::digest(text(values, 0)?))))
}

fn code_in_hex<D: EagerHash>(values: &[Value]) -> Result<Value, BuiltinError> {
    let code = code::<D>(text(values, 0)?.as_bytes(), text(values, 1)?.as_bytes())?;
    Ok(Value::from(hex(&code.finalize().into_bytes())))
}

fn code<D: EagerHash>(text: &[u8], key: &[u8]) -> Result<Hmac<D>, BuiltinError> {
    let code = <Hmac<D> as KeyInit>::new_from_slice(key);
    let mut code = code.map_err(|_| wrong("the key does not fit"))?;
    code.update(text);
    Ok(code)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect()
}
