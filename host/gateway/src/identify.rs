//! Who asks: a credential becomes a caller before anything else of a request is read
//! (step 0), and a caller becomes a grant (step 2).

use std::sync::Arc;

use gatewright_engine::{Engine, Snapshot};
use gatewright_policy::credential::CredentialError;
use gatewright_policy::{Grant, Reason, Timestamp};

use crate::call::Caller;
use crate::read::Refusal;

/// Step 2. The grant of a caller. What step 0 verified holds for the snapshot that
/// it was verified against; under another one it is verified again.
pub(crate) fn identify(
    caller: &Caller,
    snapshot: &Snapshot,
    at: Timestamp,
) -> Result<Grant, Refusal> {
    match caller {
        Caller::Local(grant) => Ok(grant.clone()),
        Caller::Nobody => Err(missing()),
        Caller::Bearer(bearer)
            if bearer.generation == snapshot.generation && at < bearer.grant.expires_at =>
        {
            Ok(bearer.grant.clone())
        }
        Caller::Bearer(bearer) => {
            let grant = verified(&bearer.token, snapshot, at)?;
            // What the headers proved is a key, and the credential still names it.
            Ok(match bearer.grant.holder == grant.holder {
                true => grant.proved(bearer.grant.subject.proof),
                false => grant,
            })
        }
    }
}

/// Whether whoever has a grant may reach a tool server: asked with every message, and
/// again before anything of it counts.
pub(crate) fn admitted(engine: &Engine, grant: &Grant, server: &Arc<str>) -> Result<(), Refusal> {
    let admitted = engine.admits(grant, server);
    admitted.map_err(|stopped| Refusal::new(stopped.reason, stopped.message))
}

/// Step 0. The caller of an HTTP request, from its headers alone: of a stranger's
/// body nothing is read.
pub(crate) fn caller(
    token: Option<&str>,
    snapshot: &Snapshot,
    at: Timestamp,
) -> Result<Grant, Refusal> {
    if !snapshot.is_ready() {
        return Err(Refusal::not_ready());
    }
    verified(token.ok_or_else(missing)?, snapshot, at)
}

fn missing() -> Refusal {
    Refusal::new(
        Reason::CredentialMissing,
        "a credential is required; hint: send `Authorization: Bearer <credential>`",
    )
}

fn verified(token: &str, snapshot: &Snapshot, at: Timestamp) -> Result<Grant, Refusal> {
    snapshot.identify(token, at).map_err(|error| match error {
        CredentialError::Expired(_) => Refusal {
            record: Some(error.unquoted()),
            ..Refusal::new(Reason::CredentialExpired, error.to_string())
        },
        // What exactly is wrong helps the operator more than a stranger.
        CredentialError::TooLong
        | CredentialError::NotCompactJws
        | CredentialError::Json(_)
        | CredentialError::Member { .. }
        | CredentialError::Details(_)
        | CredentialError::Delegation(_)
        | CredentialError::UntrustedIssuer(_)
        | CredentialError::BadSignature
        | CredentialError::NotYetValid(_)
        | CredentialError::LivesTooLong
        | CredentialError::NoTask(_)
        | CredentialError::ScopeTooWide(_)
        | CredentialError::WrongAudience => Refusal {
            record: Some(error.unquoted()),
            ..Refusal::new(Reason::CredentialInvalid, "the credential does not verify")
        },
    })
}
