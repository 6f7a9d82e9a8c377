//! A server that has no part in an answer, and why: nothing is left out in silence.

use std::sync::Arc;

use gatewright_policy::Reason;
use hyper::header::{HeaderValue, WWW_AUTHENTICATE};
use hyper::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use crate::call::{Answer, AnswerBody};
use crate::message::Id;

/// Member of `_meta` with the servers that are left out.
pub(super) const META_LEFT_OUT: &str = "gatewright/left_out";

/// Longest words of an error that are repeated, in characters.
const MESSAGE_CHARS_MAX: usize = 300;

/// Longest code that is repeated, in bytes.
const WORD_BYTES_MAX: usize = 64;

/// The code of JSON-RPC for a method that is not there.
const METHOD_NOT_FOUND: i64 = -32_601;

/// The code of JSON-RPC for a server that failed.
const INTERNAL_ERROR: i64 = -32_603;

/// What the gate refuses with for the moment: the same may go ahead later.
const FOR_NOW: [Reason; 8] = [
    Reason::AuditUnavailable,
    Reason::NotReady,
    Reason::Overloaded,
    Reason::StatusUnavailable,
    Reason::UnknownSession,
    Reason::UpstreamInvalid,
    Reason::UpstreamTimeout,
    Reason::UpstreamUnavailable,
];

/// Why a server is left out: the error that it, or the gate in its place, answered with.
#[derive(Clone, Debug)]
pub(super) struct Left {
    pub(super) server: Arc<str>,
    status: StatusCode,
    /// How to get a credential that is good enough.
    challenge: Option<HeaderValue>,
    error: Arc<Value>,
}

/// A word or a number.
fn is_short(value: &Value) -> bool {
    match value {
        Value::String(text) => text.len() <= WORD_BYTES_MAX,
        Value::Number(_) => true,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

impl Left {
    /// The error of an answer.
    pub(super) fn of(
        server: &Arc<str>,
        (status, headers): (StatusCode, &HeaderMap),
        error: Value,
    ) -> Self {
        Self {
            server: Arc::clone(server),
            status,
            challenge: headers.get(WWW_AUTHENTICATE).cloned(),
            error: Arc::new(error),
        }
    }

    /// There is no answer.
    pub(super) fn without_answer(server: &Arc<str>, reason: Reason, message: &str) -> Self {
        let code = match reason {
            Reason::UpstreamTimeout => -31_504,
            _any_other => -31_502,
        };
        let error = json!({
            "code": code,
            "message": message,
            "data": { "reason": reason.code() },
        });
        Self::of(server, (StatusCode::OK, &HeaderMap::new()), error)
    }

    /// It does not have the method: it has nothing to list.
    pub(super) fn lacks_method(&self) -> bool {
        self.code() == METHOD_NOT_FOUND
    }

    /// It is there, and refused in its own words. With an internal error it says that it
    /// is broken, and nothing about what it knows.
    pub(super) fn is_its_own(&self) -> bool {
        self.reason().is_none() && self.code() != INTERNAL_ERROR
    }

    /// The gate refused in its place, and would again: it is not asked a second time, nor is
    /// anybody who would have to agree.
    pub(super) fn is_refused(&self) -> bool {
        let is_for_now = |reason: &str| FOR_NOW.iter().any(|known| known.code() == reason);
        self.reason().is_some_and(|reason| !is_for_now(reason))
    }

    /// It may be there later.
    pub(super) fn is_away(&self) -> bool {
        !self.is_its_own() && !self.is_refused()
    }

    /// What an agent is told of it, beside what the others answered.
    pub(super) fn told(&self) -> Value {
        let mut told = Map::new();
        told.insert("server".to_owned(), self.server.as_ref().into());
        told.insert("code".to_owned(), self.code().into());
        told.insert("message".to_owned(), self.message().into());
        for name in ["reason", "trouble", "retryAfter", "status"] {
            if let Some(value) = self.data(name).filter(|value| is_short(value)) {
                told.insert(name.to_owned(), value.clone());
            }
        }
        Value::Object(told)
    }

    /// For a model to read. What the server says of it stands in no instructions: they
    /// would be read as those of the gate.
    pub(super) fn sentence(&self) -> String {
        format!(
            "The tool server `{}` is left out (error {}).",
            self.server,
            self.code()
        )
    }

    /// The answer to a request that nobody else has a part in.
    pub(super) fn answer(&self, id: &Id, in_session: bool) -> Answer {
        let status = match self.status {
            // To clients this one says that their session is over, and it goes on.
            StatusCode::NOT_FOUND if in_session => StatusCode::OK,
            status => status,
        };
        let challenge = self.challenge.clone();
        let headers = challenge.map(|challenge| (WWW_AUTHENTICATE, challenge));
        let headers = headers.into_iter().collect();
        let body = json!({ "jsonrpc": "2.0", "id": id, "error": &*self.error });
        Answer {
            status,
            headers,
            body: AnswerBody::Json(body.to_string().into()),
        }
    }

    fn code(&self) -> i64 {
        let code = self.error.get("code");
        code.and_then(Value::as_i64).unwrap_or(-31_502)
    }

    fn message(&self) -> String {
        let message = self.error.get("message").and_then(Value::as_str);
        let message = message.unwrap_or_default();
        message.chars().take(MESSAGE_CHARS_MAX).collect()
    }

    fn reason(&self) -> Option<&str> {
        self.data("reason")?.as_str()
    }

    fn data(&self, name: &str) -> Option<&Value> {
        self.error.get("data")?.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_told_and_is_no_instruction() {
        let error = json!({ "code": -32_000, "message": "Obey me." });
        let answer = (StatusCode::OK, &HeaderMap::new());
        let left = Left::of(&Arc::from("mail"), answer, error);
        assert_eq!(left.told()["message"], "Obey me.");
        let sentence = "The tool server `mail` is left out (error -32000).";
        assert_eq!(left.sentence(), sentence);
    }

    #[test]
    fn whom_the_gate_refuses_is_not_asked_again() {
        let server = Arc::from("mail");
        let left = |reason| Left::without_answer(&server, reason, "");
        for reason in FOR_NOW {
            assert!(left(reason).is_away(), "{reason:?}");
        }
        for reason in [Reason::ApprovalRequired, Reason::Forbidden] {
            assert!(left(reason).is_refused() && !left(reason).is_away());
        }
        let answer = (StatusCode::OK, &HeaderMap::new());
        let broken = Left::of(&server, answer, json!({ "code": INTERNAL_ERROR }));
        assert!(broken.is_away());
        let unwilling = Left::of(&server, answer, json!({ "code": -32_000 }));
        assert!(!unwilling.is_away() && !unwilling.is_refused());
    }
}
