//! The shape of `[console.oidc]`: people sign in to the console where their team does.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gatewright_policy::credential::{Algorithm, ClaimPath};
use serde::Deserialize;
use toml::Spanned;

use super::credential::ClientAuth;
use super::units::Period;

/// `[console.oidc]`: an identity provider that speaks OpenID Connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// The identity provider, as its ID tokens name it.
    pub issuer: Spanned<String>,
    /// As whom it knows the console.
    pub client_id: String,
    /// The environment variable that holds the console's secret there.
    pub client_secret_env: Option<String>,
    /// The file that holds it.
    pub client_secret_file: Option<PathBuf>,
    /// Where the secret goes.
    #[serde(default)]
    pub client_auth: ClientAuth,
    /// The file with the private key that the console signs with there, in place of a secret.
    pub client_key_file: Option<PathBuf>,
    /// The name of that key there.
    pub client_key_id: Option<String>,
    /// How ID tokens may be signed.
    #[serde(default = "rs256")]
    pub algorithms: Vec<Algorithm>,
    /// What is asked for besides `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The claim that says what a person is called.
    #[serde(default = "sub")]
    pub name_claim: Spanned<ClaimPath>,
    /// Put before that.
    #[serde(default)]
    pub name_prefix: String,
    /// The claim with the groups of a person.
    #[serde(default = "groups")]
    pub groups_claim: Spanned<ClaimPath>,
    /// What each group may do. Who is in none of them does not get in.
    #[serde(default)]
    pub groups: BTreeMap<String, GroupConfig>,
    /// How long a session lasts at the most, and what was said of somebody counts: then they
    /// sign in again.
    #[serde(default = "hour")]
    pub session_max: Period,
}

/// `[console.oidc.groups]`: what people of one group may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupConfig {
    /// What they may do besides looking.
    pub rights: Vec<ConsoleRight>,
    /// The roles that policies ask for.
    pub roles: Vec<String>,
}

/// Something that not everybody who signs in may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsoleRight {
    /// Decide on calls that wait.
    Approve,
    /// Say who has an account, stop agents, go back to earlier packs.
    Operate,
}

/// What every identity provider signs with (OpenID Connect Core, 15.1).
fn rs256() -> Vec<Algorithm> {
    vec![Algorithm::Rs256]
}

fn sub() -> Spanned<ClaimPath> {
    named("sub")
}

fn hour() -> Period {
    Period::seconds(3600)
}

fn groups() -> Spanned<ClaimPath> {
    named("groups")
}

#[expect(
    clippy::expect_used,
    reason = "a name that is not empty, and does not begin with a slash"
)]
fn named(claim: &str) -> Spanned<ClaimPath> {
    Spanned::new(0..0, ClaimPath::parse(claim).expect("the name of a claim"))
}
