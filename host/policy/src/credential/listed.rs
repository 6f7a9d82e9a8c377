//! The status lists that a credential may stand in.

use super::anchor::TrustAnchor;
use super::error::CredentialError;
use super::members::wrong;
use super::status::{self, Status, StatusRef};
use crate::json::Value;

/// The status lists that a credential stands in, each one of its issuer's.
pub(super) fn status_of(
    claims: Value<'_>,
    anchor: &TrustAnchor,
) -> Result<Status, CredentialError> {
    let refs = status::read(claims);
    let refs = refs.map_err(|error| wrong(error.member, error.problem))?;
    let is_listed = |place: &StatusRef| {
        let list = &*place.list;
        let is_below = |address: &String| address.ends_with('/') && list.starts_with(&**address);
        let mut addresses = anchor.status_lists.iter();
        addresses.any(|address| *address == *list || is_below(address))
    };
    if !refs.iter().all(is_listed) {
        let problem = "names a status list that is not one of its issuer's at this gate";
        return Err(wrong("credentialStatus", problem));
    }
    Ok(Status {
        refs,
        issuer: anchor.issuer.as_str().into(),
        grace: anchor.status_grace,
    })
}
