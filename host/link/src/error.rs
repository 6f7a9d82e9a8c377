//! Why something cannot be rewritten.

use std::num::TryFromIntError;

use wasm_encoder::reencode;
use wasmparser::BinaryReaderError;

/// Why a component or a core module cannot be rewritten.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// It is not WebAssembly that the parser knows.
    #[error(transparent)]
    Malformed(#[from] BinaryReaderError),
    /// It holds something that is not rewritten, or lacks what it refers to.
    #[error("{0}")]
    Refused(String),
    /// What was being done when it went wrong.
    #[error("{doing}: {cause}")]
    Within {
        /// What was being done.
        doing: String,
        /// What went wrong.
        cause: Box<Self>,
    },
}

pub(crate) type Result<T, E = LinkError> = std::result::Result<T, E>;

/// Says what is missing, or what was being done.
pub(crate) trait Context<T> {
    fn context(self, text: impl Into<String>) -> Result<T>;
    fn with_context<S: Into<String>>(self, text: impl FnOnce() -> S) -> Result<T>;
}

// === impl LinkError ===

impl LinkError {
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }
}

impl From<TryFromIntError> for LinkError {
    fn from(_: TryFromIntError) -> Self {
        Self::refused("it has more items than an index can count")
    }
}

impl<E: std::fmt::Display> From<reencode::Error<E>> for LinkError {
    fn from(error: reencode::Error<E>) -> Self {
        match error {
            reencode::Error::ParseError(error) => Self::Malformed(error),
            error => Self::refused(error.to_string()),
        }
    }
}

// === impl Context ===

impl<T> Context<T> for Option<T> {
    fn context(self, text: impl Into<String>) -> Result<T> {
        self.ok_or_else(|| LinkError::refused(text))
    }

    fn with_context<S: Into<String>>(self, text: impl FnOnce() -> S) -> Result<T> {
        self.ok_or_else(|| LinkError::refused(text()))
    }
}

impl<T, E: Into<LinkError>> Context<T> for std::result::Result<T, E> {
    fn context(self, text: impl Into<String>) -> Result<T> {
        self.with_context(|| text)
    }

    fn with_context<S: Into<String>>(self, text: impl FnOnce() -> S) -> Result<T> {
        self.map_err(|cause| LinkError::Within {
            doing: text().into(),
            cause: Box::new(cause.into()),
        })
    }
}
