//! ID tokens (OpenID Connect Core 1.0): what an identity provider says to one client about
//! somebody who signed in just now. Nobody may call anything with one.

use std::time::Duration;

use super::algorithm::Algorithm;
use super::claims::{ClaimPath, first_text, values};
use super::error::CredentialError;
use super::jose::Jws;
use super::key_set::KeySet;
use super::members::{missing, seconds, text, wrong};
use super::{CLOCK_SKEW, TokenType};
use crate::json::{Kind, Value};
use crate::timestamp::Timestamp;

/// What an ID token must be to count.
#[derive(Clone, Copy, Debug)]
pub struct IdTokenRules<'a> {
    /// Who issues it.
    pub issuer: &'a str,
    /// Whom it is for, and nobody else.
    pub client_id: &'a str,
    /// What the sign-in that it answers was begun with.
    pub nonce: &'a str,
    /// How it may be signed.
    pub algorithms: &'a [Algorithm],
    /// The claim with the name of the person.
    pub name: &'a ClaimPath,
    /// The claim with their groups.
    pub groups: &'a ClaimPath,
}

/// Who signed in, as their identity provider has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who: stays the same for one issuer, whatever they are called.
    pub subject: String,
    /// What they are called.
    pub name: String,
    /// The groups that they are in.
    pub groups: Vec<String>,
}

/// Longest subject, in bytes (OpenID Connect Core, 2).
const SUBJECT_BYTES_MAX: usize = 255;

/// An ID token is shown as soon as it is made; one that is older was kept by somebody.
const AGE_MAX: Duration = Duration::from_secs(600);

/// Verifies one (OpenID Connect Core, 3.1.3.7).
pub fn verify_id_token(
    token: &str,
    keys: &KeySet,
    rules: &IdTokenRules<'_>,
    now: Timestamp,
) -> Result<SignedIn, CredentialError> {
    let jws = Jws::split(token)?;
    jws.check_header()?;
    let typ = TokenType::of(jws.media_type()?.as_deref());
    if ![TokenType::Absent, TokenType::of(Some("JWT"))].contains(&typ) {
        return Err(wrong("typ", "is not the one of an ID token"));
    }
    let claims = jws.payload.root();
    if text(claims, "iss")? != rules.issuer {
        return Err(wrong("iss", "is not the issuer that was asked"));
    }
    let algorithm = jws.algorithm(rules.algorithms)?;
    let key_id = jws.key_id()?;
    jws.verify_by(keys, rules.issuer, algorithm, key_id.as_deref())?;

    check_client(claims, rules.client_id)?;
    check_times(claims, now)?;
    if text(claims, "nonce")? != rules.nonce {
        return Err(wrong("nonce", "is not of the sign-in that it answers"));
    }
    // A logout token (OpenID Connect Back-Channel Logout, 2.4) looks much like one.
    if claims.get("events").is_some() {
        return Err(wrong("events", "is not of an ID token"));
    }
    let subject = text(claims, "sub")?;
    if subject.len() > SUBJECT_BYTES_MAX || subject.contains(char::is_control) {
        return Err(wrong("sub", "is not a text of at most 255 bytes"));
    }
    let groups = match rules.groups.find(claims) {
        Some(groups) => values(rules.groups, groups)?,
        None => Vec::new(),
    };
    Ok(SignedIn {
        subject,
        name: first_text(std::slice::from_ref(rules.name), claims, "name")?,
        groups,
    })
}

/// For this client alone: what names others too, they could have handed on.
fn check_client(claims: Value<'_>, client_id: &str) -> Result<(), CredentialError> {
    let audience = claims.get("aud").ok_or_else(|| missing("aud"))?;
    let only = match audience.kind() {
        Kind::Array(1) => audience.elements().next().and_then(|one| one.as_text()),
        Kind::Array(_) => None,
        Kind::Text | Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Object(_) => {
            audience.as_text()
        }
    };
    if only.as_deref() != Some(client_id) {
        return Err(CredentialError::WrongAudience);
    }
    match claims.get("azp").map(|party| party.as_text()) {
        None => Ok(()),
        Some(party) if party.as_deref() == Some(client_id) => Ok(()),
        Some(_) => Err(wrong("azp", "is another client")),
    }
}

fn check_times(claims: Value<'_>, now: Timestamp) -> Result<(), CredentialError> {
    let time = |member| seconds(claims, member).map(|seconds| seconds.map(Timestamp::from_seconds));
    let ends = time("exp")?.ok_or_else(|| missing("exp"))?;
    let issued = time("iat")?.ok_or_else(|| missing("iat"))?;
    let begins = issued.max(time("nbf")?.unwrap_or(issued));
    if ends <= begins {
        return Err(wrong("exp", "is not after `iat` and `nbf`"));
    }
    if now.plus(CLOCK_SKEW) < begins {
        return Err(CredentialError::NotYetValid(begins));
    }
    if now >= ends {
        return Err(CredentialError::Expired(ends));
    }
    match now.since(issued) > AGE_MAX {
        true => Err(wrong(
            "iat",
            "is too long ago for somebody who signs in now",
        )),
        false => Ok(()),
    }
}
