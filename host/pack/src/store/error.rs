//! Why a store did not do what it was asked.

use std::io;
use std::path::Path;

use gatewright_policy::Digest;

use crate::refusal::Refusal;

/// Why a store did not do what it was asked. What was wanted is still wanted.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system says no.
    #[error("`{path}`: {cause}")]
    Disk {
        /// The file or folder.
        path: String,
        /// What the operating system says.
        cause: io::Error,
    },
    /// A file is not what this store writes.
    #[error(
        "`{path}` is damaged: {cause}; hint: put it back from a backup, or remove the \
         store and import the packs again"
    )]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Somebody else holds the lock, and does not let go.
    #[error("the store `{0}` is busy; hint: another command is writing to it, try again")]
    Busy(String),
    /// Somebody else changed what is wanted first.
    #[error(
        "what is wanted was changed meanwhile: it is at revision {revision}, by {by} at \
         {at}, and not at {expected}; hint: look at it, and try again"
    )]
    Moved {
        /// The revision that the caller had seen.
        expected: u64,
        /// The revision that it has now.
        revision: u64,
        /// Who made it.
        by: String,
        /// When.
        at: String,
    },
    /// A pack that is not here, or not any more.
    #[error("the pack {0} is not in the store; hint: import it first, from a layout or a registry")]
    NotStored(Digest),
    /// A set that names a pack by the name of another one.
    #[error("the pack {pack} is called `{found}`, and not `{expected}`")]
    OtherName {
        /// The pack.
        pack: Digest,
        /// What the set calls it.
        expected: String,
        /// What it is called.
        found: String,
    },
    /// A revision that is not in the history.
    #[error("there is no revision {revision} to go back to; there are: {known}")]
    NoRevision {
        /// The one that was asked for.
        revision: String,
        /// Those that there are.
        known: String,
    },
    /// Too many packs.
    #[error(
        "the store has more than {0} packs; hint: `gatewright pack gc` removes those that nobody wants"
    )]
    Full(usize),
    /// A pack that is here does not verify any more.
    #[error("the pack {pack} is refused: {refusal}")]
    Refused {
        /// The pack.
        pack: Digest,
        /// Why.
        refusal: Box<Refusal>,
    },
}

// === impl StoreError ===

impl StoreError {
    pub(super) fn disk(path: &Path, cause: io::Error) -> Self {
        Self::Disk {
            path: path.display().to_string(),
            cause,
        }
    }
}
