//! What the tables of every language are written from.

/// The canonical ABI of the contract, on WebAssembly with 32-bit memory.
pub struct Table {
    /// For example `gatewright:policy@0.2.0`.
    pub(crate) package: String,
    pub(crate) groups: Vec<Group>,
    pub(crate) imports: Vec<Import>,
    pub(crate) worlds: Vec<World>,
    /// What every component exports for the gate to ask for memory.
    pub(crate) realloc: String,
}

/// The numbers of one type or function.
pub(crate) struct Group {
    /// For example ``record `denial` ``.
    pub(crate) about: String,
    pub(crate) constants: Vec<Constant>,
    /// Of an enum, a variant or flags: what their values are called.
    pub(crate) words: Option<Words>,
}

/// What the cases of a type, or its flags, are called, in the order of the contract.
pub(crate) struct Words {
    /// Of the type.
    pub(crate) name: String,
    pub(crate) words: Vec<String>,
}

/// A number.
pub(crate) struct Constant {
    /// In words with hyphens, for example `denial-size`.
    pub(crate) name: String,
    pub(crate) value: usize,
}

/// A function that the gate offers.
pub(crate) struct Import {
    /// In words with hyphens, for example `caller-id`.
    pub(crate) name: String,
    /// For example `gatewright:policy/caller@0.2.0`.
    pub(crate) module: String,
    /// For example `[method]node.kind`.
    pub(crate) field: String,
    pub(crate) signature: Signature,
}

/// What a component of one kind exports.
pub(crate) struct World {
    /// For example `policy`.
    pub(crate) name: String,
    /// The word of its interface, for example `judging`.
    pub(crate) interface: String,
    pub(crate) exports: Vec<Export>,
}

/// A function that the gate calls.
pub(crate) struct Export {
    /// For example `judge`.
    pub(crate) name: String,
    /// For example `gatewright:policy/judging@0.2.0#judge`.
    pub(crate) field: String,
    pub(crate) signature: Signature,
}

/// A function as a core module has it.
pub(crate) struct Signature {
    pub(crate) params: Vec<Param>,
    pub(crate) result: Option<Core>,
}

pub(crate) struct Param {
    /// In words with hyphens.
    pub(crate) name: String,
    pub(crate) kind: ParamKind,
}

/// What a parameter is, and so how many core values.
#[derive(Clone, Copy)]
pub(crate) enum ParamKind {
    /// Two values: where it is, and its length.
    Text,
    /// One value.
    Value(Core),
    /// Where the result is to be written.
    ResultArea,
}

/// What a core value is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Core {
    I32,
    I64,
    /// An `i32` that is a place in memory.
    Address,
}
