//! One question to a whole configuration: scopes, editors, judges, tally.

use std::path::Path;
use std::sync::Arc;

use anyhow::bail;
use gatewright_engine::{Call, Judgement, Kind};
use gatewright_policy::Grant;
use gatewright_policy::json::{Document, JsonLimits, Pointer};
use gatewright_policy::question::Question;
use gatewright_policy::scope::read_shown;

use super::answer::{Answer, Line, value};
use crate::failure::Advise as _;
use crate::rehearsal::Rehearsal;

/// What a configuration makes of it.
pub(crate) async fn judge(path: &Path, question: &Question) -> anyhow::Result<Judgement> {
    let context = &question.context;
    let is_told = [
        !context.labels.is_empty(),
        !context.history.is_empty(),
        !context.approvers.is_empty(),
        !context.approvals.is_empty(),
    ];
    if is_told.contains(&true) {
        return Err(anyhow::anyhow!(
            "a configuration keeps labels, history and approvers itself"
        ))
        .hint("leave them out, or ask one component with `--policy`");
    }
    if question.response.is_some() {
        bail!("a configuration is asked about calls, not about results; use `--policy`");
    }
    let limits = JsonLimits::default();
    let request = question.to_request(&limits)?;
    let scopes = request.subject.scopes.iter().map(|scope| read_shown(scope));
    let mut grant = Grant::local(
        &request.subject.id,
        request.subject.principal.as_deref(),
        scopes.collect::<Result<_, _>>()?,
        Arc::clone(&request.context.session),
    );
    grant.subject = Arc::clone(&request.subject);
    let rehearsal = Rehearsal::open(path).await?;
    let snapshot = rehearsal.engine.snapshot();
    let call = Call {
        id: "eval".to_owned(),
        grant,
        kind: Kind::Judged,
        method: request.action.method.clone(),
        server: Arc::clone(&request.action.server),
        name: request.action.name.clone(),
        message: Document::parse(request.arguments.shared_text(), &limits)?,
        arguments_at: const { Pointer::known("") },
        at: request.context.at,
    };
    Ok(rehearsal.engine.judge(&snapshot, call).await)
}

/// The same as an answer to this question.
pub(crate) fn answer(judgement: &Judgement, question: &Question) -> anyhow::Result<Answer> {
    let request = question.to_request(&JsonLimits::default())?;
    let mut answer = Answer::of(judgement.decision())?;
    answer.opinions = judgement.opinions().to_vec();
    if judgement.arguments().text() != request.arguments.text() {
        answer.arguments = Some(value(judgement.arguments())?);
    }
    answer.log = judgement.log().iter().map(line).collect();
    Ok(answer)
}

fn line(line: &gatewright_engine::call::PolicyLog) -> Line {
    Line {
        binding: line.binding.to_string(),
        level: line.level,
        message: line.message.clone(),
    }
}
