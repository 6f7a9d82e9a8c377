//! Members of a header or of claims, read strictly.

use std::borrow::Cow;

use super::error::CredentialError;
use crate::json::Value;

/// A text that is not empty.
pub(super) fn text(object: Value<'_>, member: &'static str) -> Result<String, CredentialError> {
    object
        .get(member)
        .ok_or_else(|| missing(member))?
        .as_text()
        .filter(|text| !text.is_empty())
        .map(Cow::into_owned)
        .ok_or_else(|| wrong(member, "is not text"))
}

/// Seconds since 1970, where the member is there.
pub(super) fn seconds(
    object: Value<'_>,
    member: &'static str,
) -> Result<Option<u64>, CredentialError> {
    let Some(value) = object.get(member) else {
        return Ok(None);
    };
    value
        .as_i64()
        .and_then(|seconds| u64::try_from(seconds).ok())
        // Later than anything that a clock can say is no time.
        .filter(|seconds| *seconds <= u64::MAX / 1000)
        .map(Some)
        .ok_or_else(|| wrong(member, "is not a time"))
}

pub(super) const fn missing(member: &'static str) -> CredentialError {
    wrong(member, "is missing")
}

pub(super) const fn wrong(member: &'static str, problem: &'static str) -> CredentialError {
    CredentialError::Member { member, problem }
}
