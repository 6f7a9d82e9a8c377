//! Exports what the core modules of a component keep in globals, so that adding or removing
//! other exports of the same globals changes no code: compilers treat what nobody else sees
//! in another way.

use std::ops::Range;

use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{
    Component, ComponentSectionId, ExportKind, ExportSection, Module, ModuleSection, RawSection,
};
use wasmparser::{Chunk, Encoding, ExportSectionReader, Parser, Payload, TypeRef};

use crate::error::{LinkError, Result};
use crate::flatten::part;

/// The beginning of the names; longer where a module has such names already.
const PREFIX: &str = "gatewright-global-";

/// The component with each global that a core module defines exported from that, if it
/// exports anything. What the component imports and exports stays as it is, and so does
/// each other section; nested components too.
pub fn export_globals(component: &[u8]) -> Result<Vec<u8>> {
    let mut written = Component::new();
    let mut parser = Parser::new(0);
    let mut rest = component;
    loop {
        // All of it is here: the parser does not ask for more.
        let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? else {
            return Ok(written.finish());
        };
        rest = rest.get(consumed..).unwrap_or_default();
        match payload {
            Payload::End(_) => return Ok(written.finish()),
            Payload::Version {
                encoding: Encoding::Module,
                ..
            } => return Err(LinkError::refused("it is a core module, and no component")),
            // What is nested is taken whole, and the parser goes on behind it.
            Payload::ModuleSection {
                unchecked_range, ..
            } => {
                let module = part(component, &unchecked_range);
                rest = rest.get(module.len()..).unwrap_or_default();
                written.section(&ModuleSection(&of_module(module)?));
            }
            Payload::ComponentSection {
                unchecked_range, ..
            } => {
                let data = part(component, &unchecked_range);
                rest = rest.get(data.len()..).unwrap_or_default();
                let id = ComponentSectionId::Component.into();
                written.section(&RawSection { id, data });
            }
            payload => {
                if let Some((id, range)) = payload.as_section() {
                    let data = part(component, &range);
                    written.section(&RawSection { id, data });
                }
            }
        }
    }
}

fn of_module(module: &[u8]) -> Result<Module> {
    let mut written = Module::new();
    let (mut imported, mut defined) = (0_u32, 0_u32);
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        match &payload {
            Payload::ImportSection(imports) => {
                for import in imports.clone().into_imports() {
                    let is_global = matches!(import?.ty, TypeRef::Global(_));
                    imported = imported.saturating_add(u32::from(is_global));
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals.clone() {
                    global?;
                    defined += 1;
                }
            }
            Payload::ExportSection(exports) => {
                let globals = imported..imported.saturating_add(defined);
                written.section(&with_globals(exports, globals)?);
                continue;
            }
            _other => {}
        }
        if let Some((id, range)) = payload.as_section() {
            let data = part(module, &range);
            written.section(&RawSection { id, data });
        }
    }
    Ok(written)
}

fn with_globals(exports: &ExportSectionReader<'_>, globals: Range<u32>) -> Result<ExportSection> {
    let mut prefix = PREFIX.to_owned();
    for export in exports.clone() {
        let name = export?.name;
        while name.starts_with(&prefix) {
            prefix.push('-');
        }
    }
    let mut written = ExportSection::new();
    RoundtripReencoder.parse_export_section(&mut written, exports.clone())?;
    for global in globals {
        written.export(&format!("{prefix}{global}"), ExportKind::Global, global);
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use wasmparser::{ExternalKind, Parser, Payload, Validator, WasmFeatures};

    use super::export_globals;

    /// Two modules with a state, one that has none, and one that exports nothing.
    const COMPONENT: &str = r#"(component
        (core module $shares
            (global (export "shared") (mut i32) (i32.const 1))
            (global (export "gatewright-global-0") (mut i64) (i64.const 1)))
        (core module $counts
            (import "shares" "shared" (global $shared (mut i32)))
            (global $count (mut i32) (i32.const 3))
            (func (export "count") (result i32)
                (global.set $count (i32.add (global.get $count) (global.get $shared)))
                (global.get $count)))
        (core module $plain (func (export "two") (result i32) (i32.const 2)))
        (core module $hidden (global (mut i32) (i32.const 4)))
        (core instance $s (instantiate $shares))
        (core instance $c (instantiate $counts (with "shares" (instance $s))))
        (core instance $p (instantiate $plain))
        (core instance $h (instantiate $hidden))
        (func (export "count") (result u32) (canon lift (core func $c "count"))))"#;

    /// What each module exports of its globals.
    fn exported(component: &[u8]) -> Vec<Vec<(String, u32)>> {
        let mut modules = Vec::new();
        for payload in Parser::new(0).parse_all(component) {
            match payload.unwrap() {
                Payload::ModuleSection { .. } => modules.push(Vec::new()),
                Payload::ExportSection(exports) => {
                    let exports = exports.into_iter().map(Result::unwrap);
                    let globals = exports.filter(|it| it.kind == ExternalKind::Global);
                    let globals = globals.map(|it| (it.name.to_owned(), it.index));
                    modules.last_mut().unwrap().extend(globals);
                }
                _ => {}
            }
        }
        modules
    }

    #[test]
    fn each_global_is_exported_once_more_by_the_module_that_defines_it() {
        let component = wat::parse_str(COMPONENT).unwrap();
        let shown = export_globals(&component).unwrap();
        Validator::new_with_features(WasmFeatures::default())
            .validate_all(&shown)
            .unwrap();
        let name = |name: &str, index| (name.to_owned(), index);
        assert_eq!(
            exported(&shown),
            [
                vec![
                    name("shared", 0),
                    name("gatewright-global-0", 1),
                    name("gatewright-global--0", 0),
                    name("gatewright-global--1", 1),
                ],
                vec![name("gatewright-global-1", 1)],
                vec![],
                vec![],
            ]
        );
        // Once more, and nothing gets in the way.
        let again = export_globals(&shown).unwrap();
        Validator::new().validate_all(&again).unwrap();
    }

    #[test]
    fn what_is_no_component_is_an_error() {
        assert!(export_globals(b"no component").is_err());
    }
}
