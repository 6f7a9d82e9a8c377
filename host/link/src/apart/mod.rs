//! Sets apart what a component remembers from what it does: memories and globals that
//! change move into modules of their own, which it imports. Its code is compiled once
//! then, whatever it remembers.

mod code;
mod image;
mod sections;

use std::collections::HashMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{Reencode, ReencodeComponent};
use wasm_encoder::{
    Component, ComponentAliasSection, ComponentImportSection, ComponentSectionId, ComponentTypeRef,
    CoreTypeSection, InstanceSection, ModuleArg, RawSection,
};
use wasmparser::Instance;

use crate::error::{Context as _, Result};

use image::{FROM_IMAGE, IMAGE};
pub use image::{Global, Image};
use sections::{Section, Sections};

/// A component and what it remembers.
#[derive(Debug)]
pub struct Apart {
    /// The component, which imports a module for each image, called as that is.
    pub component: Vec<u8>,
    /// What its instances remember at first: for each of its modules that remembers
    /// anything, in the order of the modules.
    pub images: Vec<Image>,
}

/// Sets the state of a component apart: the memory, and the globals that change, of each
/// module that is instantiated.
///
/// Refused is what another state could not stand in for: functions that run at the start,
/// data that is copied later, several memories in one module, modules that come in from
/// outside or go out.
pub fn set_apart(component: &[u8]) -> Result<Apart> {
    let mut apart = Writer::default();
    apart
        .write(component)
        .context("the state of the component cannot be set apart")?;
    Ok(Apart {
        component: apart.component.finish(),
        images: apart.images,
    })
}

/// The result, as far as it is written.
#[derive(Default)]
struct Writer {
    component: Component,
    images: Vec<Image>,
    core_types: u32,
    core_modules: u32,
    core_instances: u32,
    moved: Moved,
}

/// From the indices of the component that is read to those of the result.
#[derive(Default)]
struct Moved {
    modules: Vec<u32>,
    instances: Vec<u32>,
    /// The module of the image, by the module of the component that is read.
    images: HashMap<u32, u32>,
}

// === impl Writer ===

impl Writer {
    fn write(&mut self, component: &[u8]) -> Result<()> {
        let sections = Sections::read(component)?;
        for section in sections.all {
            match section {
                Section::Module(module) => {
                    let index = u32::try_from(self.moved.modules.len())?;
                    let parted = match sections.instantiated.contains(&index) {
                        true => code::part(module)
                            .with_context(|| format!("the module with the index {index}"))?,
                        false => None,
                    };
                    match parted {
                        Some((code, image)) => {
                            self.import(index, image);
                            self.add_module(&code);
                        }
                        None => self.add_module(module),
                    }
                }
                Section::Instances(instances) => {
                    for instance in instances {
                        self.add_instance(instance?)?;
                    }
                }
                Section::Aliases(section) => {
                    let mut aliases = ComponentAliasSection::new();
                    for alias in section {
                        aliases.alias(self.moved.component_alias(alias?)?);
                    }
                    self.component.section(&aliases);
                }
                Section::Other(section) => {
                    self.component.section(&section);
                }
            }
        }
        Ok(())
    }

    fn import(&mut self, module: u32, mut image: Image) {
        image.name = format!("{IMAGE}{module}");
        let mut types = CoreTypeSection::new();
        types.ty().module(&image.module_type());
        self.component.section(&types);
        let mut imports = ComponentImportSection::new();
        let of_type = ComponentTypeRef::Module(self.core_types);
        imports.import(image.name.as_str(), of_type);
        self.component.section(&imports);
        self.moved.images.insert(module, self.core_modules);
        self.core_types += 1;
        self.core_modules += 1;
        self.images.push(image);
    }

    fn add_module(&mut self, module: &[u8]) {
        self.component.section(&RawSection {
            id: ComponentSectionId::CoreModule.into(),
            data: module,
        });
        self.moved.modules.push(self.core_modules);
        self.core_modules += 1;
    }

    fn add_instance(&mut self, instance: Instance<'_>) -> Result<()> {
        let mut instances = InstanceSection::new();
        let image = match &instance {
            Instance::Instantiate { module_index, .. } => self.moved.images.get(module_index),
            Instance::FromExports(_) => None,
        };
        match (&instance, image.copied()) {
            (Instance::Instantiate { module_index, args }, Some(image)) => {
                instances.instantiate(image, [] as [(&str, ModuleArg); 0]);
                let of_image = ModuleArg::Instance(self.core_instances);
                self.core_instances += 1;
                let given = args.iter().map(|argument| {
                    let instance = self.moved.instance_index(argument.index);
                    (argument.name, ModuleArg::Instance(instance))
                });
                let mut given: Vec<_> = given.collect();
                given.push((FROM_IMAGE, of_image));
                instances.instantiate(self.moved.module_index(*module_index), given);
            }
            _ => self.moved.parse_instance(&mut instances, instance)?,
        }
        self.component.section(&instances);
        self.moved.instances.push(self.core_instances);
        self.core_instances += 1;
        Ok(())
    }
}

// === impl Moved ===

