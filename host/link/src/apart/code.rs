//! One module without what it remembers, and what that is at first.

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ElementSection, EntityType, ExportSection, FunctionSection, GlobalSection,
    ImportSection, MemoryType, Module, TableSection, TypeSection, ValType,
};
use wasmparser::{ConstExpr, Data, DataKind, Operator, Parser, Payload, TypeRef};

use crate::error::{Context as _, LinkError, Result};

use super::image::{self, FROM_IMAGE, Global, Image, MEMORY};

/// The longest memory that data fills at first, in bytes. A module that names a place far
/// behind its data would have that much written.
const INITIAL_BYTES_MAX: usize = 256 << 20;

/// Where the globals of a module are once some are imported.
#[derive(Default)]
struct Moved {
    imported: u32,
    /// Of those that the module defines.
    defined: Vec<u32>,
}

/// What a module does that is not set apart.
#[derive(Debug, thiserror::Error)]
#[error("it has data that is copied later")]
struct CopiesLater;

/// The module, section by section, without its state.
#[derive(Default)]
struct Sections {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    globals: GlobalSection,
    exports: ExportSection,
    elements: ElementSection,
    code: CodeSection,
}

/// What a module remembers.
#[derive(Default)]
struct State {
    memory: Option<MemoryType>,
    memories_imported: u32,
    globals: Vec<Global>,
    /// What its memory holds, as far as data reaches.
    held: Vec<u8>,
}

/// The module with its state imported, and the state; nothing where it has none.
pub(super) fn part(module: &[u8]) -> Result<Option<(Vec<u8>, Image)>> {
    let (state, mut moved) = State::read(module)?;
    if state.memory.is_none() && state.globals.is_empty() {
        return Ok(None);
    }
    let mut sections = Sections::default();
    sections.add(module, &mut moved)?;
    let types: Vec<ValType> = state
        .globals
        .iter()
        .map(|global| global.of_type())
        .collect();
    if let Some(memory) = state.memory {
        sections
            .imports
            .import(FROM_IMAGE, MEMORY, EntityType::Memory(memory));
    }
    for (index, of_type) in types.iter().enumerate() {
        let of_type = EntityType::Global(image::changing(*of_type));
        let name = image::global(index);
        sections.imports.import(FROM_IMAGE, &name, of_type);
    }
    let memory = state.memory.map(|memory| (memory, state.held.as_slice()));
    let image = Image {
        name: String::new(),
        initial: image::module(memory, &state.globals)?,
        memory: state.memory,
        globals: types,
    };
    Ok(Some((sections.finish(), image)))
}

// === impl State ===

impl State {
    fn read(module: &[u8]) -> Result<(Self, Moved)> {
        let mut state = Self::default();
        let mut moved = Moved::default();
        let mut changes = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        if import.module == FROM_IMAGE {
                            return Err(LinkError::refused("its state stands apart already"));
                        }
                        match import.ty {
                            TypeRef::Global(_) => moved.imported += 1,
                            TypeRef::Memory(_) => state.memories_imported += 1,
                            _ => {}
                        }
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        state.add_memory(memory?)?;
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        let global = global?;
                        changes.push(global.ty.mutable);
                        if global.ty.mutable {
                            state.globals.push(constant(&global.init_expr)?);
                        }
                    }
                }
                Payload::DataSection(section) => {
                    for data in section {
                        state.add_data(&data?)?;
                    }
                }
                Payload::StartSection { .. } => {
                    return Err(LinkError::refused("it runs a function at its start"));
                }
                Payload::TagSection(_) => {
                    return Err(LinkError::refused("it has tags, which are not set apart"));
                }
                _ => {}
            }
        }
        moved.place(&changes)?;
        Ok((state, moved))
    }

    fn add_memory(&mut self, memory: wasmparser::MemoryType) -> Result<()> {
        if self.memory.is_some() || self.memories_imported > 0 {
            return Err(LinkError::refused("it has more than one memory"));
        }
        if memory.memory64 || memory.shared || memory.page_size_log2.is_some() {
            return Err(LinkError::refused("its memory is of another kind"));
        }
        self.memory = Some(reencode::RoundtripReencoder.memory_type(memory)?);
        Ok(())
    }

    fn add_data(&mut self, data: &Data<'_>) -> Result<()> {
        let DataKind::Active {
            memory_index,
            offset_expr,
        } = &data.kind
        else {
            return Err(LinkError::refused("it has data that is copied later"));
        };
        let (Some(memory), 0) = (self.memory, *memory_index) else {
            return Err(LinkError::refused("it has data for a memory of others"));
        };
        let Global::I32(offset) = constant(offset_expr)? else {
            return Err(LinkError::refused("its data has no constant place"));
        };
        let begin = usize::try_from(u32::from_ne_bytes(offset.to_ne_bytes()))?;
        let end = begin.saturating_add(data.data.len());
        let is_inside = u64::try_from(end)? <= memory.minimum.saturating_mul(1 << 16);
        if !is_inside || end > INITIAL_BYTES_MAX {
            return Err(LinkError::refused("its data reaches beyond the end"));
        }
        if self.held.len() < end {
            self.held.resize(end, 0);
        }
        let place = self.held.get_mut(begin..end);
        place
            .context("its data has no place")?
            .copy_from_slice(data.data);
        Ok(())
    }
}

