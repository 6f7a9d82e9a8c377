//! What a table `[[issuer]]` may say of tokens that others than `gatewright credential
//! issue` make.

use std::collections::BTreeMap;

use gatewright_policy::credential::ClaimPath;
use serde::Deserialize;

/// `issuer.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssuerKind {
    /// Verifiable credentials, `vc+jwt`.
    Credential,
    /// Access tokens of OAuth.
    Oauth,
    /// JWT-SVIDs of a SPIFFE trust domain.
    Spiffe,
    /// Tokens of Kubernetes service accounts.
    Kubernetes,
}

/// `[issuer.claims]`: which claims of a token say what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimsConfig {
    /// The agent.
    pub agent: Option<ClaimPaths>,
    /// Whom it acts for.
    pub principal: Option<ClaimPaths>,
    /// Scopes that the token was given.
    pub scopes: Option<ClaimPaths>,
    /// Groups and roles.
    pub roles: Option<ClaimPaths>,
    /// What policies see, by name.
    pub facts: BTreeMap<String, ClaimPath>,
}

/// A claim, or several: the first that is there counts, or all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct ClaimPaths(pub Vec<ClaimPath>);

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a claim such as `\"sub\"`, or a list of claims"
)]
enum Written {
    One(ClaimPath),
    Several(Vec<ClaimPath>),
}

impl From<Written> for ClaimPaths {
    fn from(written: Written) -> Self {
        match written {
            Written::One(path) => Self(vec![path]),
            Written::Several(paths) => Self(paths),
        }
    }
}
