//! Access tokens of OAuth (RFC 9068, and the plain ones that identity providers issue),
//! JWT-SVIDs of SPIFFE and tokens of Kubernetes service accounts: one verifier.

use std::sync::Arc;

use super::CLOCK_SKEW;
use super::anchor::{TokenKind, TokenRules, TokenType, TrustAnchor};
use super::error::CredentialError;
use super::holder::holder;
use super::jose::Jws;
use super::listed::status_of;
use super::members::{missing, seconds, text, wrong};
use super::sign_in::SignIn;
use super::task::task;
use crate::grant::Grant;
use crate::json::{Kind, Value};
use crate::request::{Proof, Subject};
use crate::scope::{Scope, read_own_details};
use crate::session::SessionOwner;
use crate::timestamp::Timestamp;

/// Where a credential is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Here<'a> {
    /// The name of this gate, where the operator gave it one.
    pub audience: Option<&'a str>,
    /// The URLs of what is asked (RFC 8707): the endpoint, and the whole gate.
    pub resources: &'a [String],
}

/// Most audiences of one token.
const AUDIENCES_MAX: u32 = 32;

/// Most agents between the principal and the one that asks.
const ACTORS_MAX: usize = 8;

/// Claims of an ID token (OpenID Connect Core, 2 and 3.3.2.11) and of a logout token.
/// An access token has none of them.
const CLAIMS_OF_ID_TOKENS: [&str; 5] = ["nonce", "at_hash", "c_hash", "s_hash", "events"];

/// SPIFFE ids are no longer than this, in bytes.
const SPIFFE_ID_BYTES_MAX: usize = 2048;

const SPIFFE: &str = "spiffe://";

/// The issuer that a token names, as far as anybody can say before it is verified.
pub(super) fn anchor_of<'a>(
    claims: Value<'_>,
    anchors: &'a [TrustAnchor],
) -> Result<(&'a TrustAnchor, &'a Arc<TokenRules>), CredentialError> {
    let issuer = match claims.get("iss") {
        Some(_) => Some(text(claims, "iss")?),
        None => None,
    };
    if let Some(issuer) = &issuer
        && let Some(anchor) = anchors.iter().find(|anchor| anchor.issuer == *issuer)
    {
        return match anchor.token_rules() {
            Some(rules) => Ok((anchor, rules)),
            None => Err(wrong("typ", "is not `vc+jwt`, which its issuer issues")),
        };
    }
    // A JWT-SVID is its trust domain's, whatever it says of its issuer.
    let subject = claims.get("sub").and_then(|subject| subject.as_text());
    let domain = subject.as_deref().and_then(trust_domain);
    let of_domain = |anchor: &&TrustAnchor| domain == Some(anchor.issuer.as_str());
    let found = anchors.iter().find(of_domain);
    match found.and_then(|anchor| Some((anchor, anchor.token_rules()?))) {
        Some(found) => Ok(found),
        None => Err(match issuer {
            Some(issuer) => CredentialError::UntrustedIssuer(issuer),
            None => missing("iss"),
        }),
    }
}

/// Verifies a token of an issuer of tokens.
pub(super) fn verify(
    jws: &Jws<'_>,
    (anchor, rules): (&TrustAnchor, &Arc<TokenRules>),
    here: &Here<'_>,
    now: Timestamp,
) -> Result<Grant, CredentialError> {
    let typ = TokenType::of(jws.media_type()?.as_deref());
    if !rules.types.contains(&typ) {
        return Err(wrong("typ", "is not one of its issuer"));
    }
    jws.verify(anchor, jws.key_id()?.as_deref(), now)?;

    let claims = jws.payload.root();
    let times = Times::of(claims, &typ)?;
    times.check(anchor, now)?;
    let subject = text(claims, "sub")?;
    match rules.kind {
        TokenKind::Oauth => {}
        TokenKind::Spiffe => check_spiffe_id(&subject, &anchor.issuer)?,
        TokenKind::Kubernetes => check_service_account(&subject)?,
    }
    let audience = audience(claims)?;
    let (agent, delegation) = agents(claims, rules)?;
    if !typ.is_access_token() {
        refuse_id_token(claims, &audience, &agent)?;
    }
    let endpoints = endpoints(audience, rules, here)?;
    let principal = rules.claims.principal(claims)?;
    let granted = rules.claims.scopes(claims, details(claims)?)?;
    // What the issuer may not grant is no part of the grant. Its tokens have scopes for
    // others than this gate too.
    let mut scopes = granted.scopes;
    scopes.retain(|scope| anchor.scopes.iter().any(|widest| widest.subsumes(scope)));
    let task = task(claims, anchor)?;
    let owner = SessionOwner {
        agent: &agent,
        issuer: &anchor.issuer,
        principal: principal.as_deref(),
        task: task.as_deref(),
    };
    let session = owner.session();
    let grant = Grant::new(
        Subject {
            id: agent,
            issuer: anchor.issuer.clone(),
            principal,
            owner: None,
            // An issuer that exchanges tokens says who acted, all of it.
            delegated_by: vec![anchor.issuer.clone(); delegation.len()],
            delegation,
            scopes: scopes.iter().map(Scope::to_string).collect(),
            proof: Proof::Bearer,
            expires_at: times.ends,
            claims: rules.claims.facts(claims)?,
        },
        scopes,
        session,
        jws.digest(),
        // The skew was granted already; later checks need not grant it again.
        Timestamp(times.begins.0.min(now.0)),
    );
    let sign_in = (rules.kind == TokenKind::Oauth)
        .then(|| SignIn::new(granted.held, anchor.scopes.clone(), Arc::clone(rules)));
    Ok(Grant {
        session_ends: times.ends.plus(anchor.session_kept),
        endpoints,
        holder: holder(claims)?,
        status: Arc::new(status_of(claims, anchor)?),
        sign_in: sign_in.map(Arc::new),
        ..grant
    })
}

