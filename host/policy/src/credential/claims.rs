//! What the claims of a token say about its agent: which of them are read, and what is
//! made of them.

use serde::{Deserialize, Serialize};

use super::error::CredentialError;
use crate::json::{Kind, Pointer, PointerError, Value};
use crate::pattern::{Pattern, Scope};
use crate::request::Claim;

/// Most values of one claim. A token with more is refused: nobody is judged on a part
/// of what it says.
const VALUES_MAX: u32 = 256;

/// Longest text that is read from a claim, in bytes.
pub(super) const TEXT_BYTES_MAX: usize = 1024;

/// Where a claim stands: the name of a member, or a JSON Pointer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ClaimPath(String);

/// Which claims say what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimRules {
    /// The agent: the first of them that is there.
    pub agent: Vec<ClaimPath>,
    /// The principal: the first of them that is there. Without any, there is none.
    pub principal: Vec<ClaimPath>,
    /// Scopes that the token was given, by the names of `scope_map` or as
    /// `server:tool`.
    pub scopes: Vec<ClaimPath>,
    /// Groups and roles, by the names of `role_map`.
    pub roles: Vec<ClaimPath>,
    /// What a scope of the authorization server stands for.
    pub scope_map: Vec<(Pattern, Vec<Scope>)>,
    /// What a group or a role stands for.
    pub role_map: Vec<(Pattern, Vec<Scope>)>,
    /// What policies see, by a name.
    pub facts: Vec<(String, ClaimPath)>,
}

/// Scopes, and what they were called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) scopes: Vec<Scope>,
    /// The values of the claims for scopes, as the authorization server calls them.
    pub(super) held: Vec<String>,
}

// === impl ClaimPath ===

impl ClaimPath {
    /// Reads a name, or what begins with `/` as a JSON Pointer.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        if text.is_empty() {
            return Err(PointerError::NoSlash(String::new()));
        }
        if text.starts_with('/') {
            Pointer::parse(text)?;
        }
        Ok(Self(text.to_owned()))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn find<'a>(&self, claims: Value<'a>) -> Option<Value<'a>> {
        match Pointer::parse(&self.0) {
            Ok(pointer) => pointer
                .tokens()
                .try_fold(claims, |value, name| value.get(&name)),
            Err(_) => claims.get(&self.0),
        }
    }
}

impl From<ClaimPath> for String {
    fn from(path: ClaimPath) -> Self {
        path.0
    }
}

impl TryFrom<String> for ClaimPath {
    type Error = PointerError;

    fn try_from(text: String) -> Result<Self, PointerError> {
        Self::parse(&text)
    }
}

// === impl ClaimRules ===

impl ClaimRules {
    /// The agent of a token.
    pub(super) fn agent(&self, claims: Value<'_>) -> Result<String, CredentialError> {
        first_text(&self.agent, claims, "agent")
    }

    /// Whom the agent acts for.
    pub(super) fn principal(&self, claims: Value<'_>) -> Result<Option<String>, CredentialError> {
        if self.principal.is_empty() {
            return Ok(None);
        }
        first_text(&self.principal, claims, "principal").map(Some)
    }

    /// What the claims for scopes, and those for roles, give. Where both say something,
    /// roles are what the person may do, and scopes what of it the agent was given.
    pub(super) fn scopes(
        &self,
        claims: Value<'_>,
        detailed: Vec<Scope>,
    ) -> Result<Granted, CredentialError> {
        let mut granted = Granted {
            scopes: detailed,
            held: Vec::new(),
        };
        for path in &self.scopes {
            let Some(value) = path.find(claims) else {
                continue;
            };
            for name in words(path, value)? {
                let mapped = mapped(&self.scope_map, &name);
                match mapped.is_empty() {
                    true => granted.scopes.extend(Scope::parse(&name).ok()),
                    false => granted.scopes.extend(mapped),
                }
                granted.held.push(name);
            }
        }
        let mut by_role = Vec::new();
        for path in &self.roles {
            if let Some(value) = path.find(claims) {
                for name in values(path, value)? {
                    by_role.extend(mapped(&self.role_map, &name));
                }
            }
        }
        if granted.scopes.is_empty() {
            granted.scopes = by_role;
        } else if !self.role_map.is_empty() {
            granted
                .scopes
                .retain(|scope| by_role.iter().any(|role| role.subsumes(scope)));
        }
        let mut seen = Vec::new();
        granted.scopes.retain(|scope| {
            let is_new = !seen.contains(scope);
            if is_new {
                seen.push(scope.clone());
            }
            is_new
        });
        Ok(granted)
    }

