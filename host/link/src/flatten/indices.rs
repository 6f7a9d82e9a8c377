//! From the indices of the component that is read to those of the result.

use std::convert::Infallible;

use wasm_encoder::reencode::{Reencode, ReencodeComponent};

use super::space::{NOWHERE, Space};
use super::{Flat, Reencoded};

impl Flat<'_> {
    /// From an index of the component that is read; inside of a type, indices
    /// are the type's own.
    fn inner(&self, space: Space, index: u32) -> u32 {
        match self.type_depth {
            0 => self.outer(0, space, index),
            _ => index,
        }
    }

    /// The same for so many components, or types, further out.
    pub(super) fn outer(&self, count: u32, space: Space, index: u32) -> u32 {
        let Some(up) = count.checked_sub(self.type_depth) else {
            return index;
        };
        let lookup = || {
            let frame = self.frames.iter().rev().nth(usize::try_from(up).ok()?)?;
            let indices = frame.indices.get(&space)?;
            indices.get(usize::try_from(index).ok()?).copied()
        };
        lookup().unwrap_or(NOWHERE)
    }
}

impl Reencode for Flat<'_> {
    type Error = Infallible;

    fn function_index(&mut self, index: u32) -> Reencoded<u32> {
        Ok(self.inner(Space::CoreFunc, index))
    }

    fn global_index(&mut self, index: u32) -> Reencoded<u32> {
        Ok(self.inner(Space::CoreGlobal, index))
    }

    fn memory_index(&mut self, index: u32) -> Reencoded<u32> {
        Ok(self.inner(Space::CoreMemory, index))
    }

    fn table_index(&mut self, index: u32) -> Reencoded<u32> {
        Ok(self.inner(Space::CoreTable, index))
    }

    fn type_index(&mut self, index: u32) -> Reencoded<u32> {
        Ok(self.inner(Space::CoreType, index))
    }
}

impl ReencodeComponent for Flat<'_> {
    fn component_type_index(&mut self, index: u32) -> u32 {
        self.inner(Space::Type, index)
    }

    fn component_instance_index(&mut self, index: u32) -> u32 {
        self.inner(Space::Instance, index)
    }

    fn component_func_index(&mut self, index: u32) -> u32 {
        self.inner(Space::Func, index)
    }

    fn component_index(&mut self, index: u32) -> u32 {
        self.inner(Space::Component, index)
    }

    fn module_index(&mut self, index: u32) -> u32 {
        self.inner(Space::CoreModule, index)
    }

    fn instance_index(&mut self, index: u32) -> u32 {
        self.inner(Space::CoreInstance, index)
    }

    fn outer_component_type_index(&mut self, count: u32, index: u32) -> u32 {
        self.outer(count, Space::Type, index)
    }

    fn push_depth(&mut self) {
        self.type_depth = self.type_depth.saturating_add(1);
    }

    fn pop_depth(&mut self) {
        self.type_depth = self.type_depth.saturating_sub(1);
    }
}
