//! Why a test could not set its scene.

use std::path::PathBuf;
use std::time::Duration;

/// What went wrong before the test could test anything.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HarnessError {
    /// Something that `make` builds is not there.
    #[error("`{}` is not built\n  hint: run `make {target}`", path.display())]
    NotBuilt {
        /// Where it was looked for.
        path: PathBuf,
        /// The make target that builds it.
        target: &'static str,
    },
    /// A program did not start.
    #[error("`{program}` does not start: {source}")]
    Spawn {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// A program ended, or was silent for too long.
    #[error("`{program}` did not print `{wanted}` within {deadline:?}; it printed:\n{printed}")]
    Silent {
        /// The program.
        program: String,
        /// What was waited for.
        wanted: String,
        /// How long it had.
        deadline: Duration,
        /// Everything it printed, both streams.
        printed: String,
    },
    /// A program ended with a failure.
    #[error("`{program}` failed with {status}:\n{printed}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it said.
        printed: String,
    },
    /// An HTTP endpoint did not say 200 in time.
    #[error("`{url}` did not answer 200 within {deadline:?}; at last: {last}")]
    NotReady {
        /// The endpoint.
        url: String,
        /// How long it had.
        deadline: Duration,
        /// The last answer.
        last: String,
    },
    /// A program printed something that was not expected.
    #[error("`{text}` is not {wanted}")]
    Unexpected {
        /// What it printed.
        text: String,
        /// What was wanted.
        wanted: &'static str,
    },
    /// A file or a socket.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
