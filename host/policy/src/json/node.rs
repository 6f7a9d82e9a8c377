//! The index of a document: what each value is, and where it stands.

/// What stands at one place of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number, integer or not.
    Number,
    /// A string.
    Text,
    /// An array and its number of elements.
    Array(u32),
    /// An object and its number of members.
    Object(u32),
}

/// Index entry of one value. An object's members follow it as name and value in
/// turn, an array's elements one by one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Only for `Kind::Text`: whether the text has a backslash.
    pub(super) escaped: bool,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Index of the first node after this value.
    pub(super) next: u32,
}
