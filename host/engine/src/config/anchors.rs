//! From a table `[[issuer]]` to how far an issuer is trusted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::sync::Arc;

use gatewright_policy::Timestamp;
use gatewright_policy::credential::{
    ACCESS_TOKEN, Algorithm, ClaimPath, ClaimRules, Envelope, KEY_SET_BYTES_MAX, KeySet, KeyUse,
    TokenKind, TokenRules, TokenType, TrustAnchor,
};
use gatewright_policy::pattern::{Pattern, Scope};
use toml::Spanned;

use super::tokens::{ClaimPaths, IssuerKind};
use super::{ConfigError, IssuerConfig, Loaded};
use crate::keyring::KeySource;
use crate::trust::Issuer;

/// In `types`, that there is no `typ`.
const NO_TYPE: &str = "none";

impl Loaded {
    /// The configured issuers. Reads the files of their keys.
    pub fn issuers(&self) -> Result<Vec<Issuer>, ConfigError> {
        let mut problems = self.problems();
        let mut issuers = Vec::new();
        for config in &self.config.issuers {
            match issuer(self, config) {
                Ok(issuer) => issuers.push(issuer),
                Err(message) => problems.at(
                    config.id.span(),
                    message,
                    "`gatewright docs sign-in` says what to write for each kind of issuer"
                        .to_owned(),
                ),
            }
        }
        problems.into_result()?;
        Ok(issuers)
    }
}

impl IssuerConfig {
    /// How its credentials look: as it says, or as its id says.
    pub fn kind(&self) -> IssuerKind {
        let id = self.id.get_ref();
        match self.kind {
            Some(kind) => kind,
            None if id.starts_with("did:") => IssuerKind::Credential,
            None if id.starts_with("spiffe://") => IssuerKind::Spiffe,
            // What has neither form is no issuer, and the check says so.
            None if id.contains("://") => IssuerKind::Oauth,
            None => IssuerKind::Credential,
        }
    }

    fn key_use(&self) -> KeyUse {
        match self.kind() {
            IssuerKind::Spiffe => KeyUse::JwtSvid,
            IssuerKind::Credential | IssuerKind::Oauth | IssuerKind::Kubernetes => {
                KeyUse::Signature
            }
        }
    }
}

/// The keys that a file has.
pub(super) fn key_file(loaded: &Loaded, config: &IssuerConfig) -> Result<Option<KeySet>, String> {
    let Some(file) = &config.jwks_file else {
        return Ok(None);
    };
    let path = loaded.resolve(file.get_ref());
    let of_file = |problem: String| format!("key file `{}` {problem}", path.display());
    let limit = u64::try_from(KEY_SET_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|error| of_file(format!("cannot be read: {error}")))?;
    let keys = KeySet::parse(&bytes, config.key_use());
    keys.map(Some).map_err(|error| of_file(error.to_string()))
}

