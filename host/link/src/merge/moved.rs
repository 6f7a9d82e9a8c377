//! Where functions, types and globals are after merging.

use std::collections::HashMap;

use wasm_encoder::reencode::{Error, Reencode};

use crate::error::{Context as _, Result};

use super::parts::Parts;

/// Writes the core module again: its functions have moved.
pub(super) struct MovedCore {
    /// Where each imported function is now.
    pub(super) imported: Vec<u32>,
    /// Imported functions that are left.
    pub(super) left: u32,
}

/// Writes parts of the stub behind those of the core module.
pub(super) struct MovedStub {
    pub(super) types: u32,
    pub(super) globals: u32,
    pub(super) functions: HashMap<u32, u32>,
}

/// A function of the stub refers to one that is not there.
#[derive(Debug, thiserror::Error)]
#[error("the stub refers to function {0}, which is not taken")]
pub(super) struct FunctionError(u32);

// === impl MovedCore ===

impl MovedCore {
    /// First the imports that are left, then the functions of the core module,
    /// then those of the stub.
    pub(super) fn new(core: &Parts<'_>, answers: &[Option<u32>], taken: &[u32]) -> Result<Self> {
        let left = answers.iter().filter(|answer| answer.is_none()).count();
        let left = u32::try_from(left)?;
        let first_taken = left + core.defined()?;
        let places: HashMap<_, _> = taken.iter().copied().zip(first_taken..).collect();
        let mut next = 0..left;
        let imported = answers.iter().map(|answer| match answer {
            Some(function) => places.get(function).copied(),
            None => next.next(),
        });
        let imported = imported.collect::<Option<_>>();
        let imported = imported.context("an imported function is lost")?;
        Ok(Self { imported, left })
    }
}

impl Reencode for MovedCore {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Self::Error>> {
        Ok(match self.imported.get(function as usize) {
            Some(moved) => *moved,
            // Fewer are left than were imported, of a few at most.
            None => function - (self.imported.len() as u32 - self.left),
        })
    }
}

// === impl MovedStub ===

impl MovedStub {
    pub(super) fn new(
        core: &Parts<'_>,
        stub: &Parts<'_>,
        taken: &[u32],
        core_code: &mut MovedCore,
    ) -> Result<Self> {
        let mut functions = HashMap::new();
        for (index, import) in (0..).zip(stub.imported()) {
            let function = core
                .exported(import.name)
                .with_context(|| format!("the core module exports no `{}`", import.name))?;
            functions.insert(index, core_code.function_index(function)?);
        }
        let first = core_code.left + core.defined()?;
        functions.extend(taken.iter().copied().zip(first..));
        Ok(Self {
            types: u32::try_from(core.signatures.len())?,
            globals: core.globals,
            functions,
        })
    }
}

impl Reencode for MovedStub {
    type Error = FunctionError;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Self::Error>> {
        let moved = self.functions.get(&function).copied();
        moved.ok_or(Error::UserError(FunctionError(function)))
    }

    fn type_index(&mut self, type_index: u32) -> Result<u32, Error<Self::Error>> {
        Ok(self.types + type_index)
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Error<Self::Error>> {
        Ok(self.globals + global)
    }
}