    /// What policies see.
    pub(super) fn facts(&self, claims: Value<'_>) -> Result<Vec<Claim>, CredentialError> {
        facts(&self.facts, claims)
    }
}

/// What policies see of claims, by the names that the operator gave it.
pub(super) fn facts(
    named: &[(String, ClaimPath)],
    claims: Value<'_>,
) -> Result<Vec<Claim>, CredentialError> {
    let mut facts = Vec::new();
    for (name, path) in named {
        if let Some(value) = path.find(claims) {
            facts.push(Claim {
                name: name.clone(),
                values: values(path, value)?,
            });
        }
    }
    Ok(facts)
}

fn mapped(map: &[(Pattern, Vec<Scope>)], name: &str) -> Vec<Scope> {
    let fitting = map.iter().filter(|(pattern, _)| pattern.matches(name));
    fitting.flat_map(|(_, scopes)| scopes).cloned().collect()
}

/// The first claim that is there is the one that counts: where it is no text, the next
/// one is not asked.
pub(super) fn first_text(
    paths: &[ClaimPath],
    claims: Value<'_>,
    what: &'static str,
) -> Result<String, CredentialError> {
    let found = paths
        .iter()
        .find_map(|path| path.find(claims).map(|value| (path, value)));
    let Some((path, value)) = found else {
        let names: Vec<_> = paths.iter().map(ClaimPath::as_str).collect();
        return Err(CredentialError::NoClaim {
            what,
            claims: names.join("`, `"),
        });
    };
    let is_address = ["email", "/email"].contains(&path.as_str());
    if is_address && claims.get("email_verified").is_some_and(is_not_true) {
        return Err(CredentialError::Claim {
            claim: path.0.clone(),
            problem: "was not verified by the issuer (`email_verified`)",
        });
    }
    bounded(path, value.as_text().filter(|text| !text.is_empty()))
}

fn is_not_true(value: Value<'_>) -> bool {
    value.as_bool() != Some(true) && value.as_text().as_deref() != Some("true")
}

/// The values of a claim: of a list, each; of anything else that is no object, one.
pub(super) fn values(path: &ClaimPath, value: Value<'_>) -> Result<Vec<String>, CredentialError> {
    let one = |value: Value<'_>| match value.kind() {
        Kind::Text => bounded(path, value.as_text()),
        Kind::Number | Kind::Boolean(_) => bounded(path, Some(value.json().into())),
        Kind::Null | Kind::Array(_) | Kind::Object(_) => bounded(path, None),
    };
    match value.kind() {
        Kind::Array(count) if count > VALUES_MAX => Err(too_many(path)),
        Kind::Array(_) => value.elements().map(one).collect(),
        Kind::Null => Ok(Vec::new()),
        Kind::Text | Kind::Number | Kind::Boolean(_) | Kind::Object(_) => {
            one(value).map(|value| vec![value])
        }
    }
}

/// Scopes: words with spaces between them (RFC 8693, 4.2), or a list.
fn words(path: &ClaimPath, value: Value<'_>) -> Result<Vec<String>, CredentialError> {
    let Some(text) = value.as_text() else {
        return values(path, value);
    };
    let words: Vec<_> = text.split(' ').filter(|word| !word.is_empty()).collect();
    if words.len() > VALUES_MAX as usize {
        return Err(too_many(path));
    }
    let words = words.into_iter();
    words.map(|word| bounded(path, Some(word.into()))).collect()
}

fn bounded(
    path: &ClaimPath,
    text: Option<std::borrow::Cow<'_, str>>,
) -> Result<String, CredentialError> {
    text.filter(|text| text.len() <= TEXT_BYTES_MAX && !text.contains(char::is_control))
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(|| CredentialError::Claim {
            claim: path.0.clone(),
            problem: "is not a text of at most 1024 bytes, or a list of such",
        })
}

fn too_many(path: &ClaimPath) -> CredentialError {
    CredentialError::Claim {
        claim: path.0.clone(),
        problem: "has more than 256 values",
    }
}