/// What is not there stays what it is: no component has so many items that the validator
/// would take it for another.
fn place(places: &[u32], index: u32) -> u32 {
    let place = usize::try_from(index).ok().and_then(|it| places.get(it));
    place.copied().unwrap_or(u32::MAX)
}

impl Reencode for Moved {
    type Error = Infallible;
}

impl ReencodeComponent for Moved {
    fn module_index(&mut self, index: u32) -> u32 {
        place(&self.modules, index)
    }

    fn instance_index(&mut self, index: u32) -> u32 {
        place(&self.instances, index)
    }
}

#[cfg(test)]
mod tests {
    use wasmparser::{Parser, Payload, Validator, WasmFeatures};

    use super::{Global, set_apart};

    /// A module that counts in a global and in memory, one without a state, and what both
    /// are lifted from.
    const COUNTS: &str = r#"(component
        (core module $plain (func (export "two") (result i32) (i32.const 2)))
        (core module $counts
            (import "plain" "two" (func $two (result i32)))
            (global $fixed i32 (i32.const 7))
            (global $count (mut i32) (i32.const 3))
            (global $more (mut i64) (i64.const -1))
            (memory (export "memory") 2 9)
            (table 1 funcref)
            (elem (i32.const 0) $two)
            (func (export "count") (result i32)
                (global.set $count (i32.add (global.get $count) (global.get $fixed)))
                (i32.store (i32.const 8) (global.get $count))
                (i32.add (call_indirect (result i32) (i32.const 0)) (i32.load (i32.const 8))))
            (data (i32.const 16) "first") (data (i32.const 65540) "second"))
        (core instance $p (instantiate $plain))
        (core instance $c (instantiate $counts (with "plain" (instance $p))))
        (alias core export $c "count" (core func $count))
        (func (export "count") (result u32) (canon lift (core func $count))))"#;

    fn is_valid(component: &[u8]) -> Result<(), String> {
        let features = WasmFeatures::default();
        let validated = Validator::new_with_features(features).validate_all(component);
        validated.map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn the_state_moves_into_a_module_that_is_imported() {
        let apart = set_apart(&wat::parse_str(COUNTS).unwrap()).unwrap();
        is_valid(&apart.component).unwrap();
        let [image] = &apart.images[..] else {
            panic!("{:?}", apart.images);
        };
        assert_eq!(image.name, "image1");
        is_valid(image.initial()).unwrap();
        let (mut memories, mut data, mut globals) = (0, 0, 0);
        for payload in Parser::new(0).parse_all(&apart.component) {
            match payload.unwrap() {
                Payload::MemorySection(section) => memories += section.count(),
                Payload::DataSection(section) => data += section.count(),
                Payload::GlobalSection(section) => globals += section.count(),
                _ => {}
            }
        }
        // The one global that never changes stays.
        assert_eq!((memories, data, globals), (0, 0, 1));
    }

    #[test]
    fn another_state_gives_the_same_component_another_image() {
        let apart = set_apart(&wat::parse_str(COUNTS).unwrap()).unwrap();
        let image = &apart.images[0];
        let mut memory = vec![0; 3 << 16];
        memory[100_000] = 1;
        let globals = [Global::I32(42), Global::I64(-2)];
        let later = image.holding(&globals, Some(&memory)).unwrap();
        is_valid(&later).unwrap();
        assert_ne!(later, image.initial());
        // One that is not whole fits no module of the component.
        assert!(image.holding(&globals[..1], Some(&memory)).is_err());
        assert!(image.holding(&globals, None).is_err());
        assert!(image.holding(&globals, Some(&memory[1..])).is_err());
        assert!(image.holding(&globals, Some(&vec![0; 10 << 16])).is_err());
    }

    #[test]
    fn what_another_state_could_not_stand_in_for_is_refused() {
        for (module, problem) in [
            ("(memory 1) (func $f) (start $f)", "at its start"),
            ("(memory 1) (memory 1)", "more than one memory"),
            ("(memory i64 1)", "of another kind"),
            ("(memory 1) (data \"later\")", "copied later"),
            (
                "(memory 1) (data (i32.const 0) \"a\") (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)))",
                "copied later",
            ),
            (
                "(import \"gatewright:image\" \"f\" (func)) (memory 1)",
                "apart already",
            ),
            (
                "(memory 1) (global $g (mut i32) (i32.const 0)) (global (mut i32) (global.get $g))",
                "constant",
            ),
            ("(memory 1) (data (i32.const 65530) \"too long\")", "end"),
        ] {
            let component =
                format!("(component (core module $m {module}) (core instance (instantiate $m)))");
            let component = wat::parse_str(component).unwrap();
            let error = set_apart(&component).unwrap_err().to_string();
            assert!(error.contains(problem), "{module}: {error}");
        }
        let module = wat::parse_str("(module (memory 1))").unwrap();
        let error = set_apart(&module).unwrap_err().to_string();
        assert!(error.contains("core module"), "{error}");
        for component in [
            "(component (import \"m\" (core module)))",
            "(component (core module $m) (export \"m\" (core module $m)))",
            "(component (core type (func)))",
            "(component (import \"image0\" (func)))",
        ] {
            let component = wat::parse_str(component).unwrap();
            let error = set_apart(&component).unwrap_err().to_string();
            assert!(error.contains("modules"), "{error}");
        }
    }
}
