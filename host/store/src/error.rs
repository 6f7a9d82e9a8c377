//! What goes wrong with a database, in words that quote nothing of what is in it.

use std::io;
use std::path::PathBuf;

/// Why a memory cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The configuration says where it is, and that is no such place.
    #[error(
        "`memory.url` {0}; hint: write `sqlite:state/memory.db`, or `postgres://user@host/database`"
    )]
    Url(String),
    /// A file of the gate's own.
    #[error("`{path}`: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The database does not answer as it must.
    #[error("the memory at {place} {problem}")]
    Database {
        /// Where it is.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// A newer program has been here.
    #[error(
        "the memory at {place} has version {found} of its tables, and this program knows {known}; hint: start the newer program again, or give this one another database"
    )]
    Newer {
        /// Where it is.
        place: String,
        /// The version there.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// A newer program writes its record: what rows say may not be understood, and would not be
    /// carried on as it should.
    #[error(
        "the memory at {place} has entries of version {found}, and this program knows {known}; hint: start the newer program again, or give this one another database"
    )]
    NewerRecord {
        /// Where it is.
        place: String,
        /// The newest version that a gate there writes.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// What is there was keyed with another salt.
    #[error(
        "salt `{path}` {problem} of the memory at {place}; hint: every gate that shares a memory has the same file, so copy it from one that runs"
    )]
    Salt {
        /// The file.
        path: PathBuf,
        /// Where the memory is.
        place: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// What an operator is told. A message of the database is left out where it may quote
/// what it was given.
pub(crate) fn told(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            // SQLSTATE: data exceptions, and violated constraints.
            match code.starts_with("22") || code.starts_with("23") {
                true => format!("refused what it was given (SQLSTATE {code})"),
                false => format!("says: {} ({code})", error.message()),
            }
        }
        sqlx::Error::Io(error) => format!("cannot be reached: {error}"),
        sqlx::Error::Tls(error) => format!("cannot be reached over TLS: {error}"),
        // Said by this crate alone.
        sqlx::Error::InvalidArgument(problem) => problem.clone(),
        sqlx::Error::Protocol(_) => "does not speak as it should".to_owned(),
        sqlx::Error::WorkerCrashed => "has crashed".to_owned(),
        sqlx::Error::Configuration(_) => "is not configured as it should be".to_owned(),
        _of_the_program => "was asked what it cannot answer".to_owned(),
    }
}

/// Whether the same may go well at once: nothing of it happened.
pub(crate) fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        // A connection that was closed while nobody used it.
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => matches!(
            error.code().as_deref(),
            // Serialization failure, deadlock, shutdown by an administrator or a crash,
            // idle for too long.
            Some("40001" | "40P01" | "57P01" | "57P02" | "25P03" | "57P05")
        ),
        _other => false,
    }
}
