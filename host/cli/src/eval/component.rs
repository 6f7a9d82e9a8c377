//! One question to one component, with every power and no scopes.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use gatewright_policy::json::{JsonLimits, apply_edits};
use gatewright_policy::question::Question;
use gatewright_policy::record::RecordedOpinion;
use gatewright_policy::{Decision, Denied, Fault, Finding, Mode, Opinion, Reason, Tally, Verdict};
use gatewright_sandbox::{Guest, Limits, LogLevel, LogLine, World};

use super::answer::{Answer, Line, value};
use crate::failure::Advise as _;

/// What the component is called in the answer.
const BINDING: &str = "policy";

pub(super) async fn ask(
    path: &Path,
    settings: Option<&str>,
    question: &Question,
) -> anyhow::Result<Answer> {
    let name = path.display();
    let component = std::fs::read(path)
        .with_context(|| format!("`{name}` cannot be read"))
        .hint("`gatewright build` makes a component")?;
    let sandbox = crate::compiled::sandbox()?;
    let guest = sandbox
        .load(&component, settings.unwrap_or("{}"), Limits::default())
        .await
        .with_context(|| format!("`{name}`"))?;
    match guest.world() {
        World::Policy => judge(&guest, question).await,
        World::Editor => revise(&guest, question).await,
        World::Reviewer => review(&guest, question).await,
    }
}

async fn judge(guest: &Guest, question: &Question) -> anyhow::Result<Answer> {
    let request = Arc::new(question.to_request(&JsonLimits::default())?);
    let said = guest.judge(&request).await;
    let opinion = Opinion {
        binding: Arc::from(BINDING),
        component: guest.digest(),
        mode: Mode::Enforce,
        answer: said.result,
        fuel: said.fuel,
    };
    let mut tally = Tally::default();
    tally.push(&opinion);
    // Alone, a policy without an opinion leaves nobody who allows.
    let mut answer = Answer::of(&tally.decide())?;
    if let Ok(Verdict::Abstain) = opinion.answer {
        answer.message = "the policy abstained, and alone nobody allows".to_owned();
    }
    answer.opinions = vec![RecordedOpinion::from(&opinion)];
    answer.log = lines(&said.log);
    Ok(answer)
}

async fn revise(guest: &Guest, question: &Question) -> anyhow::Result<Answer> {
    let request = Arc::new(question.to_request(&JsonLimits::default())?);
    let said = guest.revise(&request).await;
    let limits = JsonLimits::default();
    let edited = said.result.and_then(|edits| {
        let edited = apply_edits(&request.arguments, &edits, &limits)
            .map_err(|error| Fault::BadOutput(error.to_string()))?;
        Ok((edits, edited))
    });
    let mut opinion = opinion(guest, said.fuel);
    let mut answer = match edited {
        Ok((edits, edited)) => {
            opinion.edits = edits.len();
            let mut answer = Answer::of(&Decision::Allow(Default::default()))?;
            answer.arguments = Some(value(&edited)?);
            answer.edits = edits;
            answer
        }
        Err(fault) => faulted(&mut opinion, fault)?,
    };
    answer.opinions = vec![opinion];
    answer.log = lines(&said.log);
    Ok(answer)
}

async fn review(guest: &Guest, question: &Question) -> anyhow::Result<Answer> {
    let limits = JsonLimits::default();
    let request = Arc::new(question.to_request(&limits)?);
    let Some(response) = question.to_response(&limits)? else {
        bail!("this component reviews results, and the request has no `response`");
    };
    let is_error = question
        .response
        .as_ref()
        .and_then(|response| response.get("isError")?.as_bool())
        .unwrap_or(false);
    let said = guest.review(&request, &response, is_error).await;
    let mut opinion = opinion(guest, said.fuel);
    let reviewed = said.result.and_then(|finding| {
        let result = match &finding {
            Finding::Block { .. } => None,
            Finding::Pass { edits, .. } => {
                opinion.edits = edits.len();
                let edited = apply_edits(&response, edits, &limits);
                Some(edited.map_err(|error| Fault::BadOutput(error.to_string()))?)
            }
        };
        Ok((finding, result))
    });
    let mut answer = match reviewed {
        Ok((finding, Some(result))) => {
            let mut answer = Answer::of(&Decision::Allow(Default::default()))?;
            answer.result = Some(value(&result)?);
            answer.finding = Some(finding);
            answer
        }
        Ok((finding, None)) => {
            opinion.blocked = true;
            let withheld = Denied::by_gate(Reason::ResultWithheld, "the result is withheld");
            let mut answer = Answer::of(&Decision::Deny(withheld))?;
            answer.finding = Some(finding);
            answer
        }
        Err(fault) => faulted(&mut opinion, fault)?,
    };
    answer.opinions = vec![opinion];
    answer.log = lines(&said.log);
    Ok(answer)
}

fn faulted(opinion: &mut RecordedOpinion, fault: Fault) -> anyhow::Result<Answer> {
    let message = format!("the policy {fault}");
    opinion.fault = Some(fault);
    Answer::of(&Decision::Deny(Denied::by_gate(
        Reason::PolicyFault,
        message,
    )))
}

fn opinion(guest: &Guest, fuel: u64) -> RecordedOpinion {
    RecordedOpinion {
        binding: BINDING.to_owned(),
        component: guest.digest(),
        mode: Mode::Enforce,
        verdict: None,
        fault: None,
        edits: 0,
        blocked: false,
        fuel,
    }
}

fn lines(log: &[LogLine]) -> Vec<Line> {
    let line = |line: &LogLine| Line {
        binding: String::new(),
        level: match line.level {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warn => "warn",
        },
        message: line.text.clone(),
    };
    log.iter().map(line).collect()
}
