//! Why a text is no status list that counts.

use crate::json::JsonError;
use crate::timestamp::Timestamp;

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusError {
    /// Longer than any list may be.
    #[error("it is longer than {bytes_max} bytes")]
    TooLong {
        /// The bound.
        bytes_max: usize,
    },
    /// Not three parts of base64url.
    #[error("it is not a compact JWS")]
    NotCompactJws,
    /// A part is not strict JSON.
    #[error("its {part} {cause}")]
    Json {
        /// Which.
        part: &'static str,
        /// What is wrong.
        cause: JsonError,
    },
    /// A member is missing, or not what it must be.
    #[error("`{member}` {problem}")]
    Member {
        /// Which.
        member: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// The signature is not one of the issuer.
    #[error("its signature does not verify")]
    BadSignature,
    /// It is the list of another address, or of another issuer.
    #[error("it is another list than the one that was asked for")]
    AnotherList,
    /// Unpacked it is larger than any list may be.
    #[error("unpacked it is larger than {bytes_max} bytes")]
    TooLarge {
        /// The bound.
        bytes_max: usize,
    },
    /// It cannot be unpacked.
    #[error("its list cannot be unpacked")]
    Packed,
    /// It has fewer entries than lists must have, so that no credential stands out.
    #[error("it has fewer than {entries_min} entries")]
    TooShort {
        /// The least.
        entries_min: usize,
    },
    /// Not valid yet.
    #[error("it is not valid before {0}")]
    NotYetValid(Timestamp),
    /// Past its end.
    #[error("it ended at {0}")]
    Ended(Timestamp),
}
