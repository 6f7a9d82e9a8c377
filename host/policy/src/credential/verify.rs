//! Verifying a credential: signature, issuer, validity, scope, audience.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signature;

use super::delegation::{descend, parts};
use super::error::CredentialError;
use super::holder::{HolderKey, holder};
use super::status::{self, Status, StatusRef};
use super::{CLOCK_SKEW, CONTEXT, MEDIA_TYPE, TOKEN_BYTES_MAX, public_key};
use crate::digest::Digest;
use crate::grant::Grant;
use crate::json::{Document, JsonLimits, Value};
use crate::request::{Proof, Subject};
use crate::revocation::Tokens;
use crate::scope::{Scope, read_details};
use crate::session::SessionOwner;
use crate::timestamp::Timestamp;

const LIMITS: JsonLimits = JsonLimits {
    bytes_max: TOKEN_BYTES_MAX,
    depth_max: 16,
    nodes_max: 4096,
};

/// An issuer that the operator trusts, and how far.
#[derive(Clone, Debug)]
pub struct TrustAnchor {
    /// The issuer's `did:key`.
    pub issuer: String,
    /// The widest scopes its credentials may carry.
    pub scopes: Vec<Scope>,
    /// The longest time between `validFrom` and `validUntil`.
    pub lifetime_max: Duration,
    /// The claim, beside `credentialSubject`, that names the task at which the agent
    /// works; each credential must have it then. None: an agent has one session for
    /// each principal.
    pub task_claim: Option<String>,
    /// How long what a session carries is kept after its last credential has ended.
    pub session_kept: Duration,
    /// The addresses of its status lists: each, or where it ends in `/` everything below.
    /// A credential that stands in another list is refused.
    pub status_lists: Vec<String>,
    /// How long a list that is stale still counts for tools that are pinned read-only.
    pub status_grace: Duration,
}

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
    let (_, header, payload, _) = split(parts(token).0)?;
    Ok(Unverified { header, payload })
}

/// Verifies a credential, or a chain that begins with one, at a time. Whether somebody
/// holds the key that it is bound to is for its caller to find out. `audience` is the
/// name of this gate, where the operator gave it one: a credential that names audiences
/// must name it.
pub fn verify(
    token: &str,
    anchors: &[TrustAnchor],
    audience: Option<&str>,
    now: Timestamp,
) -> Result<Grant, CredentialError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(CredentialError::TooLong);
    }
    let (signed, header, payload, signature) = split(parts(token).0)?;
    let (header, claims) = (header.root(), payload.root());
    check_header(header)?;

    let issuer = text(claims, "issuer")?;
    let anchor = anchors
        .iter()
        .find(|anchor| anchor.issuer == issuer)
        .ok_or_else(|| CredentialError::UntrustedIssuer(issuer.clone()))?;
    check_key_id(header, &issuer)?;
    public_key(&issuer)
        .map_err(|_| CredentialError::UntrustedIssuer(issuer.clone()))?
        .verify_strict(signed.as_bytes(), &signature)
        .map_err(|_| CredentialError::BadSignature)?;

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
    let status = status_of(claims, anchor)?;
    let owner = SessionOwner {
        agent: &agent,
        issuer: &issuer,
        principal: Some(&principal),
        task: task.as_deref(),
    };
    let session = owner.session();
    let holder = bound_to(claims, subject)?;
    let credential = Digest::of(parts(token).0.as_bytes());
    let mut tokens = Tokens::of(claims, credential);
    tokens.own.extend(holder.as_ref().map(HolderKey::to_string));
    let grant = Grant::new(
        Subject {
            id: agent,
            issuer,
            principal: Some(principal),
            owner: None,
            delegation: Vec::new(),
            scopes: scopes.iter().map(Scope::to_string).collect(),
            proof: Proof::Bearer,
            expires_at,
        },
        scopes,
        session,
        credential,
        // The skew was granted above; later checks need not grant it again.
        Timestamp(not_before.0.min(now.0)),
    );
    let grant = Grant {
        session_ends: expires_at.plus(anchor.session_kept),
        status: std::sync::Arc::new(status),
        tokens: std::sync::Arc::new(tokens),
        holder,
        ..grant
    };
    let names_gate = |name: Value<'_>| audience.is_some() && name.as_text().as_deref() == audience;
    descend(grant, token, &names_gate, now)
}

