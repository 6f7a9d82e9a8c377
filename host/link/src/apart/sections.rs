//! A component, section by section.

use std::collections::HashSet;

use wasm_encoder::RawSection;
use wasmparser::{
    Chunk, ComponentAlias, ComponentAliasSectionReader, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, Encoding, Instance, InstanceSectionReader, Parser, Payload,
};

use crate::error::{LinkError, Result};
use crate::flatten::part;

use super::image::IMAGE;

pub(super) struct Sections<'a> {
    pub(super) all: Vec<Section<'a>>,
    /// The modules that are instantiated.
    pub(super) instantiated: HashSet<u32>,
}

pub(super) enum Section<'a> {
    Module(&'a [u8]),
    Instances(InstanceSectionReader<'a>),
    Aliases(ComponentAliasSectionReader<'a>),
    /// One in which no module and no instance of one is named.
    Other(RawSection<'a>),
}

// === impl Sections ===

impl<'a> Sections<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut sections = Self {
            all: Vec::new(),
            instantiated: HashSet::new(),
        };
        let mut parser = Parser::new(0);
        let mut rest = bytes;
        loop {
            // All of it is here: the parser does not ask for more.
            let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? else {
                return Ok(sections);
            };
            rest = rest.get(consumed..).unwrap_or_default();
            check(&payload)?;
            let section = match payload {
                Payload::End(_) => return Ok(sections),
                Payload::Version {
                    encoding: Encoding::Module,
                    ..
                } => return Err(LinkError::refused("it is a core module, and no component")),
                // What is nested is taken whole, and the parser goes on behind it.
                Payload::ModuleSection {
                    unchecked_range, ..
                } => {
                    let module = part(bytes, &unchecked_range);
                    rest = rest.get(module.len()..).unwrap_or_default();
                    Section::Module(module)
                }
                Payload::ComponentSection {
                    unchecked_range, ..
                } => {
                    let nested = part(bytes, &unchecked_range);
                    rest = rest.get(nested.len()..).unwrap_or_default();
                    for payload in Parser::new(0).parse_all(nested) {
                        check(&payload?)?;
                    }
                    Section::Other(RawSection {
                        id: wasm_encoder::ComponentSectionId::Component.into(),
                        data: nested,
                    })
                }
                Payload::InstanceSection(section) => {
                    for instance in section.clone() {
                        if let Instance::Instantiate { module_index, .. } = instance?
                            && !sections.instantiated.insert(module_index)
                        {
                            return Err(LinkError::refused("it instantiates modules twice"));
                        }
                    }
                    Section::Instances(section)
                }
                Payload::ComponentAliasSection(section) => Section::Aliases(section),
                // Names and what else says nothing to the sandbox.
                Payload::CustomSection(_) => continue,
                payload => match payload.as_section() {
                    Some((id, range)) => Section::Other(RawSection {
                        id,
                        data: part(bytes, &range),
                    }),
                    None => continue,
                },
            };
            sections.all.push(section);
        }
    }
}

/// Refuses what names modules, or core types, elsewhere than in instances of them: their
/// indices change.
fn check(payload: &Payload<'_>) -> Result<()> {
    let is_module = |kind| kind == ComponentExternalKind::Module;
    let names_one = match payload {
        Payload::CoreTypeSection(_) => true,
        Payload::ComponentImportSection(section) => any(section.clone(), |import| {
            is_module(import.ty.kind()) || import.name.name.starts_with(IMAGE)
        })?,
        Payload::ComponentExportSection(section) => {
            any(section.clone(), |export| is_module(export.kind))?
        }
        Payload::ComponentAliasSection(section) => any(section.clone(), |alias| match alias {
            ComponentAlias::InstanceExport { kind, .. } => is_module(*kind),
            ComponentAlias::CoreInstanceExport { .. } => false,
            ComponentAlias::Outer { kind, .. } => matches!(
                kind,
                ComponentOuterAliasKind::CoreModule | ComponentOuterAliasKind::CoreType
            ),
        })?,
        Payload::ComponentInstanceSection(section) => {
            any(section.clone(), |instance| match instance {
                ComponentInstance::Instantiate { args, .. } => {
                    args.iter().any(|argument| is_module(argument.kind))
                }
                ComponentInstance::FromExports(exports) => {
                    exports.iter().any(|export| is_module(export.kind))
                }
            })?
        }
        _ => false,
    };
    match names_one {
        true => Err(LinkError::refused(
            "it has types of modules, or takes or hands on modules or images",
        )),
        false => Ok(()),
    }
}

fn any<T>(
    section: impl IntoIterator<Item = wasmparser::Result<T>>,
    is_it: impl Fn(&T) -> bool,
) -> Result<bool> {
    for item in section {
        if is_it(&item?) {
            return Ok(true);
        }
    }
    Ok(false)
}
