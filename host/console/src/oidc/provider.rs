//! What the console asks of whoever reaches the identity provider.

use std::time::Duration;

use futures_util::future::BoxFuture;
use gatewright_policy::credential::{Algorithm, ClaimPath, KeySet};

use super::means::Group;

/// Reaches an identity provider.
pub trait IdentityProvider: Send + Sync + 'static {
    /// Where everything is there, now.
    fn places(&self) -> BoxFuture<'_, Result<Places, NotReached>>;

    /// The ID token for a code. Nothing of it is verified.
    fn redeem<'a>(
        &'a self,
        places: &'a Places,
        code: &'a str,
        verifier: &'a str,
        redirect_uri: &'a str,
    ) -> BoxFuture<'a, Result<String, NotReached>>;

    /// The keys that it signs with, now.
    fn keys<'a>(&'a self, places: &'a Places) -> BoxFuture<'a, Result<KeySet, NotReached>>;
}

/// Where everything is at an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// Where a browser is sent. May have a query.
    pub authorization: String,
    /// Where a code becomes an ID token.
    pub token: String,
    /// Where the keys are.
    pub keys: String,
    /// Whether it says who it is when it sends the browser back (RFC 9207).
    pub names_itself: bool,
}

/// An identity provider that gave nothing, and why; no secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotReached(pub String);

/// How people sign in who have an identity provider.
pub struct SignIn {
    /// The identity provider, as ID tokens name it.
    pub issuer: String,
    /// As whom it knows the console.
    pub client_id: String,
    /// What is asked for: `openid`, and more.
    pub scopes: Vec<String>,
    /// How ID tokens may be signed.
    pub algorithms: Vec<Algorithm>,
    /// The claim with the name of a person.
    pub name: ClaimPath,
    /// Put before that.
    pub name_prefix: String,
    /// The claim with their groups.
    pub groups_claim: ClaimPath,
    /// What each group may do.
    pub groups: Vec<Group>,
    /// How long what it says of somebody counts: then it is asked again.
    pub session_max: Duration,
    /// Who reaches it.
    pub provider: Box<dyn IdentityProvider>,
}

impl SignIn {
    /// Its host, for people.
    pub(crate) fn host(&self) -> &str {
        let rest = self.issuer.split_once("://");
        let rest = rest.map_or(&*self.issuer, |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }
}
