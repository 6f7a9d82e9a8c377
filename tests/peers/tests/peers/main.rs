//! Clients, servers and libraries that others wrote, with a gate where it says so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

#[path = "../../../../host/policy/tests/tokens/issuer.rs"]
#[allow(dead_code, unreachable_pub, reason = "tests of tokens want more of it")]
mod issuer;
#[path = "../../../../host/policy/tests/tokens/signer.rs"]
#[allow(dead_code, unreachable_pub, reason = "tests of tokens want more of it")]
mod signer;

mod clients;
mod console;
mod console_sign_in;
mod differential;
mod everything;
mod files;
mod frameworks;
mod issued;
mod joined;
mod modern;
mod pages;
mod possession;
mod reported;
mod sign_in;
mod upstream;
mod waiting;
