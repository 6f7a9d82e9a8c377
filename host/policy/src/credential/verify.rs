//! Verifying a credential: signature, issuer, validity, scope, audience. Which envelope
//! it has decides which rules hold; here are those of verifiable credentials.

use std::sync::Arc;

use super::anchor::{Envelope, TrustAnchor};
use super::claims::facts;
use super::delegation::{descend, parts};
use super::error::CredentialError;
use super::holder::{HolderKey, holder};
use super::jose::Jws;
use super::key_name::key_name;
use super::listed::status_of;
use super::members::{missing, text, wrong};
use super::task::task;
use super::token::{self, Here};
use super::{CLOCK_SKEW, CONTEXT, MEDIA_TYPE, TOKEN_BYTES_MAX};
use crate::grant::Grant;
use crate::json::{Document, Value};
use crate::request::{Proof, Subject};
use crate::revocation::Tokens;
use crate::scope::{Scope, read_details};
use crate::session::SessionOwner;
use crate::timestamp::Timestamp;

/// What a credential claims. Nothing of it is verified.
#[derive(Clone, Debug)]
pub struct Unverified {
    /// The JOSE header.
    pub header: Document,
    /// The claims.
    pub payload: Document,
}

/// Takes a credential apart without verifying anything; of a chain, what it begins with.
pub fn inspect(token: &str) -> Result<Unverified, CredentialError> {
    let Jws {
        header, payload, ..
    } = Jws::split(parts(token).0)?;
    Ok(Unverified { header, payload })
}

/// Verifies a credential, or a chain that begins with one, at a time. Whether somebody
/// holds the key that it is bound to is for its caller to find out. `audience` is the
/// name of this gate, where the operator gave it one: a credential that names audiences
/// must name it. A token that is for one endpoint is refused: see [`verify_here`].
pub fn verify(
    token: &str,
    anchors: &[TrustAnchor],
    audience: Option<&str>,
    now: Timestamp,
) -> Result<Grant, CredentialError> {
    let here = Here {
        audience,
        resources: &[],
    };
    verify_here(token, anchors, &here, now)
}

/// The same at an endpoint. The grant says for which ones it is: whoever keeps it asks
/// [`Grant::is_for`] at the next one.
pub fn verify_here(
    token: &str,
    anchors: &[TrustAnchor],
    here: &Here<'_>,
    now: Timestamp,
) -> Result<Grant, CredentialError> {
    // Of a chain, the parts share one bound.
    if token.len() > TOKEN_BYTES_MAX {
        return Err(CredentialError::TooLong);
    }
    let jws = Jws::split(parts(token).0)?;
    jws.check_header()?;
    let typ = jws.media_type()?;
    let is_credential = typ.is_some_and(|typ| typ.eq_ignore_ascii_case(MEDIA_TYPE));
    let issues_tokens = |anchor: &TrustAnchor| anchor.token_rules().is_some();
    let grant = if is_credential {
        credential(&jws, anchors, here.audience, now)
    } else if anchors.iter().any(issues_tokens) {
        let anchor = token::anchor_of(jws.payload.root(), anchors)?;
        token::verify(&jws, anchor, here, now)
    } else {
        Err(wrong("typ", "is not `vc+jwt`"))
    }?;
    let mut tokens = Tokens::of(jws.payload.root(), jws.digest());
    tokens
        .own
        .extend(grant.holder.as_ref().map(HolderKey::to_string));
    let grant = Grant {
        tokens: Arc::new(tokens),
        ..grant
    };
    let audience = here.audience;
    let names_gate = |name: Value<'_>| audience.is_some() && name.as_text().as_deref() == audience;
    descend(grant, token, &names_gate, now)
}

/// Verifies a `vc+jwt`.
fn credential(
    jws: &Jws<'_>,
    anchors: &[TrustAnchor],
    audience: Option<&str>,
    now: Timestamp,
) -> Result<Grant, CredentialError> {
    let claims = jws.payload.root();
    let issuer = text(claims, "issuer")?;
    let anchor = anchors
        .iter()
        .find(|anchor| anchor.issuer == issuer)
        .ok_or_else(|| CredentialError::UntrustedIssuer(issuer.clone()))?;
    let named = match &anchor.envelope {
        Envelope::Credential { facts } => facts,
        Envelope::Token(_) => return Err(wrong("typ", "is not one of its issuer")),
    };
    let key = jws.key_id()?.map(|kid| key_name(&kid, &issuer));
    let key = key.transpose()?.flatten();
    jws.verify(anchor, key.as_deref(), now)?;

    check_data_model(claims)?;
    let (not_before, expires_at) = validity(claims)?;
    if now.plus(CLOCK_SKEW) < not_before {
        return Err(CredentialError::NotYetValid(not_before));
    }
    if now >= expires_at {
        return Err(CredentialError::Expired(expires_at));
    }
    if expires_at.since(not_before) > anchor.lifetime_max {
        return Err(CredentialError::LivesTooLong);
    }
    check_audience(claims, audience)?;

    let subject = claims
        .get("credentialSubject")
        .ok_or_else(|| missing("credentialSubject"))?;
    let agent = text(subject, "id")?;
    let principal = text(subject, "principal")?;
    let scopes = scopes(subject)?;
    for scope in &scopes {
        if !anchor.scopes.iter().any(|widest| widest.subsumes(scope)) {
            return Err(CredentialError::ScopeTooWide(scope.clone()));
        }
    }
    registered_claims_agree(claims, &issuer, &agent)?;
    let task = task(claims, anchor)?;
    let owner = SessionOwner {
        agent: &agent,
        issuer: &issuer,
        principal: Some(&principal),
        task: task.as_deref(),
    };
    let session = owner.session();
    let grant = Grant::new(
        Subject {
            id: agent,
            issuer,
            principal: Some(principal),
            owner: None,
            delegation: Vec::new(),
            delegated_by: Vec::new(),
            scopes: scopes.iter().map(Scope::to_string).collect(),
            proof: Proof::Bearer,
            expires_at,
            claims: facts(named, claims)?,
        },
        scopes,
        session,
        jws.digest(),
        // The skew was granted above; later checks need not grant it again.
        Timestamp(not_before.0.min(now.0)),
    );
    Ok(Grant {
        session_ends: expires_at.plus(anchor.session_kept),
        status: Arc::new(status_of(claims, anchor)?),
        holder: bound_to(claims, subject)?,
        ..grant
    })
}

