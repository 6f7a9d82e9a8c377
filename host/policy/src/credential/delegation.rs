//! Delegation: an agent hands a part of its grant to another agent, without asking its
//! issuer. A chain is a credential and links after it, joined with `~`; each link is
//! signed with the key that the part before it is bound to, and grants no more than that.

use std::borrow::Cow;
use std::sync::Arc;

use super::delegation_error::DelegationError;
use super::did_key::public_key;
use super::error::CredentialError;
use super::holder::{HolderKey, holder};
use super::jwk::PublicKey;
use super::keyed::Keyed;
use super::sha256::sha256;
use super::{CLOCK_SKEW, TOKEN_BYTES_MAX};
use crate::digest::Digest;
use crate::grant::Grant;
use crate::json::{Kind, Value};
use crate::request::Subject;
use crate::revocation::Tokens;
use crate::scope::{Effort, Scope, read_details};
use crate::timestamp::Timestamp;

/// What stands between the parts of a chain. It is in no base64url, and RFC 6750 allows
/// it in a token.
pub const LINK: char = '~';

/// Most links of a chain.
pub const LINKS_MAX: usize = 8;

/// The `typ` of a link.
pub const LINK_TYPE: &str = "agent-delegation+jwt";

/// Longest id of an agent in a link, in bytes.
const AGENT_BYTES_MAX: usize = 512;

/// Longest `jti` of a link, in bytes.
const ID_BYTES_MAX: usize = 128;

/// What a link may say. A claim that is overlooked could narrow what is granted.
const CLAIMS: [&str; 13] = [
    "iss",
    "sub",
    "principal",
    "aud",
    "iat",
    "nbf",
    "exp",
    "jti",
    "par_hash",
    "del_depth",
    "del_max_depth",
    "cnf",
    "authorization_details",
];

/// The credential that a chain begins with, and the links after it.
pub fn parts(chain: &str) -> (&str, impl Iterator<Item = &str>) {
    let mut parts = chain.split(LINK);
    (parts.next().unwrap_or_default(), parts)
}

/// The grant at the end of a chain, from that of the credential that it begins with.
/// `names_gate`: whether a value of `aud` names this gate.
pub(super) fn descend(
    root: Grant,
    chain: &str,
    names_gate: &dyn Fn(Value<'_>) -> bool,
    now: Timestamp,
) -> Result<Grant, CredentialError> {
    let (first, links) = parts(chain);
    let mut step = Step {
        grant: root,
        token: first,
        depth: 0,
        depth_max: LINKS_MAX,
        effort: Effort::default(),
    };
    for link in links {
        step = step.to(link, names_gate, now)?;
    }
    let Step { grant, depth, .. } = step;
    if depth == 0 {
        return Ok(grant);
    }
    let credential = Digest::of(chain.as_bytes());
    // The record names a chain by it.
    let mut tokens = Tokens::clone(&grant.tokens);
    tokens.own.push(credential.to_string());
    Ok(Grant {
        credential,
        tokens: Arc::new(tokens),
        ..grant
    })
}

/// How far a chain has been followed.
struct Step<'a> {
    grant: Grant,
    token: &'a str,
    depth: usize,
    depth_max: usize,
    effort: Effort,
}

