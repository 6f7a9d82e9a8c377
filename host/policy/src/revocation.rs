//! By what a credential can be revoked: everything in it that has a name of its own.

use crate::digest::Digest;
use crate::json::Value;

/// Names of a credential, and of those that it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Of the credential itself: its `jti`, thumbprints of the key that holds it, and the
    /// digest of its text.
    pub own: Vec<String>,
    /// The same of every credential above it in a chain.
    pub parents: Vec<String>,
}

impl Tokens {
    /// Those of a credential that stands alone: what its claims name, and its digest.
    pub fn of(claims: Value<'_>, credential: Digest) -> Self {
        let cnf = claims.get("cnf");
        let holder = cnf.and_then(|cnf| cnf.get("jkt"));
        let named = [claims.get("jti"), claims.get("id"), holder];
        let named = named.into_iter().flatten();
        let named = named.filter_map(|value| value.as_text());
        let mut own: Vec<String> = Vec::new();
        for name in named.map(std::borrow::Cow::into_owned) {
            if !name.is_empty() && !own.contains(&name) {
                own.push(name);
            }
        }
        own.push(credential.to_string());
        Self {
            own,
            parents: Vec::new(),
        }
    }

    /// Those of a credential of which nothing but the text is known.
    pub fn of_digest(credential: Digest) -> Self {
        Self {
            own: vec![credential.to_string()],
            parents: Vec::new(),
        }
    }
}
