//! The shape of a table `[[issuer]]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gatewright_policy::credential::Algorithm;
use gatewright_policy::pattern::{Pattern, Scope};
use serde::Deserialize;
use toml::Spanned;

use super::defaults;
use super::tokens::{ClaimsConfig, IssuerKind};
use super::units::Period;

/// `[[issuer]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// A DID, the URL of an authorization server or of a cluster, or a trust domain of
    /// SPIFFE.
    pub id: Spanned<String>,
    /// How its credentials look; by default as its id says.
    pub kind: Option<IssuerKind>,
    /// How they may be signed.
    pub algorithms: Option<Spanned<Vec<Algorithm>>>,
    /// What the header of its tokens may say that they are.
    pub types: Option<Spanned<Vec<String>>>,
    /// Names of the whole gate in its tokens.
    #[serde(default)]
    pub audience: Vec<String>,
    /// A file with its keys (JWK Set).
    pub jwks_file: Option<Spanned<PathBuf>>,
    /// Where its keys are fetched from; without one, its metadata say it.
    pub jwks_url: Option<Spanned<String>>,
    /// How often keys are fetched.
    #[serde(default = "defaults::ten_minutes")]
    pub keys_refresh: Period,
    /// How long keys that were fetched are believed when they cannot be fetched again.
    #[serde(default = "defaults::one_day")]
    pub keys_kept: Period,
    /// Which claims of its tokens say what.
    #[serde(default)]
    pub claims: ClaimsConfig,
    /// What a scope of its tokens stands for.
    #[serde(default)]
    pub scope_map: BTreeMap<Pattern, Vec<Spanned<Scope>>>,
    /// What a group or role of its tokens stands for.
    #[serde(default)]
    pub role_map: BTreeMap<Pattern, Vec<Spanned<Scope>>>,
    /// The widest scopes it may grant.
    pub scopes: Vec<Spanned<Scope>>,
    /// The longest life of its credentials.
    #[serde(default = "defaults::one_day")]
    pub lifetime_max: Period,
    /// The claim of its credentials that names the task of the agent.
    pub task_claim: Option<Spanned<String>>,
    /// How long what a session carries is kept after its last credential has ended.
    #[serde(default = "defaults::one_day")]
    pub session_kept: Period,
    /// The addresses of its status lists.
    #[serde(default)]
    pub status_lists: Vec<Spanned<String>>,
    /// How long a stale list still counts for tools that are pinned read-only.
    #[serde(default = "defaults::no_time")]
    pub status_grace: Period,
}
