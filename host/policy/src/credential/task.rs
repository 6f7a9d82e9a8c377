//! The task at which an agent works, as its credential names it.

use super::anchor::TrustAnchor;
use super::error::CredentialError;
use crate::json::Value;

/// What the agent works at, where its issuer is trusted to say so. A credential that
/// leaves it out would be one for no task, beside those for each.
pub(super) fn task(
    claims: Value<'_>,
    anchor: &TrustAnchor,
) -> Result<Option<String>, CredentialError> {
    let Some(claim) = &anchor.task_claim else {
        return Ok(None);
    };
    let task = claims.get(claim).and_then(|task| task.as_text());
    let task = task.filter(|task| !task.is_empty());
    let task = task.ok_or_else(|| CredentialError::NoTask(claim.clone()))?;
    Ok(Some(task.into_owned()))
}
