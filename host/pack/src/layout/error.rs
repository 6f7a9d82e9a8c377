//! Why something is not the layout of a pack.

use std::path::Path;

use crate::sha256::Sha256;

/// Why something is not the layout of a pack. Nothing of it was kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// The operating system says no.
    #[error("`{path}` cannot be read: {cause}")]
    Unreadable {
        /// What was read.
        path: String,
        /// What the operating system says.
        cause: String,
    },
    /// A file that every layout has is not there.
    #[error(
        "there is no `{0}`; hint: give the folder or the tar of an OCI image layout, \
         as `gatewright pack build` writes it"
    )]
    NotALayout(&'static str),
    /// An entry that leaves the layout, a link, or a file that no layout has.
    #[error("`{path}` does not belong into a layout: {problem}")]
    Foreign {
        /// The entry.
        path: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A tar with the same file twice.
    #[error("`{0}` is there twice")]
    Duplicate(String),
    /// More bytes than a pack may have.
    #[error("{what} has more than the {max} bytes that a pack may have there")]
    TooLarge {
        /// What is too large.
        what: String,
        /// How much it may have.
        max: usize,
    },
    /// More of something than a pack may have.
    #[error("there are more than {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// A blob that is named is not there.
    #[error("{what} is missing: there is no blob {digest}; hint: fetch the pack again")]
    Missing {
        /// What it is.
        what: &'static str,
        /// Its name.
        digest: Sha256,
    },
    /// A blob is not the one that is named.
    #[error(
        "{what} is not what its digest says: {digest} is expected, and {found} is there; \
         hint: it was changed or damaged; fetch the pack again"
    )]
    Digest {
        /// What it is.
        what: &'static str,
        /// What it should have.
        digest: Sha256,
        /// What it has.
        found: Sha256,
    },
    /// A blob does not have the size that its descriptor claims.
    #[error("{what} ({digest}) claims {claimed} bytes and has {found}")]
    Size {
        /// What it is.
        what: &'static str,
        /// Its name.
        digest: Sha256,
        /// What the descriptor says.
        claimed: u64,
        /// What is there.
        found: usize,
    },
    /// A media type that this part of a pack does not have.
    #[error("{what} has the media type `{found}`, and not `{expected}`")]
    MediaType {
        /// What it is.
        what: &'static str,
        /// What it should have.
        expected: &'static str,
        /// What it has.
        found: String,
    },
    /// JSON of another shape.
    #[error("{what} is not what OCI writes there: {cause}")]
    Shape {
        /// What it is.
        what: &'static str,
        /// What the parser says.
        cause: String,
    },
    /// No pack, or more than one.
    #[error(
        "the layout holds {0} packs, and not one; hint: `gatewright pack inspect` reads \
         layouts of one pack"
    )]
    Packs(usize),
    /// A signature of something else.
    #[error("a signature is about {found}, and the pack is {image}")]
    Subject {
        /// The pack's image manifest.
        image: Sha256,
        /// What the signature's manifest names.
        found: String,
    },
}

// === impl LayoutError ===

impl LayoutError {
    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::Unreadable {
            path: path.display().to_string(),
            cause: error.to_string(),
        }
    }
}
