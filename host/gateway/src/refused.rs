//! Why a call ends before it becomes a question, and what its agent is told.

use std::borrow::Cow;

use gatewright_policy::Reason;
use gatewright_policy::json::JsonError;

use crate::message::MessageError;

/// A call that ends before it becomes a question.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) reason: Reason,
    /// For the agent.
    pub(crate) message: Cow<'static, str>,
    /// What the record says in place of the message: it quotes nothing that the
    /// agent sent. Without it the record has a message that is a constant as it is,
    /// and of another one a keyed digest.
    pub(crate) record: Option<Cow<'static, str>>,
    /// A JSON-RPC code that says more than the one of the reason.
    pub(crate) code: Option<i64>,
    /// What a credential would have to cover.
    pub(crate) scopes: Vec<String>,
}

// === impl Refusal ===

impl Refusal {
    /// There is no policy that could judge anything.
    pub(crate) fn not_ready() -> Self {
        Self::new(Reason::NotReady, "the gate has no policies yet")
    }

    pub(crate) fn new(reason: Reason, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            reason,
            message: message.into(),
            record: None,
            code: None,
            scopes: Vec::new(),
        }
    }
}

impl From<MessageError> for Refusal {
    fn from(error: MessageError) -> Self {
        let reason = match &error {
            MessageError::Batch => Reason::BatchRefused,
            MessageError::Json(JsonError::TooLong { .. } | JsonError::TooManyValues { .. }) => {
                Reason::TooLarge
            }
            MessageError::Json(
                JsonError::NotUtf8 { .. }
                | JsonError::TooDeep { .. }
                | JsonError::Syntax { .. }
                | JsonError::DuplicateMember { .. }
                | JsonError::LoneSurrogate { .. },
            )
            | MessageError::Envelope(_)
            | MessageError::Params(_) => Reason::MalformedRequest,
        };
        let code = match &error {
            MessageError::Json(_) if reason == Reason::MalformedRequest => Some(-32_700),
            MessageError::Params(_) => Some(-32_602),
            MessageError::Json(_) | MessageError::Batch | MessageError::Envelope(_) => None,
        };
        Self {
            code,
            record: Some(error.unquoted()),
            ..Self::new(reason, error.to_string())
        }
    }
}
