//! The targets, by name.

mod apart;
mod artifact;
mod configuration;
mod credential;
mod dsse;
mod exported;
mod flatten;
mod json;
mod layout;
mod libraries;
mod link;
mod merge;
mod message;
mod proof;
mod sse;
mod status;
mod unite;
mod wasm;

/// Something that reads bytes from outside.
pub struct Target {
    /// Its name, and that of the folder of its seeds.
    pub name: &'static str,
    /// Whether the bytes were taken. Panics where a law does not hold.
    pub run: fn(&[u8]) -> bool,
    /// Mutations in a bounded run.
    pub mutations: u32,
}

/// All of them.
pub const TARGETS: [Target; 17] = [
    target("json", json::run, 100_000),
    target("message", message::run, 100_000),
    target("sse", sse::run, 100_000),
    target("credential", credential::run, 50_000),
    target("status", status::run, 20_000),
    target("layout", layout::run, 5_000),
    target("dsse", dsse::run, 50_000),
    target("link", link::run, 5_000),
    target("libraries", libraries::run, 5_000),
    target("unite", unite::run, 5_000),
    target("flatten", flatten::run, 5_000),
    target("apart", apart::run, 5_000),
    target("artifact", artifact::run, 5_000),
    target("exported", exported::run, 5_000),
    target("merge", merge::run, 5_000),
    target("proof", proof::run, 20_000),
    target("configuration", configuration::run, 5_000),
];

const fn target(name: &'static str, run: fn(&[u8]) -> bool, mutations: u32) -> Target {
    Target {
        name,
        run,
        mutations,
    }
}

/// The seeds that a program makes: what is signed, or in a tar.
pub(crate) fn made_seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "artifact" => vec![artifact::seed()],
        "credential" => credential::seeds(),
        "status" => status::seeds(),
        "layout" => vec![layout::seed()],
        "proof" => proof::seeds(),
        _ => Vec::new(),
    }
}
