//! Writes a linked module again: everything in it has moved.

use wasm_encoder::Instruction;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasmparser::Operator;

/// From the indices of one module to those of the result.
pub(super) struct Moved {
    pub(super) functions: Vec<Option<u32>>,
    pub(super) tables: Vec<Option<u32>>,
    pub(super) memories: Vec<Option<u32>>,
    pub(super) globals: Vec<Option<u32>>,
    /// The globals that never change.
    pub(super) constants: Vec<Option<Instruction<'static>>>,
    pub(super) types: u32,
    pub(super) elements: u32,
    pub(super) data: u32,
}

/// A module refers to what is not there.
#[derive(Debug, thiserror::Error)]
#[error("a core module refers to {what} {index}, which is not linked")]
pub(super) struct Lost {
    what: &'static str,
    index: u32,
}

fn place(places: &[Option<u32>], what: &'static str, index: u32) -> Result<u32, Error<Lost>> {
    let place = places.get(index as usize).copied().flatten();
    place.ok_or(Error::UserError(Lost { what, index }))
}

// === impl Moved ===

impl Reencode for Moved {
    type Error = Lost;

    fn function_index(&mut self, index: u32) -> Result<u32, Error<Lost>> {
        place(&self.functions, "function", index)
    }

    fn table_index(&mut self, index: u32) -> Result<u32, Error<Lost>> {
        place(&self.tables, "table", index)
    }

    fn memory_index(&mut self, index: u32) -> Result<u32, Error<Lost>> {
        place(&self.memories, "memory", index)
    }

    fn global_index(&mut self, index: u32) -> Result<u32, Error<Lost>> {
        place(&self.globals, "global", index)
    }

    fn type_index(&mut self, index: u32) -> Result<u32, Error<Lost>> {
        Ok(self.types + index)
    }

    fn element_index(&mut self, index: u32) -> Result<u32, Error<Lost>> {
        Ok(self.elements + index)
    }

    fn data_index(&mut self, index: u32) -> Result<u32, Error<Lost>> {
        Ok(self.data + index)
    }

    /// In code and in the offsets of segments.
    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<Instruction<'a>, Error<Lost>> {
        if let Operator::GlobalGet { global_index } = operator
            && let Some(Some(constant)) = self.constants.get(global_index as usize)
        {
            return Ok(constant.clone());
        }
        utils::instruction(self, operator)
    }
}