/// When a token holds.
struct Times {
    issued: Option<Timestamp>,
    begins: Timestamp,
    ends: Timestamp,
}

impl Times {
    fn of(claims: Value<'_>, typ: &TokenType) -> Result<Self, CredentialError> {
        let time =
            |member| seconds(claims, member).map(|seconds| seconds.map(Timestamp::from_seconds));
        let (issued, not_before) = (time("iat")?, time("nbf")?);
        if issued.is_none() && typ.is_access_token() {
            return Err(missing("iat"));
        }
        let ends = time("exp")?.ok_or_else(|| missing("exp"))?;
        let begins = Timestamp(
            issued
                .map_or(0, |it| it.0)
                .max(not_before.map_or(0, |it| it.0)),
        );
        if ends <= begins {
            return Err(wrong("exp", "is not after `iat` and `nbf`"));
        }
        Ok(Self {
            issued: issued.into_iter().chain(not_before).min(),
            begins,
            ends,
        })
    }

    fn check(&self, anchor: &TrustAnchor, now: Timestamp) -> Result<(), CredentialError> {
        if now.plus(CLOCK_SKEW) < self.begins {
            return Err(CredentialError::NotYetValid(self.begins));
        }
        if now >= self.ends {
            return Err(CredentialError::Expired(self.ends));
        }
        // One that does not say since when it holds holds from now on, at the least.
        let since = self.issued.unwrap_or(now).min(now);
        if self.ends.since(since) > anchor.lifetime_max {
            return Err(CredentialError::LivesTooLong);
        }
        Ok(())
    }
}

/// For whom the token is. A token that does not say is for anybody, and refused.
fn audience(claims: Value<'_>) -> Result<Vec<String>, CredentialError> {
    let claimed = claims.get("aud").ok_or_else(|| missing("aud"))?;
    let values = match claimed.kind() {
        Kind::Array(count) if count > AUDIENCES_MAX => {
            return Err(wrong("aud", "names more than 32 audiences"));
        }
        Kind::Array(_) => claimed.elements().map(|one| one.as_text()).collect(),
        Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text | Kind::Object(_) => {
            claimed.as_text().map(|one| vec![one])
        }
    };
    let values: Option<Vec<_>> = values;
    let values =
        values.filter(|values| !values.is_empty() && values.iter().all(|one| !one.is_empty()));
    let values = values.ok_or_else(|| wrong("aud", "is not a text, or a list of texts"))?;
    Ok(values
        .into_iter()
        .map(std::borrow::Cow::into_owned)
        .collect())
}

/// The endpoints that the token is for; none where it is for the whole gate.
fn endpoints(
    audience: Vec<String>,
    rules: &TokenRules,
    here: &Here<'_>,
) -> Result<Arc<[String]>, CredentialError> {
    let is_gate =
        |name: &String| rules.audiences.contains(name) || here.audience == Some(name.as_str());
    if audience.iter().any(is_gate) {
        return Ok(Arc::default());
    }
    if audience.iter().any(|name| here.resources.contains(name)) {
        return Ok(audience.into());
    }
    let origins: Vec<_> = here.resources.iter().map(|url| origin(url)).collect();
    Err(
        match audience.iter().any(|name| origins.contains(&origin(name))) {
            true => CredentialError::WrongResource,
            false => CredentialError::WrongAudience,
        },
    )
}

