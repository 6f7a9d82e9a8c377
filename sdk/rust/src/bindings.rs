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
        path: "../../wit/0.2",
        world: "policy",
        additional_derives: [PartialEq, Eq],
        generate_all,
        pub_export_macro: true,
    });
}

#[doc(hidden)]
pub mod editor {
    wit_bindgen::generate!({
        path: "../../wit/0.2",
        world: "editor",
        with: {
            "gatewright:policy/types@0.2.0": super::policy::gatewright::policy::types,
            "gatewright:policy/json@0.2.0": super::policy::gatewright::policy::json,
            "gatewright:policy/caller@0.2.0": super::policy::gatewright::policy::caller,
            "gatewright:policy/action@0.2.0": super::policy::gatewright::policy::action,
            "gatewright:policy/context@0.2.0": super::policy::gatewright::policy::context,
            "gatewright:policy/arguments@0.2.0": super::policy::gatewright::policy::arguments,
            "gatewright:policy/history@0.2.0": super::policy::gatewright::policy::history,
            "gatewright:policy/budget@0.2.0": super::policy::gatewright::policy::budget,
            "gatewright:policy/log@0.2.0": super::policy::gatewright::policy::log,
        },
        generate_all,
        pub_export_macro: true,
    });
}

#[doc(hidden)]
pub mod reviewer {
    wit_bindgen::generate!({
        path: "../../wit/0.2",
        world: "reviewer",
        with: {
            "gatewright:policy/types@0.2.0": super::policy::gatewright::policy::types,
            "gatewright:policy/json@0.2.0": super::policy::gatewright::policy::json,
            "gatewright:policy/caller@0.2.0": super::policy::gatewright::policy::caller,
            "gatewright:policy/action@0.2.0": super::policy::gatewright::policy::action,
            "gatewright:policy/context@0.2.0": super::policy::gatewright::policy::context,
            "gatewright:policy/arguments@0.2.0": super::policy::gatewright::policy::arguments,
            "gatewright:policy/history@0.2.0": super::policy::gatewright::policy::history,
            "gatewright:policy/budget@0.2.0": super::policy::gatewright::policy::budget,
            "gatewright:policy/log@0.2.0": super::policy::gatewright::policy::log,
        },
        generate_all,
        pub_export_macro: true,
    });
}