fn issuer(loaded: &Loaded, config: &IssuerConfig) -> Result<Issuer, String> {
    let id = config.id.get_ref();
    let kind = config.kind();
    let in_file = key_file(loaded, config)?;
    let of_did = match kind {
        IssuerKind::Credential => KeySet::of_did(id),
        IssuerKind::Oauth | IssuerKind::Spiffe | IssuerKind::Kubernetes => None,
    };
    let envelope = match kind {
        IssuerKind::Credential => Envelope::Credential {
            facts: config.claims.facts.clone().into_iter().collect(),
        },
        IssuerKind::Oauth => Envelope::Token(Arc::new(rules(config, TokenKind::Oauth))),
        IssuerKind::Spiffe => Envelope::Token(Arc::new(rules(config, TokenKind::Spiffe))),
        IssuerKind::Kubernetes => Envelope::Token(Arc::new(rules(config, TokenKind::Kubernetes))),
    };
    let pinned = in_file.or(of_did);
    let source = match (&pinned, kind) {
        (Some(_), _) => None,
        (None, IssuerKind::Credential) => return Err(format!("`{id}` has no keys")),
        (None, IssuerKind::Oauth | IssuerKind::Spiffe | IssuerKind::Kubernetes) => {
            Some(KeySource {
                issuer: id.clone(),
                url: config.jwks_url.as_ref().map(|url| url.get_ref().clone()),
                key_use: config.key_use(),
                refresh: config.keys_refresh.0,
                kept: config.keys_kept.0,
            })
        }
    };
    let algorithms = config
        .algorithms
        .as_ref()
        .map(|list| list.get_ref().clone());
    let scopes = config.scopes.iter().map(|scope| scope.get_ref().clone());
    Ok(Issuer {
        anchor: TrustAnchor {
            issuer: id.clone(),
            scopes: scopes.collect(),
            lifetime_max: config.lifetime_max.0,
            task_claim: config.task_claim.as_ref().map(|it| it.get_ref().clone()),
            session_kept: config.session_kept.0,
            status_lists: config
                .status_lists
                .iter()
                .map(|list| list.get_ref().clone())
                .collect(),
            status_grace: config.status_grace.0,
            envelope,
            algorithms: algorithms.unwrap_or_else(|| match (kind, &pinned) {
                (IssuerKind::Credential, Some(keys)) => credential_algorithms(keys),
                (_, _) => default_algorithms(kind),
            }),
            keys_until: match pinned {
                Some(_) => Timestamp(u64::MAX),
                None => Timestamp(0),
            },
            keys: Arc::new(pinned.unwrap_or_default()),
        },
        source,
    })
}

/// What the keys can do, of what credentials may have.
fn credential_algorithms(keys: &KeySet) -> Vec<Algorithm> {
    let mut algorithms = keys.algorithms();
    algorithms.retain(|one| [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Es384].contains(one));
    algorithms
}

fn default_algorithms(kind: IssuerKind) -> Vec<Algorithm> {
    match kind {
        IssuerKind::Credential => vec![Algorithm::EdDsa],
        IssuerKind::Oauth | IssuerKind::Kubernetes => vec![Algorithm::Rs256],
        IssuerKind::Spiffe => vec![Algorithm::Es256, Algorithm::Rs256],
    }
}

fn rules(config: &IssuerConfig, kind: TokenKind) -> TokenRules {
    let types: Vec<&str> = match (&config.types, kind) {
        (Some(types), _) => types.get_ref().iter().map(String::as_str).collect(),
        (None, TokenKind::Oauth) => vec![ACCESS_TOKEN],
        (None, TokenKind::Spiffe) => vec!["JWT", "JOSE", NO_TYPE],
        (None, TokenKind::Kubernetes) => vec!["JWT", NO_TYPE],
    };
    let types = types.into_iter().map(|name| match name {
        NO_TYPE => TokenType::Absent,
        name => TokenType::of(Some(name)),
    });
    let known = |names: &'static [&'static str]| {
        let paths = names.iter().filter_map(|name| ClaimPath::parse(name).ok());
        paths.collect::<Vec<_>>()
    };
    let claims = &config.claims;
    let or = |paths: &Option<ClaimPaths>, oauth, workload| match (paths, kind) {
        (Some(ClaimPaths(paths)), _) => paths.clone(),
        (None, TokenKind::Oauth) => known(oauth),
        (None, TokenKind::Spiffe | TokenKind::Kubernetes) => known(workload),
    };
    TokenRules {
        kind,
        types: types.collect(),
        audiences: config.audience.clone(),
        claims: ClaimRules {
            agent: or(&claims.agent, &["client_id", "azp"], &["sub"]),
            principal: or(&claims.principal, &["sub"], &[]),
            scopes: or(&claims.scopes, &["scope", "scp"], &[]),
            roles: or(&claims.roles, &[], &["sub"]),
            scope_map: map(&config.scope_map),
            role_map: map(&config.role_map),
            facts: claims.facts.clone().into_iter().collect(),
        },
    }
}

fn map(map: &BTreeMap<Pattern, Vec<Spanned<Scope>>>) -> Vec<(Pattern, Vec<Scope>)> {
    let entries = map.iter().map(|(name, scopes)| {
        let scopes = scopes.iter().map(|scope| scope.get_ref().clone());
        (name.clone(), scopes.collect())
    });
    entries.collect()
}
