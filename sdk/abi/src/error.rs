//! Why there is no table.

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum AbiError {
    /// The text is no WIT package.
    #[error("the contract does not parse: {0}")]
    Contract(String),
    /// `wit-bindgen` makes nothing of it.
    #[error("there are no bindings for Rust: {0}")]
    Bindings(String),
    /// A type, or a signature, that the tables have no word for.
    #[error("the tables cannot say what `{0}` is\n  hint: teach `sdk/abi` that kind of type")]
    Unsupported(String),
    /// Two numbers would have the same name.
    #[error("two constants are called `{0}`\n  hint: call one of the types differently")]
    Twice(String),
}
