//! Why a ledger cannot be opened, and what to do about it.

use std::io;
use std::path::PathBuf;

use gatewright_policy::record::LabelError;

/// Why a ledger cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum LedgerOpenError {
    /// The file system says no.
    #[error("ledger `{path}`: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another gate writes this file.
    #[error(
        "ledger `{path}` is in use by another gate; hint: stop that one first; two gates need an `audit.path` each"
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file is not what this gate wrote.
    #[error(
        "ledger `{path}` is damaged at line {line}: {problem}; hint: `gatewright log repair` keeps the file as it is and begins a new one that carries over budgets, labels and the generation"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first bad line, starting at 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A newer program writes this ledger: what it says may not be understood, and would not
    /// be carried on as it should.
    #[error(
        "ledger `{path}` has entries of version {found} from line {line} on, and this program knows {known}; hint: start the newer program again, or give this one another `audit.path`"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The line that says so, starting at 1.
        line: u64,
        /// The version that it says.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
    /// There was a ledger here, and there is none.
    #[error(
        "ledger `{path}` is gone or empty, and `{salt}` says that there was one; hint: put it back, or let `gatewright log repair` begin a new one with what older segments say"
    )]
    Gone {
        /// The file.
        path: PathBuf,
        /// Its salt.
        salt: PathBuf,
    },
    /// The key of the digests is not there.
    #[error(
        "salt `{path}` {problem}, and without it no digest in the ledger proves anything; hint: put it back from a copy, or begin a new segment with a new one: `gatewright log repair --new-salt`"
    )]
    Salt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// What sessions carry is sealed, and the salt beside the file is another one.
    #[error(
        "ledger `{path}`, line {line}: {source}; hint: put the `.salt` file that belongs to this ledger back beside it, or wait until the credential of that session has ended"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The first such line, starting at 1.
        line: u64,
        /// What is wrong.
        source: LabelError,
    },
    /// Entries were signed for, and are not there as they were; or what signed them, or
    /// what proves it, is gone.
    #[error(
        "ledger `{path}` does not fit its signed tree: {problem}; hint: `gatewright log verify` says more; put back what was there, or let `gatewright log repair` keep everything as it is and begin a new tree"
    )]
    Tree {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A log keeps its name as long as its key.
    #[error(
        "ledger `{path}` is signed as `{is}`, and `audit.origin` says `{wanted}`; hint: write `origin = \"{is}\"`"
    )]
    Origin {
        /// The file.
        path: PathBuf,
        /// Its name.
        is: String,
        /// The one in the configuration.
        wanted: String,
    },
}
