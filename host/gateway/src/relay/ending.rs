//! How a call ends that did not simply end well.

use std::sync::Arc;

use gatewright_policy::request::PastOutcome;
use gatewright_policy::{Reason, Stopped};
use hyper::StatusCode;

use super::stream::Step;
use super::{Expects, Relay, json};
use crate::call::Answer;
use crate::era::Era;
use crate::refusal::{instead_of_answer, plain};
use crate::sessions::Parked;
use crate::sse::Event;
use crate::upstream::{Reply, UpstreamError};

impl Relay {
    /// Records that the tool server gave no usable answer; gives what the agent
    /// gets in its place.
    pub(super) async fn fail(&mut self, error: &UpstreamError) -> String {
        let reason = error.reason();
        tracing::info!(server = %self.server.name, %error, "no usable answer");
        let what = (reason, error.trouble());
        let decision = self.asked.decision.as_str();
        let text = instead_of_answer(&self.asked, what, error.public(), decision);
        // Whoever was stopped and may go on again is not told that it was.
        if !reason.is_stop() {
            self.gives(&text);
        }
        // The call failed either way: an outcome that cannot be recorded is
        // counted by the engine, and changes nothing for the agent.
        let _counted = self
            .complete(PastOutcome::Failed, Some(reason), error.public())
            .await;
        text
    }

    pub(super) async fn failed(&mut self, status: StatusCode, error: &UpstreamError) -> Answer {
        let text = self.fail(error).await;
        let status = match &self.expects {
            Expects::Response { .. } => status,
            Expects::Nothing | Expects::End | Expects::Stream => StatusCode::BAD_GATEWAY,
        };
        json(status, text)
    }

    pub(super) async fn accepted(&mut self, status: StatusCode) -> Answer {
        match self.complete(PastOutcome::Allowed, None, "").await {
            Ok(()) => {
                let allow = (status == StatusCode::METHOD_NOT_ALLOWED).then_some("GET, POST");
                plain(status, allow)
            }
            Err(reason) => {
                let text = self.instead(reason, "the outcome could not be recorded");
                json(StatusCode::SERVICE_UNAVAILABLE, text)
            }
        }
    }

    /// The server knows the session no more, and so does the gate.
    pub(super) async fn session_ended(&mut self, body: Reply) -> Answer {
        self.gate.sessions.close(&self.underway.place);
        let is_method_unknown = match body {
            Reply::Json(bytes) => Some(self.only_response(&bytes).await),
            Reply::Empty | Reply::Events(_) => None,
        };
        if let Some(text) = is_method_unknown {
            return json(StatusCode::NOT_FOUND, text);
        }
        let message = "the tool server does not know the session";
        let _counted = self
            .complete(PastOutcome::Failed, Some(Reason::UnknownSession), message)
            .await;
        let text = self.instead(Reason::UnknownSession, "there is no such session");
        json(StatusCode::NOT_FOUND, text)
    }

    pub(super) async fn broken(&mut self, error: UpstreamError) -> Step {
        let text = self.fail(&error).await;
        match &self.expects {
            Expects::Response { .. } => Step::Last(Event::message(text)),
            Expects::Nothing | Expects::End | Expects::Stream => Step::End,
        }
    }

    /// Its time is over: the credential's, or that of any call. What can be
    /// resumed may be resumed with another credential.
    pub(super) async fn outlived(&mut self) -> Step {
        if self.expects.is_long() {
            return match self.cut().await {
                Step::End => Step::Last(Event::until_renewed()),
                step @ (Step::Pass(_) | Step::Skip | Step::Last(_)) => step,
            };
        }
        if self.park() {
            return Step::End;
        }
        if self.underway.grant.is_valid_at(self.gate.engine.now()) {
            return self.broken(UpstreamError::TimedOut).await;
        }
        let (reason, told) = (
            Reason::CredentialExpired,
            "the credential ended before the call did",
        );
        let _counted = self.complete(PastOutcome::Failed, Some(reason), told).await;
        Step::Last(Event::message(self.instead(reason, told)))
    }

    /// Whoever asked may not go on: nothing of the answer goes to it, and nothing is kept
    /// for it.
    pub(super) async fn halted(&mut self, stopped: Stopped) -> Step {
        if self.expects.is_long() {
            return self.cut().await;
        }
        self.broken(UpstreamError::Stopped(stopped)).await
    }

    /// The stream ends without the final response.
    pub(super) async fn cut(&mut self) -> Step {
        match &self.expects {
            Expects::Response { method, .. } if !method.is_long() => {
                if self.park() {
                    return Step::End;
                }
                let error = "its stream ended before the answer";
                self.broken(UpstreamError::Unavailable(error.to_owned()))
                    .await
            }
            Expects::Response { .. } | Expects::Nothing | Expects::End | Expects::Stream => {
                let _counted = self.complete(PastOutcome::Allowed, None, "").await;
                Step::End
            }
        }
    }

    /// Keeps a legacy call for a stream that resumes it.
    fn park(&mut self) -> bool {
        let Expects::Response { id, method } = &self.expects else {
            return false;
        };
        let in_session =
            self.underway.place.session.is_some() && self.asked.era == Some(Era::Legacy);
        if !(self.resumable && in_session) || method.is_long() {
            return false;
        }
        let Some(pending) = self.pending.take() else {
            return false;
        };
        let parked = Parked {
            pending,
            asked: self.asked.clone(),
            method,
            scopes: Arc::clone(&self.underway.grant.scopes),
        };
        self.gate
            .sessions
            .park(&self.underway.place, id.clone(), parked);
        true
    }
}

/// The agent went away: in a legacy session it may come back.
impl Drop for Relay {
    fn drop(&mut self) {
        self.park();
    }
}
