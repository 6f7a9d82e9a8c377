//! Scopes as credentials carry them: `authorization_details` (RFC 9396) of the type
//! `mcp_tools`.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::arguments::Arguments;
use super::covered::{Scope, ScopeError};
use super::read::ConstraintError;
use crate::json::{Document, JsonLimits, Kind, Value};

/// `type` of the authorization details that carry scopes.
pub const AUTHORIZATION_TYPE: &str = "mcp_tools";

/// Longest scope that is shown, in bytes.
const SHOWN_BYTES_MAX: usize = 64 << 10;

/// Most scopes of one credential.
const SCOPES_MAX: usize = 256;

/// Why `authorization_details` give no scopes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DetailsError {
    /// Not an array.
    #[error("is not a list")]
    NotAList,
    /// Another type.
    #[error("has a type that is not `mcp_tools`")]
    OtherType,
    /// A member that narrows what is granted must not be overlooked.
    #[error("has a member that is not known here")]
    UnknownMember,
    /// No list of texts.
    #[error("has no `actions` that are texts")]
    NoActions,
    /// `other_arguments` without `arguments`, or not true or false.
    #[error("has `other_arguments` that say nothing")]
    BadOthers,
    /// Over the bound.
    #[error("has more than {SCOPES_MAX} scopes")]
    TooMany,
    /// An action is not `server:tool`.
    #[error("has an action that is no scope: {0}")]
    Scope(ScopeError),
    /// A constraint is none that is known.
    #[error("has a constraint that {0}")]
    Constraint(ConstraintError),
}

impl From<ScopeError> for DetailsError {
    fn from(error: ScopeError) -> Self {
        Self::Scope(error)
    }
}

impl From<ConstraintError> for DetailsError {
    fn from(error: ConstraintError) -> Self {
        Self::Constraint(error)
    }
}

/// Reads the list.
pub fn read_details(details: Value<'_>) -> Result<Vec<Scope>, DetailsError> {
    read(details, false)
}

/// Reads those of this type in a list that has others for other servers. Those grant
/// nothing here.
pub fn read_own_details(details: Value<'_>) -> Result<Vec<Scope>, DetailsError> {
    read(details, true)
}

fn read(details: Value<'_>, has_others: bool) -> Result<Vec<Scope>, DetailsError> {
    if !matches!(details.kind(), Kind::Array(_)) {
        return Err(DetailsError::NotAList);
    }
    let mut scopes = Vec::new();
    for detail in details.elements() {
        let kind = detail.get("type").and_then(|kind| kind.as_text());
        if kind.as_deref() != Some(AUTHORIZATION_TYPE) {
            match has_others {
                true => continue,
                false => return Err(DetailsError::OtherType),
            }
        }
        let known = ["type", "actions", "arguments", "other_arguments"];
        if detail.members().any(|(name, _)| !known.contains(&&*name)) {
            return Err(DetailsError::UnknownMember);
        }
        let arguments = arguments(detail)?;
        let actions = detail
            .get("actions")
            .filter(|actions| matches!(actions.kind(), Kind::Array(_)))
            .ok_or(DetailsError::NoActions)?;
        for action in actions.elements() {
            let action = action.as_text().ok_or(DetailsError::NoActions)?;
            if scopes.len() >= SCOPES_MAX {
                return Err(DetailsError::TooMany);
            }
            scopes.push(Scope::parse(&action)?.with(arguments.clone()));
        }
    }
    Ok(scopes)
}

fn arguments(detail: Value<'_>) -> Result<Option<Arc<Arguments>>, DetailsError> {
    let others = detail.get("other_arguments").map(|others| others.as_bool());
    match (detail.get("arguments"), others) {
        (None, None) => Ok(None),
        (None, Some(_)) | (Some(_), Some(None)) => Err(DetailsError::BadOthers),
        (Some(named), others) => {
            let others = others.flatten().unwrap_or(false);
            Ok(Some(Arc::new(Arguments::read(named, others)?)))
        }
    }
}

/// Reads a scope as policies and records see it: the tools, and after a space what the
/// arguments may be.
pub fn read_shown(text: &str) -> Result<Scope, DetailsError> {
    let Some((tools, bounds)) = text.split_once(' ') else {
        return Ok(Scope::parse(text)?);
    };
    let limits = JsonLimits {
        bytes_max: SHOWN_BYTES_MAX,
        ..JsonLimits::default()
    };
    let bounds = Document::parse(bounds, &limits).map_err(|_| ConstraintError::BadMember)?;
    let mut members = bounds.root().members();
    if members.any(|(name, _)| !["arguments", "other_arguments"].contains(&&*name)) {
        return Err(DetailsError::UnknownMember);
    }
    match arguments(bounds.root())? {
        Some(arguments) => Ok(Scope::parse(tools)?.with(Some(arguments))),
        None => Err(ConstraintError::BadMember.into()),
    }
}

/// Writes the list: scopes with the same constraints stand together.
pub fn write_details(scopes: &[Scope]) -> Json {
    let mut groups: Vec<(Option<&Arc<Arguments>>, Vec<String>)> = Vec::new();
    for scope in scopes {
        let arguments = scope.arguments();
        match groups.iter_mut().find(|(known, _)| *known == arguments) {
            Some((_, actions)) => actions.push(scope.tools()),
            None => groups.push((arguments, vec![scope.tools()])),
        }
    }
    let entries = groups.into_iter().map(|(arguments, actions)| {
        let mut entry = json!({ "type": AUTHORIZATION_TYPE, "actions": actions });
        let said = arguments.map(|arguments| arguments.to_string());
        // What is written here is read back by the strict reader, numbers as they are.
        let said = said.and_then(|said| serde_json::from_str::<Json>(&said).ok());
        if let (Some(entry), Some(Json::Object(said))) = (entry.as_object_mut(), said) {
            entry.extend(said);
        }
        entry
    });
    entries.collect()
}