impl<'a> Step<'a> {
    fn to(
        mut self,
        token: &'a str,
        names_gate: &dyn Fn(Value<'_>) -> bool,
        now: Timestamp,
    ) -> Result<Self, CredentialError> {
        let depth = self.depth + 1;
        if depth > self.depth_max {
            return Err(DelegationError::TooDeep.into());
        }
        let key = self.grant.holder.as_ref();
        let key = key.ok_or(DelegationError::NotBound)?;
        let link =
            Keyed::read(token, LINK_TYPE, TOKEN_BYTES_MAX).map_err(DelegationError::Signature)?;
        link.verify(key).map_err(DelegationError::Signature)?;
        let claims = link.payload.root();
        if claims.members().any(|(name, _)| !CLAIMS.contains(&&*name)) {
            return Err(DelegationError::UnknownClaim.into());
        }
        if number(claims, "del_depth")? != Some(depth) {
            return Err(DelegationError::Gap.into());
        }
        if text(claims, "par_hash", 64)? != sha256(self.token) {
            return Err(DelegationError::OtherParent.into());
        }
        let parent = Arc::clone(&self.grant.subject);
        if text(claims, "iss", AGENT_BYTES_MAX)? != parent.id {
            return Err(DelegationError::OtherAgent.into());
        }
        if claims.get("principal").is_some()
            && Some(text(claims, "principal", AGENT_BYTES_MAX)?) != parent.principal
        {
            return Err(DelegationError::OtherPrincipal.into());
        }
        let agent = text(claims, "sub", AGENT_BYTES_MAX)?;
        let id = text(claims, "jti", ID_BYTES_MAX)?;
        let (not_before, expires_at) = self.validity(claims, now)?;
        if !claims
            .get("aud")
            .is_none_or(|audience| is_for(audience, names_gate))
        {
            return Err(CredentialError::WrongAudience);
        }
        let scopes = self.scopes(claims)?;
        let holder = holder(claims)?.ok_or(DelegationError::UnboundLink)?;
        if !may_be_called(&agent, &parent.id, &holder) {
            return Err(DelegationError::ForeignName.into());
        }
        let allowed = number(claims, "del_max_depth")?.unwrap_or(LINKS_MAX);
        let tokens = Tokens {
            own: vec![
                id,
                holder.to_string(),
                Digest::of(token.as_bytes()).to_string(),
            ],
            parents: [&self.grant.tokens.own[..], &self.grant.tokens.parents[..]].concat(),
        };
        let delegation = [&parent.delegation[..], std::slice::from_ref(&parent.id)].concat();
        // The issuer vouches for whom it gave the credential, and each agent for the next.
        let vouches = match self.depth {
            0 => &parent.issuer,
            _ => parent.delegation.last().unwrap_or(&parent.issuer),
        };
        let delegated_by = [&parent.delegated_by[..], std::slice::from_ref(vouches)].concat();
        let subject = Subject {
            id: agent,
            delegation,
            delegated_by,
            scopes: scopes.iter().map(Scope::to_string).collect(),
            expires_at,
            ..Subject::clone(&parent)
        };
        Ok(Self {
            // The session stays that of the agent that the issuer knows: a name that its
            // holder makes up washes off no label, no history and no budget.
            grant: Grant {
                subject: Arc::new(subject),
                scopes: scopes.into(),
                holder: Some(holder),
                tokens: Arc::new(tokens),
                not_before,
                expires_at,
                // Who signs in gets a token of its own, and none for a delegate.
                sign_in: None,
                ..self.grant
            },
            token,
            depth,
            depth_max: self.depth_max.min(allowed),
            effort: self.effort,
        })
    }

    fn validity(
        &self,
        claims: Value<'_>,
        now: Timestamp,
    ) -> Result<(Timestamp, Timestamp), CredentialError> {
        let time = |name| seconds(claims, name);
        let expires_at = time("exp")?.ok_or(DelegationError::Claim("exp"))?;
        let issued_at = time("iat")?.ok_or(DelegationError::Claim("iat"))?;
        let begins = time("nbf")?.unwrap_or(issued_at).max(issued_at);
        if expires_at > self.grant.expires_at {
            return Err(DelegationError::LivesLonger.into());
        }
        if begins >= expires_at {
            return Err(DelegationError::Claim("exp").into());
        }
        if now.plus(CLOCK_SKEW) < begins {
            return Err(CredentialError::NotYetValid(begins));
        }
        if now >= expires_at {
            return Err(CredentialError::Expired(expires_at));
        }
        // The skew was granted above; later checks need not grant it again.
        let begins = Timestamp(begins.0.min(now.0));
        Ok((begins.max(self.grant.not_before), expires_at))
    }

    fn scopes(&mut self, claims: Value<'_>) -> Result<Vec<Scope>, DelegationError> {
        let details = claims.get("authorization_details");
        let details = details.ok_or(DelegationError::Claim("authorization_details"))?;
        let scopes = read_details(details)?;
        for scope in &scopes {
            let effort = &mut self.effort;
            let mut wider = self.grant.scopes.iter();
            if !wider.any(|parent| parent.subsumes_within(scope, effort)) {
                return Err(DelegationError::Widened(scope.clone()));
            }
        }
        Ok(scopes)
    }
}

/// Whether an agent may give another one this name: its own, one below it, or the key
/// itself. With the name of somebody else, policies would take one for the other.
pub fn may_be_called(agent: &str, parent: &str, holder: &HolderKey) -> bool {
    let rest = agent.strip_prefix(parent);
    let is_below = rest.is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix('/').is_some_and(|name| !name.is_empty())
    });
    let is_key = |key| HolderKey::of(&PublicKey::ed25519(key)) == *holder;
    is_below || public_key(agent).is_ok_and(is_key)
}

fn is_for(audience: Value<'_>, names_gate: &dyn Fn(Value<'_>) -> bool) -> bool {
    match audience.kind() {
        Kind::Array(_) => audience.elements().any(names_gate),
        Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text | Kind::Object(_) => {
            names_gate(audience)
        }
    }
}

fn text(
    claims: Value<'_>,
    name: &'static str,
    bytes_max: usize,
) -> Result<String, DelegationError> {
    let text = claims.get(name).and_then(|claim| claim.as_text());
    text.filter(|text| !text.is_empty() && text.len() <= bytes_max)
        .filter(|text| !text.contains(char::is_control))
        .map(Cow::into_owned)
        .ok_or(DelegationError::Claim(name))
}

fn number(claims: Value<'_>, name: &'static str) -> Result<Option<usize>, DelegationError> {
    let Some(claim) = claims.get(name) else {
        return Ok(None);
    };
    let number = claim.as_i64().and_then(|it| usize::try_from(it).ok());
    number.map(Some).ok_or(DelegationError::Claim(name))
}

fn seconds(claims: Value<'_>, name: &'static str) -> Result<Option<Timestamp>, DelegationError> {
    let Some(claim) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = claim.as_i64().and_then(|it| u64::try_from(it).ok());
    seconds
        // Later than anything that a clock can say is no time.
        .filter(|seconds| *seconds <= u64::MAX / 1000)
        .map(|seconds| Some(Timestamp::from_seconds(seconds)))
        .ok_or(DelegationError::Claim(name))
}
