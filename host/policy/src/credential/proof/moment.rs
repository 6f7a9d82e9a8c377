//! When a proof counts.

use std::time::Duration;

use super::error::ProofError;
use crate::json::Value;
use crate::timestamp::Timestamp;

/// The oldest proof that counts.
pub const PROOF_AGE_MAX: Duration = Duration::from_secs(60);

/// How far the clock of a holder may run ahead of ours.
pub const PROOF_AHEAD_MAX: Duration = Duration::from_secs(5);

/// Longest `jti`, in bytes.
const ID_BYTES_MAX: usize = 256;

/// When a proof is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The time.
    pub now: Timestamp,
    /// The latest time of the record when the gate started: what was used until then
    /// nobody knows any more. None where there was no record.
    pub recorded_until: Option<Timestamp>,
}

/// A proof that was verified, and must not be used again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    pub(super) id: String,
    /// Seconds since 1970.
    pub(super) issued_at: u64,
}

impl Moment {
    /// Reads `iat` and `jti`, and whether the proof counts now.
    pub(super) fn admit(&self, claims: Value<'_>) -> Result<Proved, ProofError> {
        let issued_at = claims.get("iat").and_then(|claim| claim.as_i64());
        let issued_at = issued_at
            .and_then(|seconds| u64::try_from(seconds).ok())
            .filter(|seconds| *seconds <= u64::MAX / 1000)
            .ok_or(ProofError::Claim("iat"))?;
        let id = claims.get("jti").and_then(|claim| claim.as_text());
        let id = id
            .filter(|id| !id.is_empty() && id.len() <= ID_BYTES_MAX)
            .ok_or(ProofError::Claim("jti"))?;
        if issued_at > self.now.plus(PROOF_AHEAD_MAX).seconds() {
            return Err(ProofError::FromTheFuture);
        }
        let ends = Timestamp::from_seconds(issued_at).plus(PROOF_AGE_MAX);
        if ends < self.now {
            return Err(ProofError::TooOld);
        }
        // One that was used then may have been made a little later, by its own clock.
        let used_until = self.recorded_until.map(|until| until.plus(PROOF_AHEAD_MAX));
        if used_until.is_some_and(|until| Timestamp::from_seconds(issued_at) <= until) {
            return Err(ProofError::BeforeStart);
        }
        Ok(Proved {
            id: id.into_owned(),
            issued_at,
        })
    }
}
