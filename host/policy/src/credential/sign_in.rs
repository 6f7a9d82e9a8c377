//! What an agent whose issuer is an authorization server must ask it for, to be let to
//! do what it could not.

use std::sync::Arc;

use super::anchor::TokenRules;
use crate::pattern::Scope;

/// What is known of the token that an agent signed in with.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The scopes of the token, as the authorization server calls them.
    held: Vec<String>,
    widest: Vec<Scope>,
    rules: Arc<TokenRules>,
}

impl SignIn {
    pub(super) const fn new(held: Vec<String>, widest: Vec<Scope>, rules: Arc<TokenRules>) -> Self {
        Self {
            held,
            widest,
            rules,
        }
    }

    /// All that the next token must have: the scopes of this one, and those that are
    /// missing, as the authorization server calls them. Nothing where it could not be
    /// had: then signing in again would be in vain.
    pub fn needed(&self, scopes: &[String]) -> Vec<String> {
        let mut needed = self.held.clone();
        for scope in scopes {
            let Some(name) = self.name_of(scope) else {
                return Vec::new();
            };
            if !needed.contains(&name) {
                needed.push(name);
            }
        }
        needed
    }

    fn name_of(&self, scope: &str) -> Option<String> {
        let claims = &self.rules.claims;
        let scope = Scope::parse(scope).ok()?;
        if claims.scopes.is_empty() || !self.widest.iter().any(|widest| widest.subsumes(&scope)) {
            return None;
        }
        // A pattern is the name of many scopes, and cannot be asked for.
        let mut exact = claims
            .scope_map
            .iter()
            .filter(|(name, _)| !name.as_str().contains('*'));
        let covering = exact.find(|(_, stands_for)| {
            let mut stands_for = stands_for.iter();
            stands_for.any(|covers| covers.subsumes(&scope))
        });
        let name = covering.map_or_else(|| scope.to_string(), |(name, _)| name.as_str().to_owned());
        is_scope_token(&name).then_some(name)
    }
}

/// What RFC 6749 (3.3) lets a scope be.
fn is_scope_token(name: &str) -> bool {
    name.bytes()
        .all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
