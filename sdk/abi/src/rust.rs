//! The bindings of the SDK for Rust: what `wit-bindgen` makes of the contract, made
//! here once, so that no policy compiles the generator.

#![expect(
    clippy::indexing_slicing,
    reason = "an arena has what its own ids name"
)]

use std::collections::BTreeSet;

use wit_bindgen_core::wit_parser::{Resolve, WorldId, WorldKey};
use wit_bindgen_core::{Files, WorldGenerator as _};
use wit_bindgen_rust::{Opts, WithOption};

use crate::error::AbiError;
use crate::file::File;

/// The world whose module has the types and imports of all of them.
const FIRST: &str = "policy";

/// Each world, and the module of its bindings.
const WORLDS: [(&str, &str); 3] = [
    (FIRST, "sdk/rust/src/bindings/policy.rs"),
    ("editor", "sdk/rust/src/bindings/editor.rs"),
    ("reviewer", "sdk/rust/src/bindings/reviewer.rs"),
];

/// The bindings of the worlds that the contract has.
pub(crate) fn files(contract: &str) -> Result<Vec<File>, AbiError> {
    let mut resolve = Resolve::default();
    let package = resolve
        .push_str("policy.wit", contract)
        .map_err(|error| AbiError::Contract(format!("{error:#}")))?;
    let world = |name: &str| resolve.packages[package].worlds.get(name).copied();
    let first = world(FIRST).map_or_else(BTreeSet::new, |world| imports(&resolve, world));
    let mut files = Vec::new();
    for (name, path) in WORLDS {
        if let Some(world) = world(name) {
            let with = match name {
                FIRST => Vec::new(),
                _ => imports(&resolve, world)
                    .intersection(&first)
                    .map(|import| (import.clone(), WithOption::Path(place(import))))
                    .collect(),
            };
            let text = bindings(&resolve, world, name, with)?;
            files.push(File { path, text });
        }
    }
    Ok(files)
}

fn bindings(
    resolve: &Resolve,
    world: WorldId,
    name: &str,
    with: Vec<(String, WithOption)>,
) -> Result<String, AbiError> {
    let derive = |name: &str| name.to_owned();
    let options = Opts {
        format: true,
        additional_derive_attributes: ["PartialEq", "Eq"].map(derive).to_vec(),
        with,
        generate_all: true,
        pub_export_macro: true,
        ..Opts::default()
    };
    let mut files = Files::default();
    options
        .build()
        .generate(&mut resolve.clone(), world, &mut files)
        .map_err(|error| AbiError::Bindings(format!("{error:#}")))?;
    let text: Vec<_> = files
        .iter()
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
        .collect();
    Ok(format!(
        "//! Bindings of the world `{name}`. Written by `cargo run -p gatewright-abi`.\n\n{}",
        text.concat()
    ))
}

/// What a world imports, for example `gatewright:policy/types@0.2.0`.
fn imports(resolve: &Resolve, world: WorldId) -> BTreeSet<String> {
    let imports = resolve.worlds[world].imports.keys();
    imports
        .filter_map(|key| match key {
            WorldKey::Interface(id) => resolve.id_of(*id),
            WorldKey::Name(_) => None,
        })
        .collect()
}

/// The module of an import, as another world's module sees it.
fn place(import: &str) -> String {
    let (_, interface) = import.split_once('/').unwrap_or_default();
    let interface = interface.split('@').next().unwrap_or_default();
    let module = interface.replace('-', "_");
    format!("super::{FIRST}::gatewright::policy::{module}")
}
