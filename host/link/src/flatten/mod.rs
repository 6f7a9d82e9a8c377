//! Writes nested components into the one around them. Toolchains that compose
//! components nest them, and the sandbox makes no snapshot of one that holds
//! modules at any depth but the first.

mod indices;
mod space;

use std::collections::HashMap;
use std::convert::Infallible;
use std::ops::Range;

use wasm_encoder::reencode::{self, ReencodeComponent};
use wasm_encoder::{
    CanonicalFunctionSection, Component, ComponentAliasSection, ComponentExportKind,
    ComponentExportSection, ComponentImportSection, ComponentInstanceSection, ComponentSectionId,
    ComponentTypeSection, CoreTypeSection, InstanceSection, RawSection,
};
use wasmparser::{CanonicalFunction, Chunk, ComponentAlias, ComponentInstance, Parser, Payload};

use crate::error::{Context as _, Result};

use space::Item;
pub(crate) use space::{NOWHERE, Space};

type Reencoded<T> = Result<T, reencode::Error<Infallible>>;

/// One component whose body is being written.
#[derive(Default)]
struct Frame<'a> {
    /// From its indices to those of the result.
    indices: HashMap<Space, Vec<u32>>,
    /// The components in it that are written where they are instantiated.
    nested: HashMap<u32, &'a [u8]>,
    /// What its imports are; none for the outermost, whose imports stay.
    arguments: Option<HashMap<String, Item>>,
    exports: Vec<(String, ComponentExportKind, u32)>,
}

/// The result, as far as it is written.
#[derive(Default)]
struct Flat<'a> {
    component: Component,
    written: HashMap<Space, u32>,
    /// From the outermost component to the one that is read.
    frames: Vec<Frame<'a>>,
    /// How deep in a type that has index spaces of its own.
    type_depth: u32,
}

/// The same component without components that hold modules.
///
/// The body of a nested component goes where it is instantiated: an import
/// becomes the argument that was given for it, what it exports becomes an
/// instance of those items, and every index is mapped to the one in the result.
pub fn flatten(component: &[u8]) -> Result<Vec<u8>> {
    let mut flat = Flat::default();
    flat.frames.push(Frame::default());
    flat.write_body(component)
        .context("the component cannot be made flat")?;
    Ok(flat.component.finish())
}

/// Whether a component holds a module, at any depth.
fn holds_a_module(component: &[u8]) -> bool {
    Parser::new(0)
        .parse_all(component)
        .any(|payload| matches!(payload, Ok(Payload::ModuleSection { .. })))
}

// === impl Flat ===

impl<'a> Flat<'a> {
    fn write_body(&mut self, bytes: &'a [u8]) -> Reencoded<()> {
        let mut parser = Parser::new(0);
        let mut rest = bytes;
        loop {
            // All of it is here: the parser does not ask for more.
            let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? else {
                return Ok(());
            };
            rest = rest.get(consumed..).unwrap_or_default();
            // What is nested is taken whole, and the parser goes on behind it.
            match payload {
                Payload::End(_) => return Ok(()),
                Payload::ModuleSection {
                    unchecked_range, ..
                } => {
                    let module = part(bytes, &unchecked_range);
                    self.write_raw(ComponentSectionId::CoreModule, module, Space::CoreModule);
                    rest = rest.get(module.len()..).unwrap_or_default();
                }
                Payload::ComponentSection {
                    unchecked_range, ..
                } => {
                    let nested = part(bytes, &unchecked_range);
                    self.take_component(nested);
                    rest = rest.get(nested.len()..).unwrap_or_default();
                }
                payload => self.write_section(payload)?,
            }
        }
    }

