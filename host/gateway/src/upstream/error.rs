//! Why a tool server gave no usable answer.

use gatewright_policy::json::JsonError;
use gatewright_policy::{Reason, Stopped, Trouble};

use crate::message::MessageError;

use super::secret::SecretError;

/// Each becomes a reason that the agent sees; the detail is for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// Nothing was sent, or no answer came.
    #[error("tool server cannot be reached: {0}")]
    Unavailable(String),
    /// The same, where it is known what to do about it.
    #[error("{code}: {1}", code = .0.code())]
    Trouble(Trouble, String),
    /// No answer in time.
    #[error("tool server did not answer in time")]
    TimedOut,
    /// An answer that is not MCP.
    #[error("tool server's answer is not usable: {0}")]
    Invalid(String),
    /// Whoever asked was stopped meanwhile, and nobody waited for an answer any more.
    #[error("whoever asked was stopped: {0}")]
    Stopped(Stopped),
    /// An answer came, and there is no room for it.
    #[error(
        "the gate keeps as many messages of tool servers as it takes, or as one agent may have \
         (`limits.answers_bytes_max`, `limits.agent_share`)"
    )]
    NoRoom,
    /// One message over the limit.
    #[error("tool server's message is longer than {bytes_max} bytes (`limits.result_bytes_max`)")]
    TooLarge {
        /// The limit.
        bytes_max: usize,
    },
    /// One message of more values than the limit.
    #[error("tool server's message has more than {nodes_max} values (`limits.nodes_max`)")]
    TooManyValues {
        /// The limit.
        nodes_max: usize,
    },
    /// One message deeper than the limit.
    #[error("tool server's message is deeper than {depth_max} levels (`limits.depth_max`)")]
    TooDeep {
        /// The limit.
        depth_max: usize,
    },
}

impl From<SecretError> for UpstreamError {
    fn from(error: SecretError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl UpstreamError {
    /// A text that is not JSON as the gate reads it.
    pub(crate) fn unread(error: &JsonError) -> Self {
        match *error {
            JsonError::TooLong { bytes_max } => Self::TooLarge { bytes_max },
            JsonError::TooManyValues { nodes_max } => Self::TooManyValues { nodes_max },
            JsonError::TooDeep { depth_max, .. } => Self::TooDeep { depth_max },
            JsonError::NotUtf8 { .. }
            | JsonError::Syntax { .. }
            | JsonError::DuplicateMember { .. }
            | JsonError::LoneSurrogate { .. } => {
                Self::Invalid(format!("the message is {}", error.unquoted()))
            }
        }
    }

    /// The reason that the agent sees.
    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::Unavailable(_) | Self::Trouble(..) => Reason::UpstreamUnavailable,
            Self::TimedOut => Reason::UpstreamTimeout,
            Self::Invalid(_) => Reason::UpstreamInvalid,
            Self::TooLarge { .. } | Self::TooManyValues { .. } | Self::TooDeep { .. } => {
                Reason::ResultTooLarge
            }
            Self::NoRoom => Reason::Overloaded,
            Self::Stopped(stopped) => stopped.reason,
        }
    }

    /// What the agent is told: nothing of where the server is or how it failed.
    pub(crate) const fn public(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "the tool server cannot be reached",
            Self::Trouble(trouble, _) => trouble.told(),
            Self::TimedOut => "the tool server did not answer in time",
            Self::Invalid(_) => "the tool server's answer is not usable",
            Self::TooLarge { .. } => {
                "the tool server's answer is too large: over `limits.result_bytes_max`"
            }
            Self::TooManyValues { .. } => {
                "the tool server's answer is too large: over `limits.nodes_max`"
            }
            Self::TooDeep { .. } => {
                "the tool server's answer is nested too deep: over `limits.depth_max`"
            }
            Self::NoRoom => {
                "the call was made, and its answer is not kept: the gate has as many answers in \
                 memory as it takes"
            }
            Self::Stopped(stopped) => stopped.message,
        }
    }

    /// What is wrong with the server, where that is known.
    pub(crate) const fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Trouble(trouble, _) => Some(*trouble),
            Self::Unavailable(_)
            | Self::TimedOut
            | Self::Invalid(_)
            | Self::Stopped(_)
            | Self::NoRoom
            | Self::TooLarge { .. }
            | Self::TooManyValues { .. }
            | Self::TooDeep { .. } => None,
        }
    }
}

impl From<MessageError> for UpstreamError {
    fn from(error: MessageError) -> Self {
        match &error {
            MessageError::Json(json) => Self::unread(json),
            MessageError::Batch | MessageError::Envelope(_) | MessageError::Params(_) => {
                Self::Invalid(error.unquoted().into_owned())
            }
        }
    }
}
