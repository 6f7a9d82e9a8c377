//! A core module, taken apart as far as merging must understand it.

use wasmparser::{
    CompositeInnerType, Export, ExternalKind, FuncType, FunctionBody, GlobalSectionReader, Import,
    Operator, Parser, Payload, TypeRef, TypeSectionReader,
};

use crate::error::{Context as _, LinkError, Result};

/// Where a stub imports the functions from that the core module exports.
const CORE: &str = "core";
/// How the names of exports begin that a stub has for the host and not for the
/// core module.
const FOR_THE_HOST: &str = "cabi_";

/// A module, taken apart as far as it must be understood.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub(super) type_section: Option<TypeSectionReader<'a>>,
    pub(super) signatures: Vec<Option<FuncType>>,
    pub(super) imports: Vec<Import<'a>>,
    /// The type of each function, imported ones first.
    pub(super) functions: Vec<u32>,
    pub(super) functions_imported: u32,
    pub(super) globals: u32,
    pub(super) global_section: Option<GlobalSectionReader<'a>>,
    pub(super) exports: Vec<Export<'a>>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    /// It has what no stub may have.
    pub(super) is_more: bool,
}

// === impl Parts ===

impl<'a> Parts<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut parts = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(section) => {
                    parts.type_section = Some(section.clone());
                    for group in section {
                        for sub_type in group?.into_types() {
                            parts.signatures.push(match sub_type.composite_type.inner {
                                CompositeInnerType::Func(signature) => Some(signature),
                                _ => None,
                            });
                        }
                    }
                }
                Payload::ImportSection(section) => {
                    parts.imports = section.into_imports().collect::<Result<_, _>>()?;
                    for import in &parts.imports {
                        match import.ty {
                            TypeRef::Func(type_index) => parts.functions.push(type_index),
                            TypeRef::Global(_) => parts.globals += 1,
                            _ => {}
                        }
                    }
                    parts.functions_imported = u32::try_from(parts.functions.len())?;
                }
                Payload::FunctionSection(section) => {
                    for type_index in section {
                        parts.functions.push(type_index?);
                    }
                }
                Payload::GlobalSection(section) => {
                    parts.globals += section.count();
                    parts.global_section = Some(section);
                }
                Payload::ExportSection(section) => {
                    parts.exports = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::CodeSectionEntry(body) => parts.bodies.push(body),
                Payload::TableSection(_)
                | Payload::MemorySection(_)
                | Payload::TagSection(_)
                | Payload::StartSection { .. }
                | Payload::ElementSection(_)
                | Payload::DataSection(_) => parts.is_more = true,
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                    return Err(LinkError::refused("it is a component already"));
                }
                _ => {}
            }
        }
        Ok(parts)
    }

    pub(super) fn check_stub(&self, name: &str) -> Result<()> {
        let imports_are_known = self.imports.iter().all(|import| match import.ty {
            TypeRef::Func(_) => import.module == CORE,
            TypeRef::Memory(_) => true,
            _ => false,
        });
        if self.is_more || !imports_are_known {
            return Err(LinkError::refused(format!(
                "the stub of `{name}` has more than functions and globals, or imports more than a memory and functions of `{CORE}`"
            )));
        }
        Ok(())
    }

    /// For each imported function the function of the stub that answers it.
    pub(super) fn answers(&self, name: &str, stub: &Self) -> Result<Vec<Option<u32>>> {
        let mut answers = Vec::new();
        for import in &self.imports {
            let TypeRef::Func(type_index) = import.ty else {
                continue;
            };
            let answer = (import.module == name)
                .then(|| stub.exported(import.name))
                .flatten();
            if let Some(function) = answer
                && self.signature(type_index) != stub.signature(stub.type_of(function)?)
            {
                return Err(LinkError::refused(format!(
                    "`{}` of `{name}` has another type in the stub",
                    import.name
                )));
            }
            answers.push(answer);
        }
        Ok(answers)
    }

    /// The functions of a stub that are reached from the answers and from what
    /// it has for the host.
    pub(super) fn needed(&self, answers: &[Option<u32>]) -> Result<Vec<u32>> {
        let mut needed: Vec<u32> = answers.iter().flatten().copied().collect();
        needed.extend(self.for_the_host().map(|(_, function)| function));
        needed.sort_unstable();
        needed.dedup();
        let mut next = 0;
        while let Some(&function) = needed.get(next) {
            next += 1;
            let mut operators = self.body(function)?.get_operators_reader()?;
            while !operators.eof() {
                if let Operator::Call { function_index } = operators.read()?
                    && function_index >= self.functions_imported
                    && !needed.contains(&function_index)
                {
                    needed.push(function_index);
                }
            }
        }
        Ok(needed)
    }

    pub(super) fn for_the_host(&self) -> impl Iterator<Item = (&'a str, u32)> + '_ {
        self.exports
            .iter()
            .filter(|export| export.name.starts_with(FOR_THE_HOST))
            .map(|export| (export.name, export.index))
    }

    pub(super) fn exported(&self, name: &str) -> Option<u32> {
        self.exports
            .iter()
            .find(|export| export.name == name && export.kind == ExternalKind::Func)
            .map(|export| export.index)
    }

    /// Functions that are imported, by name.
    pub(super) fn imported(&self) -> impl Iterator<Item = &Import<'a>> {
        self.imports
            .iter()
            .filter(|import| matches!(import.ty, TypeRef::Func(_)))
    }

    /// How many functions it defines.
    pub(super) fn defined(&self) -> Result<u32> {
        Ok(u32::try_from(self.functions.len())? - self.functions_imported)
    }

    pub(super) fn type_of(&self, function: u32) -> Result<u32> {
        let type_index = self.functions.get(function as usize).copied();
        type_index.context("a function has no type")
    }

    pub(super) fn signature(&self, type_index: u32) -> Option<&FuncType> {
        self.signatures.get(type_index as usize)?.as_ref()
    }

    pub(super) fn body(&self, function: u32) -> Result<FunctionBody<'a>> {
        let defined = function.checked_sub(self.functions_imported);
        let body = defined.and_then(|defined| self.bodies.get(defined as usize));
        body.cloned().context("a function has no body")
    }
}
