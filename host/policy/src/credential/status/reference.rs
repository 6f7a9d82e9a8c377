//! In which lists a credential stands.

use std::sync::Arc;
use std::time::Duration;

use crate::json::{Kind, Value};

/// Lists that one credential may stand in.
pub const STATUSES_MAX: usize = 4;

/// Longest address of a list, in bytes.
const ADDRESS_BYTES_MAX: usize = 1024;

/// A place in a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatusRef {
    /// The address of the list.
    pub list: Arc<str>,
    /// Which entry of it.
    pub index: u64,
    /// What kind of list it must be.
    pub kind: ListKind,
}

/// What kind of list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// Token Status List: an entry says what it is.
    Token,
    /// Bitstring Status List whose entries that are set were revoked.
    Revocation,
    /// Bitstring Status List whose entries that are set were suspended.
    Suspension,
}

impl ListKind {
    /// What is meant by an entry that is set, as Bitstring Status Lists say it.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Token | Self::Revocation => "revocation",
            Self::Suspension => "suspension",
        }
    }
}

/// What a gate needs to know of the status of a credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Its places in lists.
    pub refs: Vec<StatusRef>,
    /// Whose lists they are: the issuer of the credential.
    pub issuer: Arc<str>,
    /// How long a list that is not fresh any more still counts for tools that are pinned
    /// read-only.
    pub grace: Duration,
}

/// A member that names lists, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{member}` {problem}")]
pub struct StatusRefError {
    /// Which.
    pub member: &'static str,
    /// What is wrong.
    pub problem: &'static str,
}

/// The places in lists that the claims of a credential name: `credentialStatus` (Bitstring
/// Status List v1.0) and `status.status_list` (Token Status List). What is there and not
/// understood is an error: nobody may overlook it.
pub fn read(claims: Value<'_>) -> Result<Vec<StatusRef>, StatusRefError> {
    let mut refs = Vec::new();
    if let Some(status) = claims.get("credentialStatus") {
        match status.kind() {
            Kind::Array(_) => {
                for status in status.elements() {
                    refs.push(bitstring(status)?);
                }
            }
            _one => refs.push(bitstring(status)?),
        }
    }
    if let Some(status) = claims.get("status") {
        refs.push(token(status)?);
    }
    if refs.len() > STATUSES_MAX {
        return Err(wrong("credentialStatus", "names too many lists"));
    }
    Ok(refs)
}

fn bitstring(status: Value<'_>) -> Result<StatusRef, StatusRefError> {
    const MEMBER: &str = "credentialStatus";
    let text = |member: &str| status.get(member).and_then(|value| value.as_text());
    if text("type").as_deref() != Some("BitstringStatusListEntry") {
        return Err(wrong(MEMBER, "is not a BitstringStatusListEntry"));
    }
    let kind = match text("statusPurpose").as_deref() {
        Some("revocation") => ListKind::Revocation,
        Some("suspension") => ListKind::Suspension,
        Some(_) | None => return Err(wrong(MEMBER, "has a purpose that is not known here")),
    };
    if let Some(size) = status.get("statusSize")
        && size.as_i64() != Some(1)
    {
        return Err(wrong(MEMBER, "has entries of more than one bit"));
    }
    // A string of digits, as the specification wants it.
    let index = text("statusListIndex");
    let index = index.filter(|index| index.bytes().all(|digit| digit.is_ascii_digit()));
    let index = index.and_then(|index| index.parse().ok());
    Ok(StatusRef {
        list: address(MEMBER, text("statusListCredential").as_deref())?,
        index: index.ok_or_else(|| wrong(MEMBER, "has no index"))?,
        kind,
    })
}

fn token(status: Value<'_>) -> Result<StatusRef, StatusRefError> {
    const MEMBER: &str = "status";
    let mechanisms = status.members().count();
    let Some(list) = status.get("status_list").filter(|_| mechanisms == 1) else {
        return Err(wrong(MEMBER, "is not one status list"));
    };
    let index = list.get("idx").and_then(|index| index.as_i64());
    let index = index.and_then(|index| u64::try_from(index).ok());
    let uri = list.get("uri").and_then(|uri| uri.as_text());
    Ok(StatusRef {
        list: address(MEMBER, uri.as_deref())?,
        index: index.ok_or_else(|| wrong(MEMBER, "has no index"))?,
        kind: ListKind::Token,
    })
}

fn address(member: &'static str, text: Option<&str>) -> Result<Arc<str>, StatusRefError> {
    let is_plain = |text: &&str| {
        let is_http = text.starts_with("https://") || text.starts_with("http://");
        is_http
            && text.len() <= ADDRESS_BYTES_MAX
            && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let text = text.filter(is_plain);
    let text = text.ok_or_else(|| wrong(member, "names no list by an http or https URL"))?;
    Ok(Arc::from(text))
}

const fn wrong(member: &'static str, problem: &'static str) -> StatusRefError {
    StatusRefError { member, problem }
}
