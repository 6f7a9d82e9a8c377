//! The merged module, section by section.

use wasm_encoder::reencode::Reencode as _;
use wasm_encoder::{
    CodeSection, CustomSection, DataCountSection, DataSection, ElementSection, ExportKind,
    ExportSection, FunctionSection, GlobalSection, ImportSection, MemorySection, Module,
    StartSection, TableSection, TypeSection,
};
use wasmparser::{Parser, Payload, TypeRef};

use crate::error::{LinkError, Result};

use super::moved::{MovedCore, MovedStub};
use super::parts::Parts;
use super::segments;

/// The result, section by section.
#[derive(Default)]
pub(super) struct Sections<'a> {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    exports: ExportSection,
    start: Option<StartSection>,
    elements: ElementSection,
    data_count: Option<DataCountSection>,
    code: CodeSection,
    data: DataSection,
    customs: Vec<CustomSection<'a>>,
}

// === impl Sections ===

impl<'a> Sections<'a> {
    pub(super) fn add_core(&mut self, core: &'a [u8], code: &mut MovedCore) -> Result<()> {
        for payload in Parser::new(0).parse_all(core) {
            match payload? {
                Payload::TypeSection(section) => {
                    code.parse_type_section(&mut self.types, section)?;
                }
                Payload::FunctionSection(section) => {
                    code.parse_function_section(&mut self.functions, section)?;
                }
                Payload::TableSection(section) => {
                    code.parse_table_section(&mut self.tables, section)?;
                }
                Payload::MemorySection(section) => {
                    code.parse_memory_section(&mut self.memories, section)?;
                }
                Payload::TagSection(_) => {
                    return Err(LinkError::refused("it has tags, which are not merged"));
                }
                Payload::GlobalSection(section) => {
                    code.parse_global_section(&mut self.globals, section)?;
                }
                Payload::StartSection { func, .. } => {
                    let function_index = code.function_index(func)?;
                    self.start = Some(StartSection { function_index });
                }
                Payload::ElementSection(section) => {
                    code.parse_element_section(&mut self.elements, section)?;
                }
                Payload::DataCountSection { count, .. } => {
                    self.data_count = Some(DataCountSection { count });
                }
                Payload::CodeSectionEntry(body) => {
                    code.parse_function_body(&mut self.code, body)?
                }
                Payload::DataSection(section) => {
                    let joined = match self.data_count {
                        Some(_) => None,
                        None => segments::joined(section.clone())?,
                    };
                    match joined {
                        Some(joined) => self.data = joined,
                        None => code.parse_data_section(&mut self.data, section)?,
                    }
                }
                // What names functions by their number would be wrong, and how
                // the module was built is nobody's business.
                Payload::CustomSection(section)
                    if section.name().starts_with("component-type")
                        || section.name() == "producers" =>
                {
                    self.customs.push(CustomSection {
                        name: section.name().into(),
                        data: section.data().into(),
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn add_imports_and_exports(
        &mut self,
        core: &Parts<'_>,
        stub: &Parts<'_>,
        answers: &[Option<u32>],
        code: &mut MovedCore,
    ) -> Result<()> {
        let mut answers = answers.iter();
        for import in &core.imports {
            let is_answered = matches!(import.ty, TypeRef::Func(_))
                && answers.next().is_some_and(|answer| answer.is_some());
            if !is_answered {
                let entity = code.entity_type(import.ty)?;
                self.imports.import(import.module, import.name, entity);
            }
        }
        for export in &core.exports {
            let is_used_up = stub.imported().any(|import| import.name == export.name)
                || stub.for_the_host().any(|(name, _)| name == export.name);
            if !is_used_up {
                let kind = code.export_kind(export.kind)?;
                let index = code.external_index(export.kind, export.index)?;
                self.exports.export(export.name, kind, index);
            }
        }
        Ok(())
    }

    pub(super) fn add_stub(
        &mut self,
        stub: &Parts<'_>,
        taken: &[u32],
        code: &mut MovedStub,
    ) -> Result<()> {
        if let Some(section) = stub.type_section.clone() {
            code.parse_type_section(&mut self.types, section)?;
        }
        if let Some(section) = stub.global_section.clone() {
            code.parse_global_section(&mut self.globals, section)?;
        }
        for &function in taken {
            let type_index = code.type_index(stub.type_of(function)?)?;
            self.functions.function(type_index);
            code.parse_function_body(&mut self.code, stub.body(function)?)?;
        }
        for (name, function) in stub.for_the_host() {
            let function = code.function_index(function)?;
            self.exports.export(name, ExportKind::Func, function);
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let mut module = Module::new();
        module.section(&self.types).section(&self.imports);
        module.section(&self.functions);
        if !self.tables.is_empty() {
            module.section(&self.tables);
        }
        if !self.memories.is_empty() {
            module.section(&self.memories);
        }
        if !self.globals.is_empty() {
            module.section(&self.globals);
        }
        module.section(&self.exports);
        if let Some(start) = self.start {
            module.section(&start);
        }
        if !self.elements.is_empty() {
            module.section(&self.elements);
        }
        if let Some(count) = self.data_count {
            module.section(&count);
        }
        module.section(&self.code);
        if !self.data.is_empty() {
            module.section(&self.data);
        }
        for custom in &self.customs {
            module.section(custom);
        }
        module.finish()
    }
}