    fn write_section(&mut self, payload: Payload<'a>) -> Reencoded<()> {
        match payload {
            Payload::ComponentTypeSection(section) => {
                for declared in section {
                    let mut types = ComponentTypeSection::new();
                    self.parse_component_type(types.ty(), declared?)?;
                    self.component.section(&types);
                    self.add(Space::Type);
                }
            }
            Payload::CoreTypeSection(section) => {
                for declared in section {
                    let mut types = CoreTypeSection::new();
                    self.parse_component_core_type(types.ty(), declared?)?;
                    self.component.section(&types);
                    self.add(Space::CoreType);
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    self.write_import(import?)?;
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                for function in section {
                    let function = function?;
                    let space = match function {
                        CanonicalFunction::Lift { .. } => Space::Func,
                        _ => Space::CoreFunc,
                    };
                    let mut functions = CanonicalFunctionSection::new();
                    self.parse_component_canonical(&mut functions, function)?;
                    self.component.section(&functions);
                    self.add(space);
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    self.write_alias(alias?)?;
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section {
                    let mut instances = InstanceSection::new();
                    self.parse_instance(&mut instances, instance?)?;
                    self.component.section(&instances);
                    self.add(Space::CoreInstance);
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section {
                    self.write_instance(instance?)?;
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    self.write_export(export?)?;
                }
            }
            // Names and what else says nothing to the sandbox.
            _ => {}
        }
        Ok(())
    }

    fn take_component(&mut self, nested: &'a [u8]) {
        if !holds_a_module(nested) {
            self.write_raw(ComponentSectionId::Component, nested, Space::Component);
            return;
        }
        if let Some(frame) = self.frames.last_mut() {
            let own = frame.indices.entry(Space::Component).or_default();
            let index = u32::try_from(own.len()).unwrap_or(NOWHERE);
            own.push(NOWHERE);
            frame.nested.insert(index, nested);
        }
    }

    fn write_import(&mut self, import: wasmparser::ComponentImport<'_>) -> Reencoded<()> {
        let arguments = self
            .frames
            .last()
            .and_then(|frame| frame.arguments.as_ref());
        if let Some(arguments) = arguments {
            let argument = arguments.get(import.name.name).copied();
            let item = argument.unwrap_or(Item {
                space: Space::from(import.ty.kind()),
                index: NOWHERE,
            });
            self.bind(item);
            return Ok(());
        }
        let kind = import.ty.kind();
        let mut imports = ComponentImportSection::new();
        imports.import(import.name.name, self.component_type_ref(import.ty)?);
        self.component.section(&imports);
        self.add(Space::from(kind));
        Ok(())
    }

    fn write_alias(&mut self, alias: ComponentAlias<'_>) -> Reencoded<()> {
        let space = match alias {
            ComponentAlias::InstanceExport { kind, .. } => Space::from(kind),
            ComponentAlias::CoreInstanceExport { kind, .. } => Space::from(kind),
            ComponentAlias::Outer { kind, count, index } => {
                let space = Space::from(kind);
                let index = self.outer(count, space, index);
                self.bind(Item { space, index });
                return Ok(());
            }
        };
        let mut aliases = ComponentAliasSection::new();
        aliases.alias(self.component_alias(alias)?);
        self.component.section(&aliases);
        self.add(space);
        Ok(())
    }

    fn write_instance(&mut self, instance: ComponentInstance<'_>) -> Reencoded<()> {
        let mut instances = ComponentInstanceSection::new();
        match self.inlined(&instance) {
            Some((nested, frame)) => {
                self.frames.push(frame);
                self.write_body(nested)?;
                let frame = self.frames.pop().unwrap_or_default();
                let exports = frame.exports.iter();
                instances.export_items(
                    exports.map(|(name, kind, index)| (name.as_str(), *kind, *index)),
                );
            }
            None => self.parse_component_instance(&mut instances, instance)?,
        }
        self.component.section(&instances);
        self.add(Space::Instance);
        Ok(())
    }

    /// The component that an instance is of, where it is to be written out.
    fn inlined(&mut self, instance: &ComponentInstance<'_>) -> Option<(&'a [u8], Frame<'a>)> {
        let ComponentInstance::Instantiate {
            component_index,
            args,
        } = instance
        else {
            return None;
        };
        let nested = *self.frames.last()?.nested.get(component_index)?;
        let arguments = args.iter().map(|argument| {
            let item = Item {
                space: Space::from(argument.kind),
                index: self.component_external_index(argument.kind, argument.index),
            };
            (argument.name.to_owned(), item)
        });
        let arguments = Some(arguments.collect());
        let frame = Frame {
            arguments,
            ..Frame::default()
        };
        Some((nested, frame))
    }

    fn write_export(&mut self, export: wasmparser::ComponentExport<'_>) -> Reencoded<()> {
        let kind = export.kind;
        let index = self.component_external_index(kind, export.index);
        if let [_, .., frame] = self.frames.as_mut_slice() {
            let name = export.name.name.to_owned();
            frame.exports.push((name, kind.into(), index));
            self.bind(Item {
                space: Space::from(kind),
                index,
            });
            return Ok(());
        }
        let mut exports = ComponentExportSection::new();
        self.parse_component_export(&mut exports, export)?;
        self.component.section(&exports);
        self.add(Space::from(kind));
        Ok(())
    }

    fn write_raw(&mut self, id: ComponentSectionId, data: &[u8], space: Space) {
        self.component.section(&RawSection {
            id: id.into(),
            data,
        });
        self.add(space);
    }

    /// Counts an item that was written, and gives it the next index of the
    /// component that is read.
    fn add(&mut self, space: Space) {
        let written = self.written.entry(space).or_default();
        let index = *written;
        *written = written.saturating_add(1);
        self.bind(Item { space, index });
    }

    fn bind(&mut self, item: Item) {
        if let Some(frame) = self.frames.last_mut() {
            let indices = frame.indices.entry(item.space).or_default();
            indices.push(item.index);
        }
    }
}

/// The bytes of a section that the parser has found in them.
pub(crate) fn part<'a>(bytes: &'a [u8], range: &Range<u64>) -> &'a [u8] {
    let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    bytes
        .get(place(range.start)..place(range.end))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
    use wasmparser::{Parser, Payload, Validator, WasmFeatures};

    use super::flatten;

    /// A module two components deep, which calls what comes in from outside.
    const NESTED: &str = r#"(component
        (type $log (func (param "level" u32)))
        (import "log" (func $log (type $log)))
        (component $middle
            (import "note" (func $note (param "level" u32)))
            (component $inner
                (import "note" (func $note (param "level" u32)))
                (core func $lowered (canon lower (func $note)))
                (core module $module
                    (import "host" "note" (func $note (param i32)))
                    (func (export "run") (param i32) (call $note (local.get 0))))
                (core instance $host (export "note" (func $lowered)))
                (core instance $instance (instantiate $module
                    (with "host" (instance $host))))
                (func $run (param "level" u32)
                    (canon lift (core func $instance "run")))
                (export "run" (func $run)))
            (instance $inner (instantiate $inner (with "note" (func $note))))
            (export "run" (func $inner "run")))
        (instance $middle (instantiate $middle (with "note" (func $log))))
        (export "run" (func $middle "run")))"#;

    fn depth_max(component: &[u8]) -> Result<u32> {
        let (mut depth, mut deepest) = (0_u32, 0);
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::ComponentSection { .. } => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        Ok(deepest)
    }

    #[test]
    fn nested_modules_come_to_the_surface() -> Result<()> {
        let nested = wat::parse_str(NESTED)?;
        assert_eq!(depth_max(&nested)?, 2);
        let flat = flatten(&nested)?;
        assert_eq!(depth_max(&flat)?, 0);
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        validator.validate_all(&flat)?;
        Ok(())
    }

    #[test]
    fn what_is_flat_keeps_its_items() -> Result<()> {
        let once = flatten(&wat::parse_str(NESTED)?)?;
        assert_eq!(flatten(&once)?, once);
        Ok(())
    }

    #[test]
    fn what_is_no_component_is_refused() {
        assert!(flatten(b"\0asm").is_err());
    }
}
