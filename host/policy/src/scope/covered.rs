//! One scope: a pattern of tools, and what their arguments may be.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::arguments::{Arguments, Beyond};
use super::effort::Effort;
use crate::json::Document;
use crate::pattern::Pattern;

/// What a credential covers: `<server pattern>:<name pattern>`, for example
/// `files:read_*`, and what the arguments may be. The name is the tool, the prompt or
/// the resource URI.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Scope {
    server: Pattern,
    name: Pattern,
    /// None: whatever the arguments are.
    arguments: Option<Arc<Arguments>>,
}

/// Text that is not a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope; expected `<server>:<tool>`, for example `files:read_*`")]
pub struct ScopeError(String);

impl Scope {
    /// Reads `files:read_*`.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let (server, name) = text
            .split_once(':')
            .filter(|(server, name)| !server.is_empty() && !name.is_empty())
            .filter(|_| !text.contains(|c: char| c.is_whitespace() || c.is_control()))
            .ok_or_else(|| ScopeError(text.to_owned()))?;
        Ok(Self {
            server: Pattern::new(server),
            name: Pattern::new(name),
            arguments: None,
        })
    }

    /// The same tools, with these arguments only.
    #[must_use]
    pub fn with(self, arguments: Option<Arc<Arguments>>) -> Self {
        Self { arguments, ..self }
    }

    /// What the arguments may be; none where they may be anything.
    pub const fn arguments(&self) -> Option<&Arc<Arguments>> {
        self.arguments.as_ref()
    }

    /// The tools, without what their arguments may be.
    pub fn tools(&self) -> String {
        format!("{}:{}", self.server, self.name)
    }

    /// Whether a tool, prompt or resource of a server is covered, with some arguments.
    pub fn covers(&self, server: &str, name: &str) -> bool {
        self.server.matches(server) && self.name.matches(name)
    }

    /// Whether anything of a server is covered.
    pub fn covers_server(&self, server: &str) -> bool {
        self.server.matches(server)
    }

    /// Whether these arguments of something that is covered are.
    pub fn admit(&self, arguments: &Document) -> Result<(), Beyond> {
        match &self.arguments {
            None => Ok(()),
            Some(bounds) => bounds.admit(arguments),
        }
    }

    /// Whether this scope covers everything that `other` covers.
    pub fn subsumes(&self, other: &Self) -> bool {
        self.subsumes_within(other, &mut Effort::default())
    }

    /// The same, for no more than an effort.
    pub fn subsumes_within(&self, other: &Self, effort: &mut Effort) -> bool {
        self.server.covers(&other.server)
            && self.name.covers(&other.name)
            && match (&self.arguments, &other.arguments) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(parent), Some(child)) => parent.subsumes(child, effort),
            }
    }
}

/// The tools, and in JSON what their arguments may be.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.server, self.name)?;
        match &self.arguments {
            None => Ok(()),
            Some(arguments) => write!(f, " {arguments}"),
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl TryFrom<String> for Scope {
    type Error = ScopeError;

    fn try_from(text: String) -> Result<Self, ScopeError> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_need_a_server_and_a_name() {
        for text in ["", "files", ":read", "files:", "files:read file", "a:b\n"] {
            assert!(Scope::parse(text).is_err(), "{text}");
        }
        let scope = Scope::parse("docs:https://example.com/*").unwrap();
        assert!(scope.covers("docs", "https://example.com/a"));
        assert!(!scope.covers("other", "https://example.com/a"));
    }
}
