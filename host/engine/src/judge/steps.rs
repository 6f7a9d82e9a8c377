//! What becomes of a judgement on its way to a decision.

use std::sync::Arc;

use gatewright_policy::json::{Document, Pointer, apply_edits};
use gatewright_policy::{Approval, Context, Decision, Edit, Fault, Request};

use crate::call::Judgement;

pub(super) fn arguments_of(message: &Document, at: &Pointer<'_>) -> Document {
    message
        .at(at)
        .map_or_else(Document::empty_object, |value| value.to_document())
}

impl Judgement {
    pub(super) fn decided(mut self, decision: Decision) -> Self {
        self.decision = decision;
        self
    }

    /// The decision is what policies make of it.
    pub(super) fn by_policies(mut self) -> Self {
        self.judged = Some((self.decision.kind(), self.decision.reason()));
        self
    }

    /// Judges hear who approved it.
    pub(super) fn approved_by(mut self, approvals: Vec<Approval>) -> Self {
        let request = Request::clone(&self.request);
        self.request = Arc::new(Request {
            context: Context {
                approvals,
                ..request.context
            },
            ..request
        });
        self
    }

    /// The message with edits to its arguments.
    pub(super) fn edited(&self, edits: &[Edit]) -> Result<Document, Fault> {
        let mut placed = Vec::with_capacity(edits.len() + 1);
        let arguments_at = self.arguments_at.as_str();
        let absent = self.message.at(&self.arguments_at).is_none();
        if absent && !edits.is_empty() {
            placed.push(Edit {
                pointer: arguments_at.to_owned(),
                json: Some("{}".to_owned()),
            });
        }
        placed.extend(edits.iter().map(|edit| Edit {
            pointer: format!("{arguments_at}{}", edit.pointer),
            json: edit.json.clone(),
        }));
        apply_edits(&self.message, &placed, &self.snapshot.limits.request_json())
            .map_err(|error| Fault::BadOutput(error.to_string()))
    }

    pub(super) fn replace(&mut self, message: Document) {
        let arguments = arguments_of(&message, &self.arguments_at);
        self.request = Arc::new(Request {
            arguments,
            ..Request::clone(&self.request)
        });
        let before = std::mem::replace(&mut self.message, message);
        self.received.get_or_insert(before);
        self.changed = true;
    }
}
