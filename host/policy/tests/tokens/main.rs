//! Tokens that others issue: what becomes a grant, and every other one with the reason
//! of its refusal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    dead_code,
    reason = "test code"
)]

mod attacks;
mod bad_claims;
mod bad_keys;
mod dids;
mod id_tokens;
mod issuer;
mod mapping;
mod refused;
mod signer;
mod workloads;