fn constant(expression: &ConstExpr<'_>) -> Result<Global> {
    let mut operators = expression.get_operators_reader();
    let global = match operators.read()? {
        Operator::I32Const { value } => Global::I32(value),
        Operator::I64Const { value } => Global::I64(value),
        Operator::F32Const { value } => Global::F32(value.bits()),
        Operator::F64Const { value } => Global::F64(value.bits()),
        _ => return Err(LinkError::refused("what it begins with is no constant")),
    };
    match operators.read()? {
        Operator::End => Ok(global),
        _ => Err(LinkError::refused("what it begins with is no constant")),
    }
}

// === impl Moved ===

impl Moved {
    /// Those that change become imports, behind the imports that are there.
    fn place(&mut self, changes: &[bool]) -> Result<()> {
        let changing = changes.iter().filter(|changes| **changes).count();
        let mut next_imported = self.imported;
        let mut next_defined = self.imported + u32::try_from(changing)?;
        for changes in changes {
            let next = match changes {
                true => &mut next_imported,
                false => &mut next_defined,
            };
            self.defined.push(*next);
            *next += 1;
        }
        Ok(())
    }
}

impl Reencode for Moved {
    type Error = CopiesLater;

    /// Only what copies or drops data later names it.
    fn data_index(&mut self, _data: u32) -> Result<u32, reencode::Error<CopiesLater>> {
        Err(reencode::Error::UserError(CopiesLater))
    }

    fn global_index(&mut self, global: u32) -> Result<u32, reencode::Error<CopiesLater>> {
        let defined = global.checked_sub(self.imported);
        let place = defined.and_then(|it| self.defined.get(usize::try_from(it).ok()?));
        Ok(place.copied().unwrap_or(global))
    }
}

// === impl Sections ===

impl Sections {
    fn add(&mut self, module: &[u8], moved: &mut Moved) -> Result<()> {
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(section) => {
                    moved.parse_type_section(&mut self.types, section)?;
                }
                Payload::ImportSection(section) => {
                    moved.parse_import_section(&mut self.imports, section)?;
                }
                Payload::FunctionSection(section) => {
                    moved.parse_function_section(&mut self.functions, section)?;
                }
                Payload::TableSection(section) => {
                    moved.parse_table_section(&mut self.tables, section)?;
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        let global = global?;
                        if !global.ty.mutable {
                            moved.parse_global(&mut self.globals, global)?;
                        }
                    }
                }
                Payload::ExportSection(section) => {
                    moved.parse_export_section(&mut self.exports, section)?;
                }
                Payload::ElementSection(section) => {
                    moved.parse_element_section(&mut self.elements, section)?;
                }
                Payload::CodeSectionEntry(body) => {
                    moved.parse_function_body(&mut self.code, body)?;
                }
                // The state moves; names say nothing to the sandbox.
                _ => {}
            }
        }
        Ok(())
    }

    fn finish(self) -> Vec<u8> {
        let mut module = Module::new();
        module.section(&self.types).section(&self.imports);
        module.section(&self.functions);
        if !self.tables.is_empty() {
            module.section(&self.tables);
        }
        if !self.globals.is_empty() {
            module.section(&self.globals);
        }
        module.section(&self.exports);
        if !self.elements.is_empty() {
            module.section(&self.elements);
        }
        module.section(&self.code);
        module.finish()
    }
}
