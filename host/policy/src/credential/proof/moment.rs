//! When a proof counts.

use std::time::Duration;

use super::super::CLOCK_SKEW;
use super::error::ProofError;
use crate::json::Value;
use crate::timestamp::Timestamp;

/// The oldest proof that counts.
pub const PROOF_AGE_MAX: Duration = Duration::from_secs(60);

/// Longest `jti`, in bytes.
const ID_BYTES_MAX: usize = 256;

/// When a proof is looked at, by a gate that started when.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The time.
    pub now: Timestamp,
    /// What was used before, nobody knows any more.
    pub started: Timestamp,
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
        if issued_at > self.now.plus(CLOCK_SKEW).seconds() {
            return Err(ProofError::FromTheFuture);
        }
        let ends = Timestamp::from_seconds(issued_at).plus(PROOF_AGE_MAX);
        if ends < self.now {
            return Err(ProofError::TooOld);
        }
        // Whole seconds: one of the second of the start may have been used before it.
        if issued_at <= self.started.seconds() {
            return Err(ProofError::BeforeStart);
        }
        Ok(Proved {
            id: id.into_owned(),
            issued_at,
        })
    }
}