/// RFC 7800: whoever shows it must prove that it holds this key.
fn bound_to(claims: Value<'_>, subject: Value<'_>) -> Result<Option<HolderKey>, CredentialError> {
    match (holder(claims)?, holder(subject)?) {
        (Some(_), Some(_)) => Err(wrong("cnf", "stands in two places")),
        (one, other) => Ok(one.or(other)),
    }
}

/// The status lists that a credential stands in, each one of its issuer's.
fn status_of(claims: Value<'_>, anchor: &TrustAnchor) -> Result<Status, CredentialError> {
    let refs = status::read(claims);
    let refs = refs.map_err(|error| wrong(error.member, error.problem))?;
    let is_listed = |place: &StatusRef| {
        let list = &*place.list;
        let is_below = |address: &String| address.ends_with('/') && list.starts_with(&**address);
        let mut addresses = anchor.status_lists.iter();
        addresses.any(|address| *address == *list || is_below(address))
    };
    if !refs.iter().all(is_listed) {
        let problem = "names a status list that is not one of its issuer's at this gate";
        return Err(wrong("credentialStatus", problem));
    }
    Ok(Status {
        refs,
        issuer: anchor.issuer.as_str().into(),
        grace: anchor.status_grace,
    })
}

/// What the agent works at, where its issuer is trusted to say so. A credential that
/// leaves it out would be one for no task, beside those for each.
fn task(claims: Value<'_>, anchor: &TrustAnchor) -> Result<Option<String>, CredentialError> {
    let Some(claim) = &anchor.task_claim else {
        return Ok(None);
    };
    let task = claims.get(claim).and_then(|task| task.as_text());
    let task = task.filter(|task| !task.is_empty());
    let task = task.ok_or_else(|| CredentialError::NoTask(claim.clone()))?;
    Ok(Some(task.into_owned()))
}

fn split(token: &str) -> Result<(&str, Document, Document, Signature), CredentialError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(CredentialError::TooLong);
    }
    let bad = || CredentialError::NotCompactJws;
    let (signed, signature) = token.rsplit_once('.').ok_or_else(bad)?;
    let (header, payload) = signed.split_once('.').ok_or_else(bad)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| bad());
    let signature = Signature::from_slice(&decode(signature)?).map_err(|_| bad())?;
    let header = Document::parse_bytes(&decode(header)?, &LIMITS)?;
    let payload = Document::parse_bytes(&decode(payload)?, &LIMITS)?;
    Ok((signed, header, payload, signature))
}

fn check_header(header: Value<'_>) -> Result<(), CredentialError> {
    if text(header, "alg")? != "EdDSA" {
        return Err(wrong("alg", "is not `EdDSA`"));
    }
    if !text(header, "typ")?.eq_ignore_ascii_case(MEDIA_TYPE) {
        return Err(wrong("typ", "is not `vc+jwt`"));
    }
    if header.get("crit").is_some() {
        return Err(wrong("crit", "names extensions that are not supported"));
    }
    Ok(())
}

/// A `kid`, where there is one, names the issuer's only key.
fn check_key_id(header: Value<'_>, issuer: &str) -> Result<(), CredentialError> {
    if header.get("kid").is_none() {
        return Ok(());
    }
    let key = text(header, "kid")?;
    let fragment = issuer.trim_start_matches("did:key:");
    if key == issuer || key == format!("{issuer}#{fragment}") {
        return Ok(());
    }
    Err(wrong("kid", "is not a key of the issuer"))
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

fn text(object: Value<'_>, member: &'static str) -> Result<String, CredentialError> {
    object
        .get(member)
        .ok_or_else(|| missing(member))?
        .as_text()
        .filter(|text| !text.is_empty())
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(|| wrong(member, "is not text"))
}

fn missing(member: &'static str) -> CredentialError {
    wrong(member, "is missing")
}

fn wrong(member: &'static str, problem: &'static str) -> CredentialError {
    CredentialError::Member { member, problem }
}
