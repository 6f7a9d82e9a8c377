//! What a component is, read from its bytes without compiling it.

use gatewright_policy::Digest;
use wasmparser::{Encoding, Parser, Payload};

use crate::contract::{Contract, PACKAGE, World};
use crate::listed::Listed;
use crate::load_error::{COMPONENT_BYTES_MAX, LoadError};

/// What a component says about itself. Its imports are its capabilities, and
/// all of them are interfaces of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// BLAKE3 of the component's bytes: its identity.
    pub digest: Digest,
    /// What it is for.
    pub world: World,
    /// The version of the contract that it was built against.
    pub contract: Contract,
    /// What it imports, in order.
    pub imports: Vec<String>,
    /// What it exports, in order. May be more than its world needs.
    pub exports: Vec<String>,
    /// Its size.
    pub bytes: usize,
}

// === impl Inspection ===

impl Inspection {
    /// Reads a component and checks its world, its version and its imports.
    /// Compiles and runs nothing.
    pub fn of(component: &[u8]) -> Result<Self, LoadError> {
        inspect(component)
    }

    /// Whether another component is the same from outside, whatever is in it.
    pub(crate) fn is_seen_as(&self, other: &Self) -> bool {
        self.world == other.world
            && self.contract == other.contract
            && self.imports == other.imports
            && self.exports == other.exports
    }
}

/// Reads a component and checks its world, its version and its imports.
pub(crate) fn inspect(component: &[u8]) -> Result<Inspection, LoadError> {
    if component.len() > COMPONENT_BYTES_MAX {
        return Err(LoadError::TooLarge {
            bytes: component.len(),
        });
    }
    let (imports, exports) = names(component)?;
    let (contract, world) = recognise(&exports)?;
    check_imports(contract, world, &imports)?;
    Ok(Inspection {
        digest: Digest::of(component),
        world,
        contract,
        imports,
        exports,
        bytes: component.len(),
    })
}

/// The names that the outermost component imports and exports.
fn names(component: &[u8]) -> Result<(Vec<String>, Vec<String>), LoadError> {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::Version { encoding, .. } => {
                if depth == 0 && encoding == Encoding::Module {
                    return Err(LoadError::CoreModule);
                }
                depth += 1;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}

fn recognise(exports: &[String]) -> Result<(Contract, World), LoadError> {
    let mut found = exports.iter().filter_map(|name| {
        let (contract, interface) = Contract::of_interface(name)?;
        let mut worlds = World::ALL.iter();
        let world = worlds.find(|world| world.exported() == interface)?;
        Some((contract, *world))
    });
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some((_, first)), Some((_, second))) => Err(LoadError::SeveralWorlds { first, second }),
        (None, _) => Err(no_world(exports)),
    }
}

fn no_world(exports: &[String]) -> LoadError {
    let ours = |name: &&String| name.starts_with(PACKAGE);
    let versions: Vec<_> = exports.iter().filter(ours).cloned().collect();
    if versions.is_empty() {
        LoadError::NoWorld {
            exports: exports.to_vec(),
        }
    } else {
        LoadError::UnsupportedVersion { exports: versions }
    }
}

fn check_imports(contract: Contract, world: World, imports: &[String]) -> Result<(), LoadError> {
    let importable = contract.importable(world);
    let is_importable = |name: &&String| {
        let interface = Contract::of_interface(name);
        interface.is_some_and(|(of, name)| of == contract && importable.contains(&name))
    };
    let refused: Vec<_> = imports
        .iter()
        .filter(|name| !is_importable(name))
        .cloned()
        .collect();
    if refused.is_empty() {
        return Ok(());
    }
    let hint = if refused.iter().any(|name| name.starts_with("wasi:")) {
        "rebuild it without WASI: a policy has no clock, no files and no network".to_owned()
    } else {
        let interfaces = importable.iter().filter(|name| **name != "types");
        let interfaces = interfaces.map(|name| contract.interface(name));
        format!("it may import {}", Listed(&interfaces.collect::<Vec<_>>()))
    };
    Err(LoadError::Imports {
        world,
        imports: refused,
        hint,
    })
}