/// RFC 7800: whoever shows it must prove that it holds this key.
fn bound_to(claims: Value<'_>, subject: Value<'_>) -> Result<Option<HolderKey>, CredentialError> {
    match (holder(claims)?, holder(subject)?) {
        (Some(_), Some(_)) => Err(wrong("cnf", "stands in two places")),
        (one, other) => Ok(one.or(other)),
    }
}

fn check_data_model(claims: Value<'_>) -> Result<(), CredentialError> {
    let first_context = claims
        .get("@context")
        .and_then(|contexts| contexts.elements().next());
    if first_context
        .and_then(|context| context.as_text())
        .as_deref()
        != Some(CONTEXT)
    {
        return Err(wrong(
            "@context",
            "does not begin with the VCDM 2.0 context",
        ));
    }
    let types = claims.get("type").ok_or_else(|| missing("type"))?;
    let is_credential =
        |value: &Value<'_>| value.as_text().as_deref() == Some("VerifiableCredential");
    if !(is_credential(&types) || types.elements().any(|one| is_credential(&one))) {
        return Err(wrong("type", "does not name `VerifiableCredential`"));
    }
    // VC-JOSE-COSE, 1.1.2.1: the claims are the credential itself.
    for (member, name) in [("vc", "vc"), ("vp", "vp")] {
        if claims.get(name).is_some() {
            return Err(wrong(member, "must not be there"));
        }
    }
    Ok(())
}

fn validity(claims: Value<'_>) -> Result<(Timestamp, Timestamp), CredentialError> {
    let time = |member: &'static str| {
        Timestamp::parse(&text(claims, member)?)
            .ok_or_else(|| wrong(member, "is not an RFC 3339 time"))
    };
    let (not_before, expires_at) = (time("validFrom")?, time("validUntil")?);
    for (member, bound) in [("nbf", not_before), ("exp", expires_at)] {
        if let Some(value) = claims.get(member) {
            let agrees = value
                .as_i64()
                .and_then(|seconds| u64::try_from(seconds).ok())
                == Some(bound.seconds());
            if !agrees {
                return Err(wrong(member, "disagrees with validFrom or validUntil"));
            }
        }
    }
    if expires_at <= not_before {
        return Err(wrong("validUntil", "is not after validFrom"));
    }
    if let Some(issued) = claims.get("iat") {
        let issued = issued
            .as_i64()
            .ok_or_else(|| wrong("iat", "is not a time"))?;
        if u64::try_from(issued).is_ok_and(|issued| issued >= expires_at.seconds()) {
            return Err(wrong("iat", "is not before validUntil"));
        }
    }
    Ok((not_before, expires_at))
}

fn check_audience(claims: Value<'_>, audience: Option<&str>) -> Result<(), CredentialError> {
    let Some(claimed) = claims.get("aud") else {
        return Ok(());
    };
    let named = |value: &Value<'_>| value.as_text().as_deref() == audience && audience.is_some();
    if named(&claimed) || claimed.elements().any(|one| named(&one)) {
        return Ok(());
    }
    Err(CredentialError::WrongAudience)
}

fn scopes(subject: Value<'_>) -> Result<Vec<Scope>, CredentialError> {
    let details = subject
        .get("authorization_details")
        .ok_or_else(|| missing("credentialSubject.authorization_details"))?;
    Ok(read_details(details)?)
}

/// `iss`, `sub` and `jti`, where they stand, say what the credential says.
fn registered_claims_agree(
    claims: Value<'_>,
    issuer: &str,
    agent: &str,
) -> Result<(), CredentialError> {
    for (member, expected) in [("iss", issuer), ("sub", agent)] {
        if claims.get(member).is_some() && text(claims, member)? != expected {
            return Err(wrong(member, "disagrees with the credential"));
        }
    }
    let optional = |member| claims.get(member).map(|_| text(claims, member)).transpose();
    let (id, token_id) = (optional("id")?, optional("jti")?);
    match (&id, &token_id) {
        (Some(id), Some(token_id)) if id != token_id => {
            Err(wrong("jti", "disagrees with the credential"))
        }
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}
