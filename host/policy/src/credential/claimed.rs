//! What the last part of a credential, or of a chain, claims. Nothing of it is verified.

use super::error::CredentialError;
use super::holder::{HolderKey, holder};
use super::verify::inspect;
use super::{LINK, TOKEN_BYTES_MAX};
use crate::json::Value;
use crate::scope::{Scope, read_own_details};
use crate::timestamp::Timestamp;

/// What a credential, or the last link of a chain, claims.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The agent.
    pub agent: String,
    /// What it may call.
    pub scopes: Vec<Scope>,
    /// The key that it is bound to.
    pub holder: Option<HolderKey>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How many links it is from the credential that its issuer signed.
    pub depth: usize,
}

/// Reads what is claimed, for whoever delegates.
pub fn claimed(chain: &str) -> Result<Claimed, CredentialError> {
    if chain.len() > TOKEN_BYTES_MAX {
        return Err(CredentialError::TooLong);
    }
    let last = chain.rsplit(LINK).next().unwrap_or_default();
    let read = inspect(last)?;
    let claims = read.payload.root();
    let subject = claims.get("credentialSubject");
    let member = |name| claims.get(name).or(subject.and_then(|it| it.get(name)));
    let missing = |member| CredentialError::Member {
        member,
        problem: "is missing, or not what it should be",
    };
    let text =
        |value: Option<Value<'_>>| value.and_then(|it| it.as_text().map(|it| it.into_owned()));
    let details =
        member("authorization_details").ok_or_else(|| missing("authorization_details"))?;
    let seconds = claims.get("exp").and_then(|it| it.as_i64());
    let seconds = seconds.and_then(|it| u64::try_from(it).ok());
    let bound = match subject {
        Some(subject) if claims.get("cnf").is_none() => holder(subject)?,
        Some(_) | None => holder(claims)?,
    };
    Ok(Claimed {
        agent: text(subject.and_then(|it| it.get("id")))
            .or_else(|| text(claims.get("act").and_then(|it| it.get("sub"))))
            .or_else(|| text(claims.get("client_id")))
            .or_else(|| text(claims.get("azp")))
            .or_else(|| text(claims.get("sub")))
            .ok_or_else(|| missing("sub"))?,
        scopes: read_own_details(details)?,
        holder: bound,
        expires_at: Timestamp::from_seconds(seconds.ok_or_else(|| missing("exp"))?),
        depth: chain.matches(LINK).count(),
    })
}
