//! An approved call that is made a second time: its agent gets what came of the first.

use gatewright_engine::{GivenAgain, Snapshot};
use gatewright_policy::Edit;
use gatewright_policy::Reason;
use gatewright_policy::json::{Document, JsonLimits, apply_edits};
use hyper::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::Proxy;
use crate::asked::Asked;
use crate::bodies::SumMax;
use crate::call::{Answer, AnswerBody};
use crate::owner::Place;
use crate::refusal::{self, META_DECISION, instead_of_answer};
use crate::telemetry;

/// Member of `_meta` that says that a result is given again, and of which decision.
const META_AGAIN: &str = "gatewright/again";

/// Said where there is no room for the answer.
const NO_ROOM: &str = "exactly this call went ahead before, and there is no room to give what came of \
                       it again; call again later";

impl Proxy {
    /// The answer to a call that is not made again: what came of it before, byte for byte,
    /// and in `_meta` of a result that it is given again.
    pub(super) fn repeated(
        &self,
        snapshot: &Snapshot,
        asked: &Asked,
        place: &Place,
        again: &GivenAgain,
    ) -> Answer {
        let reason = Reason::ApprovalUsed;
        self.gate.metrics.denied(&asked.server_label, reason);
        telemetry::record_refusal(&again.id, reason);
        let Some(id) = &asked.id else {
            return refusal::plain(StatusCode::ACCEPTED, None);
        };
        let limits = snapshot.limits.result_json();
        let (member, text) = match &again.given {
            Ok(result) => ("result", marked(result, again, &limits)),
            Err(error) => ("error", error.clone()),
        };
        let text = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{},\"{member}\":{text}}}",
            json!(id)
        );
        let max = SumMax::of_answers(&snapshot.limits);
        let body = match self.gate.answers.hold(&place.owner, text.len(), max) {
            Ok(held) => held.text(text),
            Err(_full) => {
                let why = (Reason::Overloaded, None);
                instead_of_answer(asked, why, NO_ROOM, &again.id).into()
            }
        };
        Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: AnswerBody::Json(body),
        }
    }
}

/// A result that says that it is given again. One that cannot say so is given as it is.
fn marked(result: &str, again: &GivenAgain, limits: &JsonLimits) -> String {
    let mark = json!({ "decision": again.made_by, "endedAt": again.at.to_string() });
    let edits = |has_meta: bool| {
        let edit = |pointer: &str, value: &Value| Edit {
            pointer: pointer.to_owned(),
            json: Some(value.to_string()),
        };
        let own = json!({ META_DECISION: again.id, META_AGAIN: mark });
        match has_meta {
            false => vec![edit("/_meta", &own)],
            true => vec![
                edit("/_meta/gatewright~1again", &mark),
                edit("/_meta/gatewright~1decision", &json!(again.id)),
            ],
        }
    };
    let marked = Document::parse(result.to_owned(), limits)
        .ok()
        .and_then(|document| {
            let has_meta = document.root().get("_meta").is_some();
            apply_edits(&document, &edits(has_meta), limits).ok()
        });
    marked.map_or_else(|| result.to_owned(), |marked| marked.text().to_owned())
}
