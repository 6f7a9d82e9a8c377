//! Steps 8 and 9 for one response.

use std::borrow::Cow;
use std::sync::Arc;

use gatewright_engine::Reviewed;
use gatewright_policy::json::{Document, Kind, Value};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{Reason, Response, ResponseKind};

use super::{Expects, Relay};
use crate::era::Era;
use crate::lists::filtered;
use crate::mended::MENDED;
use crate::message::Message;
use crate::questions::{refused_error, refused_input};
use crate::refusal::instead_of_answer;
use crate::telemetry;

impl Relay {
    /// Step 8 and 9: the text that the agent gets for this response.
    pub(super) async fn finish(&mut self, message: Message) -> String {
        let (text, completed) = match self.reviewed(&message).await {
            Ok(text) => {
                self.gives(&text);
                let mended = self.mended();
                (
                    text,
                    self.complete(PastOutcome::Allowed, None, mended).await,
                )
            }
            Err((outcome, reason, told)) => {
                let text = self.instead(reason, &told);
                if !reason.is_stop() {
                    self.gives(&text);
                }
                (text, self.complete(outcome, Some(reason), told).await)
            }
        };
        match completed {
            Ok(()) => text,
            Err(reason) => self.instead(reason, "the outcome could not be recorded"),
        }
    }

    async fn reviewed(
        &mut self,
        message: &Message,
    ) -> Result<String, (PastOutcome, Reason, String)> {
        let root = message.document.root();
        let (value, kind, is_error) = match (root.get("result"), root.get("error")) {
            (Some(result), _) => {
                let is_error = result.get("isError").and_then(|flag| flag.as_bool());
                (result, ResponseKind::Final, is_error.unwrap_or(false))
            }
            (None, Some(error)) => (error, ResponseKind::Error, true),
            (None, None) => (root, ResponseKind::Error, true),
        };
        if is_error {
            telemetry::record_error("tool_error");
        }
        let agent = (&self.underway.grant, &self.server.name);
        if let Err(stopped) = self.gate.engine.admits(agent.0, agent.1) {
            let told = stopped.message.to_owned();
            return Err((PastOutcome::Allowed, stopped.reason, told));
        }
        let asked = refused_input(&self.server, value);
        let asked = asked.or_else(|| refused_error(&self.server, root.get("error")?));
        if let Some(method) = asked {
            return Err((
                PastOutcome::Allowed,
                Reason::ResultWithheld,
                format!("the tool server asks for `{method}`, which is not passed on"),
            ));
        }
        self.note_task(value)
            .map_err(|error| (PastOutcome::Failed, Reason::UpstreamInvalid, error))?;
        let original = value.to_document();
        let shown = self
            .shown(&original)
            .await
            .map_err(|error| (PastOutcome::Failed, Reason::UpstreamInvalid, error))?;
        let reviewed = match &mut self.pending {
            Some(pending) => {
                let response = Response {
                    document: shown,
                    kind,
                    is_error,
                };
                pending.review(response).await
            }
            None => Reviewed::Pass(shown, false),
        };
        match reviewed {
            Reviewed::Pass(reviewed, _) if is_same(&original, &reviewed) => {
                Ok(message.document.text().to_owned())
            }
            Reviewed::Pass(reviewed, _) => Ok(spliced(value, &reviewed)),
            Reviewed::Withheld { reason, message } => Err((PastOutcome::Allowed, reason, message)),
        }
    }

    /// A call that became a task: its answer will be asked for by the id.
    fn note_task(&self, result: Value<'_>) -> Result<(), String> {
        if !self.asked.is_tool_call {
            return Ok(());
        }
        let task = match self.asked.era {
            Some(Era::Modern) => {
                let kind = result.get("resultType").and_then(|kind| kind.as_text());
                (kind.as_deref() == Some("task")).then_some(result)
            }
            Some(Era::Legacy) | None => result.get("task").filter(is_object),
        };
        let Some(task) = task else {
            return Ok(());
        };
        let id = task.get("taskId").and_then(|id| id.as_text());
        let id = id.ok_or("the tool server made a task without an id")?;
        let place = &self.underway.place;
        self.gate
            .tasks
            .note(&place.server, &id, &place.owner, &self.asked.name)
            .map_err(|error| error.to_string())
    }

    /// Lists as this caller may see them; everything else as it is.
    async fn shown(&self, result: &Document) -> Result<Document, String> {
        let listing = match &self.expects {
            Expects::Response { method, .. } => {
                method.listing().map(|listing| (method.name, listing))
            }
            Expects::Nothing | Expects::End | Expects::Stream => None,
        };
        let Some((method, listing)) = listing else {
            return Ok(result.clone());
        };
        let era = self.asked.era.unwrap_or(Era::Legacy);
        let what = (method, listing, era);
        // Where nobody knows what was asked for, it may be any page.
        let is_first_page = self.pending.as_ref().is_some_and(|pending| {
            let params = pending.request().arguments.root();
            params.get("cursor").is_none()
        });
        filtered(
            &self.gate,
            &self.snapshot,
            &self.server,
            &self.underway.grant,
            what,
            is_first_page,
            result,
        )
        .await
        .map_err(|error| error.to_string())
    }

    /// What the record says of an answer that was mended.
    fn mended(&self) -> &'static str {
        match self.mended {
            true => MENDED,
            false => "",
        }
    }

    /// What the agent gets in the end.
    pub(super) fn gives(&mut self, message: &str) {
        if let Some(pending) = &mut self.pending {
            pending.gives(message);
        }
    }

    pub(super) async fn complete(
        &mut self,
        outcome: PastOutcome,
        reason: Option<Reason>,
        message: impl Into<Cow<'static, str>>,
    ) -> Result<(), Reason> {
        if let Some(reason) = reason {
            telemetry::record_error(reason.code());
        }
        self.gate.metrics.completed(
            &self.server.name,
            &self.asked.method,
            reason,
            self.asked.arrived.elapsed(),
            self.underway.since.elapsed(),
        );
        let Some(pending) = self.pending.take() else {
            return Ok(());
        };
        pending
            .complete(outcome, reason, message)
            .await
            .map_err(|error| {
                tracing::error!(%error, "an outcome is not recorded");
                Reason::AuditUnavailable
            })
    }

    pub(super) fn instead(&self, reason: Reason, message: &str) -> String {
        let decision = self.asked.decision.as_str();
        instead_of_answer(&self.asked, (reason, None), message, decision)
    }
}

fn is_object(value: &Value<'_>) -> bool {
    matches!(value.kind(), Kind::Object(_))
}

fn is_same(one: &Document, other: &Document) -> bool {
    Arc::ptr_eq(&one.shared_text(), &other.shared_text())
}

/// The message that a value is in, with another one in its place; every other byte stays.
pub(super) fn spliced(value: Value<'_>, replacement: &Document) -> String {
    let (before, after) = value.around();
    [before, replacement.text(), after].concat()
}
