//! What `wit-bindgen` makes of the contract. One module for each world; types
//! and imports are generated once, with the world `policy` and `reviewer`.

#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "generated: the canonical ABI passes pointers, and the text is not ours"
)]

pub(crate) use policy::gatewright::policy as contract;
#[cfg(target_family = "wasm")]
pub(crate) use reviewer::gatewright::policy::response;

#[doc(hidden)]
pub mod policy {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "policy",
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
    });
}

#[doc(hidden)]
pub mod editor {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "editor",
        with: {
            "gatewright:policy/types@0.1.0": super::policy::gatewright::policy::types,
            "gatewright:policy/arguments@0.1.0": super::policy::gatewright::policy::arguments,
            "gatewright:policy/log@0.1.0": super::policy::gatewright::policy::log,
        },
        pub_export_macro: true,
    });
}

#[doc(hidden)]
pub mod reviewer {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "reviewer",
        with: {
            "gatewright:policy/types@0.1.0": super::policy::gatewright::policy::types,
            "gatewright:policy/arguments@0.1.0": super::policy::gatewright::policy::arguments,
            "gatewright:policy/log@0.1.0": super::policy::gatewright::policy::log,
        },
        pub_export_macro: true,
    });
}
