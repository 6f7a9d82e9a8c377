//! Why a tool server gave no usable answer.

use gatewright_policy::{Reason, Stopped};

use super::secret::SecretError;

/// Each becomes a reason that the agent sees; the detail is for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// No connection, no process, or it went away.
    #[error("tool server cannot be reached: {0}")]
    Unavailable(String),
    /// No answer in time.
    #[error("tool server did not answer in time")]
    TimedOut,
    /// An answer that is not MCP.
    #[error("tool server's answer is not usable: {0}")]
    Invalid(String),
    /// Whoever asked was stopped meanwhile, and nobody waited for an answer any more.
    #[error("whoever asked was stopped: {0}")]
    Stopped(Stopped),
    /// One message over the limit.
    #[error("tool server's message is longer than {bytes_max} bytes")]
    TooLarge {
        /// The limit.
        bytes_max: usize,
    },
}

impl From<SecretError> for UpstreamError {
    fn from(error: SecretError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl UpstreamError {
    /// The reason that the agent sees.
    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::Unavailable(_) => Reason::UpstreamUnavailable,
            Self::TimedOut => Reason::UpstreamTimeout,
            Self::Invalid(_) => Reason::UpstreamInvalid,
            Self::TooLarge { .. } => Reason::ResultTooLarge,
            Self::Stopped(stopped) => stopped.reason,
        }
    }

    /// What the agent is told: nothing of where the server is or how it failed.
    pub(crate) const fn public(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "the tool server cannot be reached",
            Self::TimedOut => "the tool server did not answer in time",
            Self::Invalid(_) => "the tool server's answer is not usable",
            Self::TooLarge { .. } => "the tool server's answer is too large",
            Self::Stopped(stopped) => stopped.message,
        }
    }
}