/// Scheme, host and port of a URL.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let path = url.get(host..).and_then(|rest| rest.find('/'));
    path.and_then(|at| url.get(..host + at)).unwrap_or(url)
}

/// An ID token says to a client who signed in. Whoever has one was not let to do
/// anything.
fn refuse_id_token(
    claims: Value<'_>,
    audience: &[String],
    agent: &str,
) -> Result<(), CredentialError> {
    for member in CLAIMS_OF_ID_TOKENS {
        if claims.get(member).is_some() {
            return Err(CredentialError::NotAnAccessToken(member));
        }
    }
    // How some identity providers say it.
    for (member, expected) in [("token_use", &["access"][..]), ("typ", &["bearer", "dpop"])] {
        let stated = claims.get(member).map(|stated| stated.as_text());
        let is_other = stated.is_some_and(|stated| {
            stated.is_none_or(|stated| {
                let stated = stated.to_ascii_lowercase();
                !expected.contains(&stated.as_str())
            })
        });
        if is_other {
            return Err(CredentialError::NotAnAccessToken(member));
        }
    }
    // The audience of an ID token is the client that it was issued to.
    let client = claims.get("azp").or_else(|| claims.get("client_id"));
    let client = client.and_then(|client| client.as_text());
    let client = client.as_deref().unwrap_or(agent);
    if audience.iter().any(|name| name == client) {
        return Err(CredentialError::NotAnAccessToken("aud"));
    }
    Ok(())
}

/// The agent, and those between it and the principal, nearest the principal first. Where
/// a token was exchanged (RFC 8693), the agent is who acts now, and the innermost actor
/// acted first.
fn agents(claims: Value<'_>, rules: &TokenRules) -> Result<(String, Vec<String>), CredentialError> {
    let mut actors = Vec::new();
    let mut object = claims;
    while let Some(actor) = object.get("act") {
        if actors.len() > ACTORS_MAX {
            return Err(wrong("act", "names more than eight agents"));
        }
        let id = text(actor, "sub").map_err(|_| wrong("act", "has no `sub`"))?;
        if id.len() > super::claims::TEXT_BYTES_MAX || id.contains(char::is_control) {
            return Err(wrong(
                "act",
                "has a `sub` that is not a text of at most 1024 bytes",
            ));
        }
        actors.push(id);
        object = actor;
    }
    if actors.is_empty() {
        return Ok((rules.claims.agent(claims)?, actors));
    }
    let agent = actors.remove(0);
    actors.reverse();
    Ok((agent, actors))
}

/// What authorization details of our own type grant (RFC 9396). Others are for other
/// servers, and grant nothing here.
fn details(claims: Value<'_>) -> Result<Vec<Scope>, CredentialError> {
    match claims.get("authorization_details") {
        Some(details) => Ok(read_own_details(details)?),
        None => Ok(Vec::new()),
    }
}

/// `spiffe://example.org` of `spiffe://example.org/agents/one`.
fn trust_domain(id: &str) -> Option<&str> {
    let rest = id.strip_prefix(SPIFFE)?;
    let domain = rest.split('/').next()?;
    id.get(..SPIFFE.len() + domain.len())
}

/// An id of a workload in this trust domain, as the SPIFFE ID standard writes it.
fn check_spiffe_id(id: &str, domain: &str) -> Result<(), CredentialError> {
    let path = id
        .strip_prefix(domain)
        .and_then(|path| path.strip_prefix('/'));
    let is_segment = |segment: &str| {
        !segment.is_empty()
            && segment != "."
            && segment != ".."
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let is_id = path.is_some_and(|path| path.split('/').all(is_segment));
    match is_id && id.len() <= SPIFFE_ID_BYTES_MAX {
        true => Ok(()),
        false => Err(wrong("sub", "is not the SPIFFE id of a workload")),
    }
}

/// `system:serviceaccount:<namespace>:<name>`.
fn check_service_account(subject: &str) -> Result<(), CredentialError> {
    let parts: Vec<_> = subject.split(':').collect();
    match parts.as_slice() {
        ["system", "serviceaccount", namespace, name]
            if !namespace.is_empty() && !name.is_empty() =>
        {
            Ok(())
        }
        _other => Err(wrong("sub", "is not a service account")),
    }
}
