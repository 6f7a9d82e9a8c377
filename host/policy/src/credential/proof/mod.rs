//! Proof of possession: whoever shows a credential that is bound to a key signs what it
//! does with it. Either the HTTP request (DPoP, RFC 9449), or the very call.

mod call;
mod dpop;
mod error;
mod moment;
mod replays;

pub use call::{CALL_PROOF, CALL_TYPE, Called, call_claims, verify_call};
pub use dpop::{DPOP_TYPE, Sent, verify_dpop};
pub use error::ProofError;
pub use moment::{Moment, PROOF_AGE_MAX, PROOF_AHEAD_MAX, Proved};
pub use replays::{Bounds, Replays};
