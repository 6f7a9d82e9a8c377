//! An issuer that the operator trusts, how far, and how its credentials look.

use std::sync::Arc;
use std::time::Duration;

use super::algorithm::Algorithm;
use super::claims::{ClaimPath, ClaimRules};
use super::did_key::DidKeyError;
use super::key_set::KeySet;
use crate::pattern::Scope;
use crate::timestamp::Timestamp;

/// An issuer that the operator trusts, and how far.
#[derive(Clone, Debug)]
pub struct TrustAnchor {
    /// The issuer: a DID, the URL of an authorization server or a cluster, or the
    /// trust domain of SPIFFE (`spiffe://example.org`).
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
    /// How its credentials look.
    pub envelope: Envelope,
    /// How they may be signed. No other way is tried.
    pub algorithms: Vec<Algorithm>,
    /// By which keys.
    pub keys: Arc<KeySet>,
    /// At this time and after, the keys are too old to be believed. They have no end
    /// where they are part of the configuration.
    pub keys_until: Timestamp,
}

/// How the credentials of an issuer look.
#[derive(Clone, Debug)]
pub enum Envelope {
    /// Verifiable credentials, `vc+jwt`.
    Credential {
        /// What policies see, by a name.
        facts: Vec<(String, ClaimPath)>,
    },
    /// Access tokens and workload tokens.
    Token(Arc<TokenRules>),
}

/// What is asked of the tokens of an issuer.
#[derive(Clone, Debug)]
pub struct TokenRules {
    /// Which kind of token.
    pub kind: TokenKind,
    /// What the header may say that they are.
    pub types: Vec<TokenType>,
    /// Names of the whole gate: a token for one of them is for each of its servers. A
    /// token for the URL of one endpoint is good there, and needs no entry.
    pub audiences: Vec<String>,
    /// Which claims say what.
    pub claims: ClaimRules,
}

/// Which kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// An OAuth access token.
    Oauth,
    /// A JWT-SVID of SPIFFE.
    Spiffe,
    /// A token of a Kubernetes service account.
    Kubernetes,
}

/// What a header says that a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// The member `typ`; `application/` before it and upper case do not count.
    Named(String),
    /// There is no `typ`.
    Absent,
}

/// The type of access tokens that say what they are (RFC 9068).
pub const ACCESS_TOKEN: &str = "at+jwt";

impl TrustAnchor {
    /// An issuer of `vc+jwt` that is its own key, `did:key` or `did:jwk`. It may grant
    /// nothing yet.
    pub fn of_did(issuer: &str) -> Result<Self, DidKeyError> {
        let keys = KeySet::of_did(issuer).ok_or_else(|| DidKeyError::of(issuer))?;
        Ok(Self {
            issuer: issuer.to_owned(),
            scopes: Vec::new(),
            lifetime_max: Duration::ZERO,
            task_claim: None,
            session_kept: Duration::ZERO,
            status_lists: Vec::new(),
            status_grace: Duration::ZERO,
            envelope: Envelope::Credential { facts: Vec::new() },
            algorithms: keys.algorithms(),
            keys: Arc::new(keys),
            keys_until: Timestamp(u64::MAX),
        })
    }

    /// The rules for tokens, where it issues tokens.
    pub fn token_rules(&self) -> Option<&Arc<TokenRules>> {
        match &self.envelope {
            Envelope::Credential { .. } => None,
            Envelope::Token(rules) => Some(rules),
        }
    }
}

impl TokenType {
    /// Of a header, as it is compared.
    pub fn of(typ: Option<&str>) -> Self {
        let Some(typ) = typ else {
            return Self::Absent;
        };
        let typ = typ.to_ascii_lowercase();
        let short = typ.strip_prefix("application/").unwrap_or(&typ);
        Self::Named(short.to_owned())
    }

    /// Whether it says that it is an access token, and nothing else can say that.
    pub fn is_access_token(&self) -> bool {
        matches!(self, Self::Named(name) if name == ACCESS_TOKEN)
    }
}
