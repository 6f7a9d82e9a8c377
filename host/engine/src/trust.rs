//! Who may vouch for agents, and whom they vouched for lately.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use gatewright_policy::credential::{CredentialError, TrustAnchor, verify};
use gatewright_policy::{Digest, Grant, Timestamp};

/// Grants that are remembered at once. When there are more, all are forgotten
/// and verified again.
const REMEMBERED_MAX: usize = 4096;

/// The trust anchors of one snapshot, with the grants that were verified against
/// exactly these. A signature is verified once; the validity on every call.
pub(crate) struct Trust {
    anchors: Vec<TrustAnchor>,
    audience: Option<String>,
    verified: ArcSwap<HashMap<Digest, Grant>>,
}

impl Trust {
    pub(crate) fn new(anchors: Vec<TrustAnchor>, audience: Option<String>) -> Self {
        Self {
            anchors,
            audience,
            verified: ArcSwap::default(),
        }
    }

    pub(crate) fn identify(&self, token: &str, now: Timestamp) -> Result<Grant, CredentialError> {
        let credential = Digest::of(token.as_bytes());
        if let Some(grant) = self.verified.load().get(&credential) {
            if grant.is_valid_at(now) {
                return Ok(grant.clone());
            }
            if now >= grant.expires_at {
                return Err(CredentialError::Expired(grant.expires_at));
            }
        }
        let grant = verify(token, &self.anchors, self.audience.as_deref(), now)?;
        self.verified.rcu(|verified| {
            let mut verified = if verified.len() < REMEMBERED_MAX {
                HashMap::clone(verified)
            } else {
                HashMap::new()
            };
            verified.insert(credential, grant.clone());
            Arc::new(verified)
        });
        Ok(grant)
    }
}
