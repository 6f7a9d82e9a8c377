//! From a core module to a component that the gate can load.

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use gatewright_sandbox::Contract;
use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldItem, WorldKey};

use crate::embedded;
use crate::failure::Advise as _;
use crate::policy_file::World;

/// What the names of the contract's interfaces begin with.
const CONTRACT: &str = "gatewright:policy/";
/// How a core module begins.
const MODULE_HEADER: &[u8] = b"\0asm\x01\0\0\0";
/// How a component begins.
const COMPONENT_HEADER: &[u8] = b"\0asm\x0d\0\x01\0";
/// The version of a module that says none: the one that SDKs make.
const UNSAID: Contract = Contract::V0_2;
/// What an author may do about a foreign import.
const FOREIGN: &str = "a policy has no clock, files, network or randomness; find what pulls it in, or stub it at build time";

/// A component of one of the contract's worlds, importing nothing else.
pub(super) struct Component {
    pub(super) bytes: Vec<u8>,
    /// For example `gatewright:policy/policy@0.1.0`.
    pub(super) world: String,
    /// The imported interfaces, by full name.
    pub(super) imports: Vec<String>,
}

/// What a core module says about itself.
struct Outline {
    /// Module and name of each import.
    imports: Vec<(String, String)>,
    /// The version of the contract whose functions it exports; where it exports
    /// none, the one for that.
    contract: Contract,
    /// The worlds whose functions it exports.
    worlds: Vec<World>,
    /// Whether a component type is embedded.
    is_typed: bool,
}

// === impl Component ===

impl Component {
    /// Wraps a core module. Where no component type is embedded, that of the
    /// world is; `encoding` is how the module keeps text.
    pub(super) fn of_module(
        module: &[u8],
        expected: Option<World>,
        encoding: StringEncoding,
    ) -> Result<Self> {
        ensure!(
            !module.starts_with(COMPONENT_HEADER),
            "it is a component already\nhint: load it as it is"
        );
        ensure!(
            module.starts_with(MODULE_HEADER),
            "it is not a WebAssembly module"
        );
        let outline = Outline::read(module)?;
        let world = outline.world(expected)?;
        outline.check_imports(world)?;
        let mut module = module.to_vec();
        if !outline.is_typed {
            let mut resolve = Resolve::default();
            let wit = wit(outline.contract);
            let package = resolve.push_str(wit, embedded::text(wit)?)?;
            let name = gatewright_sandbox::World::from(world).name();
            let world = resolve.select_world(&[package], Some(name))?;
            embed_component_metadata(&mut module, &resolve, world, encoding, false)?;
        }
        let bytes = ComponentEncoder::default()
            .module(&module)
            .context("the embedded component type cannot be read")?
            .validate(true)
            .encode()?;
        Self::checked(bytes, expected)
    }

    /// Takes what another tool made.
    pub(super) fn checked(bytes: Vec<u8>, expected: Option<World>) -> Result<Self> {
        let DecodedWasm::Component(resolve, world) = wit_component::decode(&bytes)? else {
            bail!("it holds a contract and no code");
        };
        let Some(world) = resolve.worlds.get(world) else {
            bail!("it has no world");
        };
        let imports: Vec<String> = names(&resolve, world.imports.iter());
        let exports: Vec<String> = names(&resolve, world.exports.iter());
        refuse_foreign(imports.iter().filter(|name| !name.starts_with(CONTRACT)))?;
        let found = one_world(&worlds_of(&exports), expected)?;
        let version = exports
            .iter()
            .find_map(|name| name.strip_prefix(CONTRACT)?.split_once('@'))
            .map_or("", |(_, version)| version);
        Ok(Self {
            world: format!(
                "{CONTRACT}{}@{version}",
                gatewright_sandbox::World::from(found)
            ),
            bytes,
            imports,
        })
    }
}

fn names<'a>(
    resolve: &Resolve,
    items: impl Iterator<Item = (&'a WorldKey, &'a WorldItem)>,
) -> Vec<String> {
    items.map(|(key, _)| resolve.name_world_key(key)).collect()
}

