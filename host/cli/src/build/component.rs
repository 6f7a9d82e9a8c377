//! From a core module to a component that the gate can load.

use anyhow::{Context, Result, bail, ensure};
use wit_component::{ComponentEncoder, DecodedWasm};
use wit_parser::{Resolve, World, WorldItem, WorldKey};

/// The package of the contract.
const CONTRACT: &str = "gatewright:policy/";
/// What each world of the contract exports.
const WORLDS: [(&str, &str); 3] = [
    ("judging", "policy"),
    ("revising", "editor"),
    ("reviewing", "reviewer"),
];
/// How a core module begins.
const MODULE_HEADER: &[u8] = b"\0asm\x01\0\0\0";
/// How a component begins.
const COMPONENT_HEADER: &[u8] = b"\0asm\x0d\0\x01\0";

/// A component of one of the contract's worlds, importing nothing else.
pub(super) struct Component {
    pub(super) bytes: Vec<u8>,
    /// For example `gatewright:policy/policy@0.1.0`.
    pub(super) world: String,
    /// The imported interfaces, by full name.
    pub(super) imports: Vec<String>,
}

impl Component {
    /// Wraps a core module whose component type is embedded.
    pub(super) fn of_module(module: &[u8]) -> Result<Self> {
        ensure!(
            !module.starts_with(COMPONENT_HEADER),
            "it is a component already\nhint: load it as it is"
        );
        ensure!(
            module.starts_with(MODULE_HEADER),
            "it is not a WebAssembly module"
        );
        let bytes = ComponentEncoder::default()
            .module(module)
            .context("the embedded component type cannot be read")?
            .validate(true)
            .encode()?;
        Self::check(bytes)
    }

    fn check(bytes: Vec<u8>) -> Result<Self> {
        let DecodedWasm::Component(resolve, world) = wit_component::decode(&bytes)? else {
            bail!("it holds a contract and no code");
        };
        let Some(world) = resolve.worlds.get(world) else {
            bail!("it has no world");
        };
        let imports: Vec<String> = names(&resolve, world.imports.iter());
        let foreign: Vec<String> = imports
            .iter()
            .filter(|name| !name.starts_with(CONTRACT))
            .map(|name| format!("`{name}`"))
            .collect();
        ensure!(
            foreign.is_empty(),
            "it imports {}, and a policy gets only what the contract has\nhint: a policy has no clock, files, network or randomness; find what pulls it in, or stub it at build time",
            foreign.join(", ")
        );
        let world = Self::world(&resolve, world)?;
        Ok(Self {
            bytes,
            world,
            imports,
        })
    }

    /// The world whose interface is exported.
    fn world(resolve: &Resolve, world: &World) -> Result<String> {
        let exports = names(resolve, world.exports.iter());
        let mut worlds = exports.iter().filter_map(|name| {
            let (interface, version) = name.strip_prefix(CONTRACT)?.split_once('@')?;
            let (_, world) = WORLDS.iter().find(|(export, _)| *export == interface)?;
            Some(format!("{CONTRACT}{world}@{version}"))
        });
        match (worlds.next(), worlds.next()) {
            (Some(world), None) => Ok(world),
            (Some(first), Some(second)) => {
                bail!("it implements both {first} and {second}\nhint: one policy, one component")
            }
            (None, _) => bail!(
                "it exports none of the contract's interfaces\nhint: in Rust, call `gatewright_sdk::policy!(Settings, judge)` once"
            ),
        }
    }
}

fn names<'a>(
    resolve: &Resolve,
    items: impl Iterator<Item = (&'a WorldKey, &'a WorldItem)>,
) -> Vec<String> {
    items.map(|(key, _)| resolve.name_world_key(key)).collect()
}
