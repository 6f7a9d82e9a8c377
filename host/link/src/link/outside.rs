//! Whether something nested names what is around it by its index, which may change
//! where the component around it is written anew.

use wasmparser::{
    ComponentAlias, ComponentType, ComponentTypeDeclaration, CoreType, InstanceTypeDeclaration,
    ModuleTypeDeclaration, Parser, Payload,
};

use crate::error::Result;

/// Whether a nested component, or what is nested in it, names what is outside of it.
pub(super) fn names_outside(nested: &[u8]) -> Result<bool> {
    // Components and modules that are open, the nested one among them.
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(nested) {
        let is_named = match payload? {
            Payload::Version { .. } => {
                depth += 1;
                false
            }
            Payload::End(_) => {
                depth = depth.saturating_sub(1);
                false
            }
            Payload::ComponentAliasSection(section) => {
                any(section, |alias| of_alias(alias, depth))?
            }
            Payload::ComponentTypeSection(section) => any(section, |it| of_type(it, depth))?,
            Payload::CoreTypeSection(section) => any(section, |it| of_core_type(it, depth))?,
            _ => false,
        };
        if is_named {
            return Ok(true);
        }
    }
    Ok(false)
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

/// An alias within so many components and types, which a count of zero names the
/// innermost of.
fn of_alias(alias: &ComponentAlias<'_>, depth: u32) -> bool {
    matches!(alias, ComponentAlias::Outer { count, .. } if *count >= depth)
}

fn of_type(declared: &ComponentType<'_>, depth: u32) -> bool {
    let within = depth.saturating_add(1);
    match declared {
        ComponentType::Component(declarations) => declarations.iter().any(|it| match it {
            ComponentTypeDeclaration::CoreType(declared) => of_core_type(declared, within),
            ComponentTypeDeclaration::Type(declared) => of_type(declared, within),
            ComponentTypeDeclaration::Alias(alias) => of_alias(alias, within),
            ComponentTypeDeclaration::Export { .. } | ComponentTypeDeclaration::Import(_) => false,
        }),
        ComponentType::Instance(declarations) => declarations.iter().any(|it| match it {
            InstanceTypeDeclaration::CoreType(declared) => of_core_type(declared, within),
            InstanceTypeDeclaration::Type(declared) => of_type(declared, within),
            InstanceTypeDeclaration::Alias(alias) => of_alias(alias, within),
            InstanceTypeDeclaration::Export { .. } => false,
        }),
        ComponentType::Defined(_) | ComponentType::Func(_) | ComponentType::Resource { .. } => {
            false
        }
    }
}

fn of_core_type(declared: &CoreType<'_>, depth: u32) -> bool {
    let within = depth.saturating_add(1);
    match declared {
        CoreType::Rec(_) => false,
        CoreType::Module(declarations) => declarations.iter().any(
            |it| matches!(it, ModuleTypeDeclaration::OuterAlias { count, .. } if *count >= within),
        ),
    }
}
