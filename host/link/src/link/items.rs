//! The items of a component, in their order.

use wasmparser::{
    CanonicalFunction, Chunk, ComponentAlias, ComponentExport, ComponentImport, ComponentInstance,
    ComponentType, CoreType, Instance, Parser, Payload,
};

use crate::error::{LinkError, Result};
use crate::flatten::{Space, part};

use super::outside::names_outside;

/// One item of a component, each of which has an index in its space.
pub(super) enum Item<'a> {
    Module(&'a [u8]),
    Component(&'a [u8]),
    Type(ComponentType<'a>),
    CoreType(CoreType<'a>),
    Import(ComponentImport<'a>),
    Canonical(CanonicalFunction),
    Alias(ComponentAlias<'a>),
    CoreInstance(Instance<'a>),
    Instance(ComponentInstance<'a>),
    Export(ComponentExport<'a>),
}

/// All of them.
pub(super) fn items(component: &[u8]) -> Result<Vec<Item<'_>>> {
    let mut items = Vec::new();
    let mut parser = Parser::new(0);
    let mut rest = component;
    loop {
        // All of it is here: the parser does not ask for more.
        let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? else {
            return Ok(items);
        };
        rest = rest.get(consumed..).unwrap_or_default();
        // What is nested is taken whole, and the parser goes on behind it.
        match payload {
            Payload::End(_) => return Ok(items),
            Payload::ModuleSection {
                unchecked_range, ..
            } => {
                let module = part(component, &unchecked_range);
                items.push(Item::Module(module));
                rest = rest.get(module.len()..).unwrap_or_default();
            }
            Payload::ComponentSection {
                unchecked_range, ..
            } => {
                let nested = part(component, &unchecked_range);
                if names_outside(nested)? {
                    return Err(LinkError::refused(
                        "a nested component names what is around it",
                    ));
                }
                items.push(Item::Component(nested));
                rest = rest.get(nested.len()..).unwrap_or_default();
            }
            payload => add_section(&mut items, payload)?,
        }
    }
}

fn add_section<'a>(items: &mut Vec<Item<'a>>, payload: Payload<'a>) -> Result<()> {
    match payload {
        Payload::ComponentTypeSection(section) => add(items, section, Item::Type),
        Payload::CoreTypeSection(section) => add(items, section, Item::CoreType),
        Payload::ComponentImportSection(section) => add(items, section, Item::Import),
        Payload::ComponentCanonicalSection(section) => add(items, section, Item::Canonical),
        Payload::ComponentAliasSection(section) => add(items, section, Item::Alias),
        Payload::InstanceSection(section) => add(items, section, Item::CoreInstance),
        Payload::ComponentInstanceSection(section) => add(items, section, Item::Instance),
        Payload::ComponentExportSection(section) => add(items, section, Item::Export),
        Payload::ComponentStartSection { .. } => Err(LinkError::refused("it has a start function")),
        // Names and what else says nothing to the sandbox.
        _ => Ok(()),
    }
}

fn add<'a, T>(
    items: &mut Vec<Item<'a>>,
    section: impl IntoIterator<Item = wasmparser::Result<T>>,
    item: fn(T) -> Item<'a>,
) -> Result<()> {
    for read in section {
        items.push(item(read?));
    }
    Ok(())
}

// === impl Item ===

impl Item<'_> {
    /// The index space that it adds to.
    pub(super) fn space(&self) -> Space {
        match self {
            Self::Module(_) => Space::CoreModule,
            Self::Component(_) => Space::Component,
            Self::Type(_) => Space::Type,
            Self::CoreType(_) => Space::CoreType,
            Self::Import(import) => Space::from(import.ty.kind()),
            Self::Canonical(CanonicalFunction::Lift { .. }) => Space::Func,
            Self::Canonical(_) => Space::CoreFunc,
            Self::Alias(ComponentAlias::InstanceExport { kind, .. }) => Space::from(*kind),
            Self::Alias(ComponentAlias::CoreInstanceExport { kind, .. }) => Space::from(*kind),
            Self::Alias(ComponentAlias::Outer { kind, .. }) => Space::from(*kind),
            Self::CoreInstance(_) => Space::CoreInstance,
            Self::Instance(_) => Space::Instance,
            Self::Export(export) => Space::from(export.kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::items;

    #[test]
    fn what_is_outside_is_found_at_any_depth() {
        for (nested, expected) in [
            (
                "(type $t u32) (import \"f\" (func (param \"x\" $t)))",
                false,
            ),
            // A type of its own, from within types and components.
            (
                "(type $t u32) (type (instance (alias outer 1 $t (type)) (export \"t\" (type (eq 0)))))",
                false,
            ),
            ("(type $t u32) (component (alias outer 1 0 (type)))", false),
            ("(alias outer 1 0 (type))", true),
            ("(component (alias outer 2 0 (type)))", true),
            ("(type (instance (alias outer 2 0 (type))))", true),
            ("(type (component (alias outer 2 0 (type))))", true),
            (
                "(type (component (type (instance (alias outer 3 0 (type))))))",
                true,
            ),
            ("(core type (module (alias outer 2 0 (type))))", true),
            ("(core module) (alias outer 1 0 (core module))", true),
        ] {
            let around = format!(
                "(component (type u8) (core type (func)) (core module) (component {nested}))"
            );
            let around = wat::parse_str(&around).unwrap();
            assert_eq!(items(&around).is_err(), expected, "{nested}");
        }
    }
}