/// The version and the interface that a name belongs to; in a core module the name of a
/// function stands behind it.
fn interface(name: &str) -> Option<(Contract, &str)> {
    let interface = name.split('#').next().unwrap_or(name);
    Contract::of_interface(interface)
}

/// The worlds whose interface is among these names.
fn worlds_of(exports: &[String]) -> Vec<World> {
    let interfaces = exports.iter().filter_map(|name| interface(name));
    let exported: Vec<_> = interfaces.map(|(_, interface)| interface).collect();
    let all = [World::Policy, World::Editor, World::Reviewer];
    let is_exported =
        |world: &World| exported.contains(&gatewright_sandbox::World::from(*world).exported());
    all.into_iter().filter(is_exported).collect()
}

/// Where the contract is.
const fn wit(contract: Contract) -> &'static str {
    match contract {
        Contract::V0_1 => "wit/policy.wit",
        Contract::V0_2 => "wit/0.2/policy.wit",
    }
}

fn one_world(worlds: &[World], expected: Option<World>) -> Result<World> {
    let name = |world: &World| gatewright_sandbox::World::from(*world).name();
    match (worlds, expected) {
        ([world], Some(expected)) if *world != expected => Err(anyhow!(
            "`policy.toml` says `world = \"{}\"`, and it exports what the world `{}` has",
            name(&expected),
            name(world)
        ))
        .hint("mend `policy.toml`, or export the function of the other world"),
        ([world], _) => Ok(*world),
        ([], _) => Err(anyhow!("it exports none of the contract's interfaces"))
            .hint("the SDK's page says how a policy is exported; in Rust, call `gatewright_sdk::policy!(Settings, judge, about)` once"),
        ([first, second, ..], _) => Err(anyhow!(
            "it implements two worlds, `{}` and `{}`", name(first), name(second)
        ))
        .hint("one policy, one component"),
    }
}

fn refuse_foreign<'a>(foreign: impl Iterator<Item = &'a String>) -> Result<()> {
    let foreign: Vec<_> = foreign.map(|name| format!("`{name}`")).collect();
    match foreign.is_empty() {
        true => Ok(()),
        false => Err(anyhow!(
            "it imports {}, and a policy gets only what the contract has",
            foreign.join(", ")
        ))
        .hint(FOREIGN),
    }
}

// === impl Outline ===

impl Outline {
    fn read(module: &[u8]) -> Result<Self> {
        let mut outline = Self {
            imports: Vec::new(),
            contract: UNSAID,
            worlds: Vec::new(),
            is_typed: false,
        };
        let mut exports = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        let place = (import.module.to_owned(), import.name.to_owned());
                        outline.imports.push(place);
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        exports.push(export?.name.to_owned());
                    }
                }
                Payload::CustomSection(section) => {
                    outline.is_typed |= section.name().starts_with("component-type");
                }
                _ => {}
            }
        }
        outline.worlds = worlds_of(&exports);
        let mut interfaces = exports.iter().filter_map(|name| interface(name));
        if let Some((contract, _)) = interfaces.next() {
            outline.contract = contract;
        }
        Ok(outline)
    }

    fn world(&self, expected: Option<World>) -> Result<World> {
        match (self.worlds.as_slice(), expected) {
            // Names that another tool's component type explains.
            ([], Some(expected)) if self.is_typed => Ok(expected),
            (worlds, expected) => one_world(worlds, expected),
        }
    }

    /// Names the functions behind an import, which the encoder does not.
    fn check_imports(&self, world: World) -> Result<()> {
        let importable = self.contract.importable(world.into());
        let is_known = |module: &str| {
            let module = module.strip_prefix("[export]").unwrap_or(module);
            Contract::of_interface(module).is_some_and(|(contract, name)| {
                let mut exported = gatewright_sandbox::World::ALL
                    .iter()
                    .map(|it| it.exported());
                contract == self.contract
                    && (importable.contains(&name) || exported.any(|export| export == name))
            })
        };
        let foreign: Vec<String> = self
            .imports
            .iter()
            .filter(|(module, _)| !is_known(module))
            .map(|(module, name)| format!("{module}.{name}"))
            .collect();
        refuse_foreign(foreign.iter())
    }
}
