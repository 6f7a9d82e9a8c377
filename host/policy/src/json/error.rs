//! Why a text is not read.

use std::borrow::Cow;

/// Why a text was refused. Offsets are in bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not UTF-8.
    #[error("not UTF-8 at byte {offset}")]
    NotUtf8 {
        /// The first bad byte.
        offset: usize,
    },
    /// Longer than the limit.
    #[error("longer than {bytes_max} bytes")]
    TooLong {
        /// The limit.
        bytes_max: usize,
    },
    /// Nested deeper than the limit.
    #[error("nested deeper than {depth_max} levels at byte {offset}")]
    TooDeep {
        /// The limit.
        depth_max: usize,
        /// Where the level begins.
        offset: usize,
    },
    /// More values than the limit.
    #[error("more than {nodes_max} values")]
    TooManyValues {
        /// The limit.
        nodes_max: usize,
    },
    /// Not JSON.
    #[error("not JSON at byte {offset}: expected {expected}")]
    Syntax {
        /// Where.
        offset: usize,
        /// What should have stood there.
        expected: &'static str,
    },
    /// Two members of one object have the same name.
    #[error("duplicate member `{name}` at byte {offset}")]
    DuplicateMember {
        /// The name, unescaped.
        name: String,
        /// Where the second one begins.
        offset: usize,
    },
    /// A `\u` escape that is half of a surrogate pair.
    #[error("lone surrogate at byte {offset}")]
    LoneSurrogate {
        /// Where the escape begins.
        offset: usize,
    },
}

impl JsonError {
    /// What is wrong, without a word of the text.
    pub fn unquoted(&self) -> Cow<'static, str> {
        match self {
            Self::DuplicateMember { offset, .. } => Cow::Owned(format!(
                "two members of one name, the second at byte {offset}"
            )),
            Self::NotUtf8 { .. }
            | Self::TooLong { .. }
            | Self::TooDeep { .. }
            | Self::TooManyValues { .. }
            | Self::Syntax { .. }
            | Self::LoneSurrogate { .. } => Cow::Owned(self.to_string()),
        }
    }
}
