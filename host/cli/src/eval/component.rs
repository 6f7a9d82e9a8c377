//! One question to one component, with every power and no scopes.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use gatewright_policy::json::{JsonLimits, apply_edits};
use gatewright_policy::question::Question;
use gatewright_policy::record::RecordedOpinion;
use gatewright_policy::{Decision, Denied, Fault, Finding, Mode, Reason, Tally, Verdict, Vote};
use gatewright_sandbox::{Guest, Limits, LogLevel, LogLine, World};

use super::answer::{Answer, Line, value};
use crate::failure::Advise as _;
use crate::progress::Progress;

/// What the component is called in the answer.
const BINDING: &str = "policy";

/// The component with its settings.
pub(crate) async fn load(path: &Path, settings: Option<&str>) -> anyhow::Result<Guest> {
    let name = path.display();
    let component = std::fs::read(path)
        .with_context(|| format!("`{name}` cannot be read"))
        .hint("`gatewright build` makes a component")?;
    let sandbox = crate::compiled::sandbox()?;
    let _loading = Progress::of("compiling the policy");
    sandbox
        .load(&component, settings.unwrap_or("{}"), Limits::default())
        .await
        .with_context(|| format!("`{name}`"))
}

/// What it answers.
pub(crate) async fn ask(guest: &Guest, question: &Question) -> anyhow::Result<Answer> {
    match guest.world() {
        World::Policy => judge(guest, question).await,
        World::Editor => revise(guest, question).await,
        World::Reviewer => review(guest, question).await,
    }
}

async fn judge(guest: &Guest, question: &Question) -> anyhow::Result<Answer> {
    let request = Arc::new(question.to_request(&JsonLimits::default())?);
    let said = guest.judge(&request).await;
    let vote = Vote {
        binding: Arc::from(BINDING),
        component: guest.digest(),
        mode: Mode::Enforce,
        may_allow: true,
        answer: said
            .result
            .and_then(|opinion| opinion.check().map(|()| opinion)),
        fuel: said.fuel,
    };
    let mut tally = Tally::default();
    tally.push(&vote);
    // Alone, a policy without an opinion leaves nobody who allows.
    let mut answer = Answer::of(&tally.decide())?;
    let verdict = vote.answer.as_ref().map(|opinion| &opinion.verdict);
    if let Ok(Verdict::Abstain) = verdict {
        answer.message = "the policy abstained, and alone nobody allows".to_owned();
    }
    answer.opinions = vec![RecordedOpinion::from(&vote)];
    answer.log = lines(&said.log);
    Ok(answer)
}

async fn revise(guest: &Guest, question: &Question) -> anyhow::Result<Answer> {
    let request = Arc::new(question.to_request(&JsonLimits::default())?);
    let said = guest.revise(&request).await;
    let limits = JsonLimits::default();
    let edited = said.result.and_then(|revision| {
        revision.check()?;
        let edited = apply_edits(&request.arguments, &revision.edits, &limits)
            .map_err(|error| Fault::BadOutput(error.to_string()))?;
        Ok((revision, edited))
    });
    let mut opinion = opinion(guest, said.fuel);
    let mut answer = match edited {
        Ok((revision, edited)) => {
            opinion.edits = revision.edits.len();
            opinion.notes = revision.notes;
            let mut answer = Answer::of(&Decision::Allow(Default::default()))?;
            answer.arguments = Some(value(&edited)?);
            answer.edits = revision.edits;
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
    let said = guest.review(&request, &response).await;
    let mut opinion = opinion(guest, said.fuel);
    let reviewed = said.result.and_then(|report| {
        report.check()?;
        opinion.notes.clone_from(&report.notes);
        let result = match &report.finding {
            Finding::Block { .. } => None,
            Finding::Pass { edits } => {
                opinion.edits = edits.len();
                let edited = apply_edits(&response.document, edits, &limits);
                Some(edited.map_err(|error| Fault::BadOutput(error.to_string()))?)
            }
        };
        Ok((report, result))
    });
    let mut answer = match reviewed {
        Ok((report, Some(result))) => {
            let mut answer = Answer::of(&Decision::Allow(Default::default()))?;
            answer.result = Some(value(&result)?);
            answer.finding = Some(report);
            answer
        }
        Ok((report, None)) => {
            opinion.blocked = true;
            let withheld = Denied::by_gate(Reason::ResultWithheld, "the result is withheld");
            let mut answer = Answer::of(&Decision::Deny(withheld))?;
            answer.finding = Some(report);
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
    RecordedOpinion::of(BINDING, guest.digest(), Mode::Enforce, fuel)
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
