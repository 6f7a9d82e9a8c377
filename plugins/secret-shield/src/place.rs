//! Where a value of a result stands.

use gatewright_sdk::Pointer;

/// Where a value stands, from the value outwards. A pointer is made of it only where
/// something changes: in most results that is nowhere.
#[derive(Clone, Copy)]
pub(crate) enum Place<'p> {
    Root,
    Member(&'p Place<'p>, &'p str),
    Element(&'p Place<'p>, usize),
}

impl<'p> Place<'p> {
    pub(crate) fn member(&'p self, name: &'p str) -> Self {
        Self::Member(self, name)
    }

    pub(crate) fn element(&'p self, index: usize) -> Self {
        Self::Element(self, index)
    }

    pub(crate) fn pointer(&self) -> Pointer {
        match self {
            Self::Root => Pointer::root(),
            Self::Member(object, name) => object.pointer().child(name),
            Self::Element(array, index) => array.pointer().child(&index.to_string()),
        }
    }
}
