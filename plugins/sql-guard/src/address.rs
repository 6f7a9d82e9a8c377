//! Tells a node of a statement from its equals elsewhere in it.

pub(crate) fn address<T>(value: &T) -> usize {
    std::ptr::from_ref(value).addr()
}
