//! A core module, taken apart.

use std::collections::{HashMap, HashSet};

use wasm_encoder::ExportKind;
use wasmparser::{
    Data, Element, ExternalKind, FunctionBody, Global, MemoryType, Parser, Payload, Table, TypeRef,
    TypeSectionReader,
};

use crate::error::{LinkError, Result};
use crate::flatten::Space;

/// What a core module imports, defines and exports, kind by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Func,
    Table,
    Memory,
    Global,
}

/// A core module, section by section.
#[derive(Default)]
pub(super) struct Outline<'a> {
    pub(super) types: Option<TypeSectionReader<'a>>,
    pub(super) type_count: u32,
    /// Module and name of each import, kind by kind in their order.
    pub(super) imports: HashMap<Kind, Vec<(&'a str, &'a str)>>,
    /// The types of imported functions.
    pub(super) imported_types: Vec<u32>,
    /// The types of defined functions, and their bodies.
    pub(super) functions: Vec<u32>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    pub(super) tables: Vec<Table<'a>>,
    pub(super) memories: Vec<MemoryType>,
    pub(super) globals: Vec<Global<'a>>,
    pub(super) exports: HashMap<&'a str, (Kind, u32)>,
    pub(super) elements: Vec<Element<'a>>,
    pub(super) data: Vec<Data<'a>>,
    /// The function that runs when there is an instance.
    pub(super) start: Option<u32>,
    /// Whether its code names data segments.
    pub(super) has_data_count: bool,
}

// === impl Kind ===

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Func, Self::Table, Self::Memory, Self::Global];

    pub(super) fn of(kind: ExternalKind) -> Result<Self> {
        Ok(match kind {
            ExternalKind::Func | ExternalKind::FuncExact => Self::Func,
            ExternalKind::Table => Self::Table,
            ExternalKind::Memory => Self::Memory,
            ExternalKind::Global => Self::Global,
            ExternalKind::Tag => {
                return Err(LinkError::refused("it has tags, which are not linked"));
            }
        })
    }
}

impl From<Kind> for Space {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Func => Self::CoreFunc,
            Kind::Table => Self::CoreTable,
            Kind::Memory => Self::CoreMemory,
            Kind::Global => Self::CoreGlobal,
        }
    }
}

impl From<Kind> for ExportKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Func => Self::Func,
            Kind::Table => Self::Table,
            Kind::Memory => Self::Memory,
            Kind::Global => Self::Global,
        }
    }
}

// === impl Outline ===

impl<'a> Outline<'a> {
    pub(super) fn read(module: &'a [u8]) -> Result<Self> {
        let mut outline = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            outline.add(payload?)?;
        }
        Ok(outline)
    }

    fn add(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section.clone() {
                    self.type_count += u32::try_from(group?.types().len())?;
                }
                self.types = Some(section);
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    let kind = match import.ty {
                        TypeRef::Func(type_index) | TypeRef::FuncExact(type_index) => {
                            self.imported_types.push(type_index);
                            Kind::Func
                        }
                        TypeRef::Table(_) => Kind::Table,
                        TypeRef::Memory(_) => Kind::Memory,
                        TypeRef::Global(_) => Kind::Global,
                        TypeRef::Tag(_) => Kind::of(ExternalKind::Tag)?,
                    };
                    let imports = self.imports.entry(kind).or_default();
                    imports.push((import.module, import.name));
                }
            }
            Payload::FunctionSection(section) => {
                self.functions = section.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::TableSection(section) => {
                self.tables = section.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::MemorySection(section) => {
                self.memories = section.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::GlobalSection(section) => {
                self.globals = section.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    let item = (Kind::of(export.kind)?, export.index);
                    self.exports.insert(export.name, item);
                }
            }
            Payload::ElementSection(section) => {
                self.elements = section.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::DataCountSection { .. } => self.has_data_count = true,
            Payload::DataSection(section) => {
                self.data = section.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::TagSection(_) => {
                return Err(LinkError::refused("it has tags, which are not linked"));
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn imported(&self, kind: Kind) -> &[(&'a str, &'a str)] {
        self.imports.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The names of the instances that it imports anything from.
    pub(super) fn imported_from(&self) -> HashSet<&'a str> {
        let imports = self.imports.values().flatten();
        imports.map(|(module, _)| *module).collect()
    }

    pub(super) fn defined_count(&self, kind: Kind) -> usize {
        match kind {
            Kind::Func => self.functions.len(),
            Kind::Table => self.tables.len(),
            Kind::Memory => self.memories.len(),
            Kind::Global => self.globals.len(),
        }
    }
}
