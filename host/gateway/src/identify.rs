//! Who asks: a credential becomes a caller before anything else of a request is read
//! (step 0), and a caller becomes a grant (step 2).

use std::sync::Arc;
use std::time::Duration;

use gatewright_engine::{Engine, Snapshot};
use gatewright_policy::credential::CredentialError;
use gatewright_policy::{Grant, Reason, Timestamp};

use crate::call::{Bearer, Caller};
use crate::presented::Presented;
use crate::read::Refusal;

/// A credential whose key is not known waits so long for a look at the keys of its
/// issuer, and no longer.
const LOOK_MAX: Duration = Duration::from_secs(5);

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
            let grant = snapshot
                .identify(bearer.token.as_str(), &bearer.resources, at)
                .map_err(|error| refused(&error))?;
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

/// Whether whoever has a grant may reach any tool server at all.
pub(crate) fn admitted_anywhere(
    engine: &Engine,
    grant: &Grant,
    snapshot: &Snapshot,
) -> Result<(), Refusal> {
    let mut admitted = Ok(());
    for server in snapshot.servers() {
        admitted = self::admitted(engine, grant, &server.name);
        if admitted.is_ok() {
            break;
        }
    }
    admitted
}

/// Step 0. The caller of an HTTP request, from its headers alone: of a stranger's
/// body nothing is read. `resources`: the URLs of what it asks.
pub(crate) async fn caller(
    token: Option<&str>,
    resources: [String; 2],
    snapshot: &Snapshot,
    engine: &Engine,
) -> Result<Bearer, Refusal> {
    if !snapshot.is_ready() {
        return Err(Refusal::not_ready());
    }
    let token = token.ok_or_else(missing)?;
    let mut grant = snapshot.identify(token, &resources, engine.now());
    if let Err(error) = &grant
        && let Some(look) = snapshot.look_for_keys(error, engine.now())
    {
        let looking = async {
            let mut look = look;
            loop {
                look.ended().await;
                // It may have been a look at the keys of another issuer.
                let grant = snapshot.identify(token, &resources, engine.now());
                let error = grant.as_ref().err();
                match error.and_then(|error| snapshot.look_for_keys(error, engine.now())) {
                    Some(next) => look = next,
                    None => return grant,
                }
            }
        };
        // In its own place: it happens once in a while.
        if let Ok(looked) = Box::pin(tokio::time::timeout(LOOK_MAX, looking)).await {
            grant = looked;
        }
    }
    Ok(Bearer {
        grant: grant.map_err(|error| refused(&error))?,
        token: Presented::new(token),
        resources,
        generation: snapshot.generation,
    })
}

fn missing() -> Refusal {
    Refusal::new(
        Reason::CredentialMissing,
        "a credential is required; hint: send `Authorization: Bearer <credential>`",
    )
}

fn refused(error: &CredentialError) -> Refusal {
    match error {
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
        | CredentialError::NoKeys(_)
        | CredentialError::UnknownKey(_)
        | CredentialError::Key(_)
        | CredentialError::NotAnAccessToken(_)
        | CredentialError::NoClaim { .. }
        | CredentialError::Claim { .. }
        | CredentialError::WrongResource
        | CredentialError::WrongAudience => Refusal {
            record: Some(error.unquoted()),
            ..Refusal::new(Reason::CredentialInvalid, "the credential does not verify")
        },
    }
}
