//! What `wit-bindgen` makes of the contract. One module for each world; types
//! and imports are generated once, with the world `policy` and `reviewer`. What is
//! generated is checked in: compiling the generator takes longer than the policy.

#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "generated: the canonical ABI passes pointers, and the text is not ours"
)]

pub(crate) use policy::gatewright::policy as contract;
#[cfg(target_family = "wasm")]
pub(crate) use reviewer::gatewright::policy::response;

#[doc(hidden)]
#[rustfmt::skip]
pub mod editor;
#[doc(hidden)]
#[rustfmt::skip]
pub mod policy;
#[doc(hidden)]
#[rustfmt::skip]
pub mod reviewer;
