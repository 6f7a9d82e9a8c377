//! From a call to a decision: scopes, editors, judges, tally. Total: a fault is
//! a value that denies, and there is no error to carry anyone around it.

pub(crate) mod listing;
mod question;
mod steps;

use std::sync::Arc;

use gatewright_policy::credential::status::Status;
use gatewright_policy::record::RecordedOpinion;
use gatewright_policy::{
    Approval, Ask, Comparison, Decision, Defined, Denied, Fault, Mode, Obligation, Opinion, Power,
    Reason, Stopped, Tally, Timestamp, Vote,
};
use gatewright_sandbox::{Answer, LogLevel, World};

use self::question::ask;
use crate::binding::Binding;
use crate::call::{Call, Judgement, Kind, PolicyLog};
use crate::covered;
use crate::reading::{Reading, Spending};
use crate::recorder::Recorder;
use crate::session::Carried;
use crate::snapshot::{Server, Snapshot};
use crate::tools::{self, BY_GATE, Stand, Standing};

/// Decides on a call. `people`: whether there is anybody who could be asked.
pub(crate) async fn judge(
    snapshot: &Arc<Snapshot>,
    recorder: &Recorder,
    call: Call,
    people: bool,
) -> Judgement {
    let memory = &*recorder.memory;
    let carried = match call.kind {
        Kind::Judged => memory.enter(&call.grant, call.at, &snapshot.limits).await,
        Kind::Listing | Kind::Protocol => {
            let history_max = snapshot.limits.history_calls_max;
            memory.context(&call.grant.session, history_max).await
        }
    };
    let standing = snapshot
        .server(&call.server)
        .map(|server| tools::standing_of(server, (&call.method, &call.name), memory, call.at));
    let mut judgement = ask(snapshot, standing.unwrap_or_default(), call, carried);
    let statuses = memory.agents().statuses();
    let server = match admit(&judgement, |it, read_only, at| {
        statuses.admits(it, read_only, at)
    }) {
        Ok(server) => server,
        Err(denied) => return judgement.decided(Decision::Deny(denied)),
    };
    match judgement.kind {
        Kind::Listing | Kind::Protocol => {
            return judgement.decided(Decision::Allow(Default::default()));
        }
        Kind::Judged => {}
    }
    let action = &judgement.request.action;
    let defined = (judgement.stand, &action.defined);
    match tools::admit(&server, &action.name, defined, people) {
        Ok(ask) => judgement.asked = ask,
        Err(denied) => return judgement.decided(Decision::Deny(denied)),
    }
    ask_policies(&server, judgement, Vec::new(), &Spending::Now(recorder)).await
}

/// Decides on a call that was recorded, with what policies saw of the past and of the tool,
/// what the gate itself asked about it, and who had approved it. It was in no status list
/// then, and that is not asked again.
pub(crate) async fn recorded(
    snapshot: &Arc<Snapshot>,
    call: Call,
    carried: Carried,
    (defined, asked): (Defined, Option<Ask>),
    approvals: Vec<Approval>,
    spending: &Spending<'_>,
) -> Judgement {
    let standing = Standing {
        stand: Stand::Free,
        defined,
    };
    let mut judgement = ask(snapshot, standing, call, Ok(carried));
    judgement.asked = asked;
    match admit(&judgement, |_, _, _| Ok(())) {
        Ok(server) => ask_policies(&server, judgement, approvals, spending).await,
        Err(denied) => judgement.decided(Decision::Deny(denied)),
    }
}

/// Editors, then judges, who hear of approvals.
async fn ask_policies(
    server: &Server,
    mut judgement: Judgement,
    approvals: Vec<Approval>,
    spending: &Spending<'_>,
) -> Judgement {
    let revised = revise(server, &mut judgement, spending).await;
    // Editors may not go beyond the credential either: what goes out is what counts.
    let within = revised
        .and_then(|()| covered::arguments(&judgement))
        .and_then(|()| covered::named(server, &judgement));
    if let Err(denied) = within {
        let refused = judgement.decided(Decision::Deny(denied));
        return refused.by_policies();
    }
    let judgement = match approvals.is_empty() {
        true => judgement,
        false => judgement.approved_by(approvals),
    };
    ask_judges(server, judgement, spending).await
}

/// Asks the judges of a call once more: they hear who approved it. Its arguments are final
/// already.
pub(crate) async fn again(
    mut judgement: Judgement,
    approvals: Vec<Approval>,
    recorder: &Recorder,
) -> Judgement {
    let name = judgement.request.action.name.clone();
    let server = judgement.snapshot.server(&judgement.request.action.server);
    let Some(server) = server.map(Arc::clone) else {
        return judgement;
    };
    let judges: Vec<_> = server.bound(World::Policy, &name).collect();
    judgement
        .opinions
        .retain(|opinion| judges.iter().all(|judge| *judge.name != opinion.binding));
    let spending = Spending::Now(recorder);
    ask_judges(&server, judgement.approved_by(approvals), &spending).await
}

async fn ask_judges(
    server: &Server,
    mut judgement: Judgement,
    spending: &Spending<'_>,
) -> Judgement {
    let mut tally = Tally::default();
    if let Some(ask) = &judgement.asked {
        tally.ask(Arc::from(BY_GATE), ask.clone());
    }
    let mut comparison = server.has_candidates().then(Comparison::default);
    for binding in server.bound(World::Policy, &judgement.request.action.name) {
        let mut reading = Reading::new(binding, &judgement.request);
        let vote = vote(binding, &mut reading, spending, &mut judgement.log).await;
        judgement.opinions.push(RecordedOpinion {
            budgets: reading.read().to_vec(),
            ..RecordedOpinion::from(&vote)
        });
        tally.push(&vote);
        if let Some(comparison) = &mut comparison {
            comparison.push(binding.rollout, &vote);
        }
    }
    judgement.flip = comparison.and_then(Comparison::flip);
    judgement.decided(tally.decide()).by_policies()
}

/// What the gate itself asks of every call, before any policy.
fn admit(
    judgement: &Judgement,
    statuses: impl FnOnce(&Status, bool, Timestamp) -> Result<(), Stopped>,
) -> Result<Arc<Server>, Denied> {
    let (grant, action) = (&judgement.grant, &judgement.request.action);
    let snapshot = &judgement.snapshot;
    if !snapshot.is_ready() {
        return Err(Denied::by_gate(
            Reason::NotReady,
            "the gate has no policies yet",
        ));
    }
    let server = snapshot
        .server(&action.server)
        .ok_or_else(|| Denied::by_gate(Reason::UnknownServer, "no tool server has this name"))?;
    if !grant.is_valid_at(judgement.request.context.at) {
        return Err(Denied::by_gate(
            Reason::CredentialExpired,
            "the credential has expired",
        ));
    }
    let read_only = match judgement.kind {
        Kind::Judged => action.hints.read_only,
        Kind::Listing | Kind::Protocol => true,
    };
    let at = judgement.request.context.at;
    if let Err(stopped) = statuses(&grant.status, read_only, at) {
        return Err(Denied::by_gate(stopped.reason, stopped.message));
    }
    let covered = match judgement.kind {
        Kind::Judged => grant.covers(&server.name, &action.name),
        Kind::Listing | Kind::Protocol => grant.covers_server(&server.name),
    };
    if !covered {
        let name = match judgement.kind {
            Kind::Judged => action.name.as_str(),
            Kind::Listing | Kind::Protocol => "*",
        };
        return Err(Denied {
            reason: Reason::InsufficientScope,
            message: "the credential does not cover this".to_owned(),
            scopes: vec![format!("{}:{name}", server.name)],
            binding: None,
        });
    }
    covered::proof(server, grant, &judgement.request, judgement.kind)?;
    match judgement.kind {
        Kind::Judged => covered::arguments(judgement)?,
        Kind::Listing | Kind::Protocol => {}
    }
    match judgement.unknown {
        None => Ok(Arc::clone(server)),
        Some(error) => Err(Denied::by_gate(error.reason(), error.to_string())),
    }
}

/// Runs the editors, in order. Afterwards the bytes are final: what is judged is
/// what goes out.
async fn revise(
    server: &Server,
    judgement: &mut Judgement,
    spending: &Spending<'_>,
) -> Result<(), Denied> {
    let name = judgement.request.action.name.clone();
    for binding in server.bound(World::Editor, &name) {
        let mut reading = Reading::new(binding, &judgement.request);
        let answer = loop {
            let answer = binding.guest.revise(reading.request()).await;
            if let Some(answer) = reading.heard(answer, spending).await {
                break answer;
            }
        };
        log_lines(binding, &answer, &mut judgement.log);
        let edited = answer.result.and_then(|revision| {
            if let Some(power) = binding.authority.lacking_for_revision(&revision) {
                return Err(Fault::NotGranted(power));
            }
            revision.check()?;
            let message = judgement.edited(&revision.edits)?;
            Ok((revision, message))
        });
        let mode = binding.mode(judgement.request.subject.account());
        let component = binding.guest.digest();
        let mut recorded = RecordedOpinion::of(&binding.name, component, mode, answer.fuel);
        recorded.budgets = reading.read().to_vec();
        match &edited {
            Ok((revision, message)) => {
                recorded.edits = revision.edits.len();
                recorded.notes.clone_from(&revision.notes);
                if mode == Mode::Enforce && recorded.edits > 0 {
                    judgement.replace(message.clone());
                }
            }
            Err(fault) => recorded.fault = Some(fault.clone()),
        }
        judgement.opinions.push(recorded);
        if let (Err(fault), Mode::Enforce) = (&edited, mode) {
            return Err(Denied::by_fault(&binding.name, fault));
        }
    }
    Ok(())
}

/// What one judge says, within its authority and with obligations that can be
/// met.
async fn vote(
    binding: &Arc<Binding>,
    reading: &mut Reading<'_>,
    spending: &Spending<'_>,
    log: &mut Vec<PolicyLog>,
) -> Vote {
    let answer = loop {
        let answer = binding.guest.judge(reading.request()).await;
        if let Some(answer) = reading.heard(answer, spending).await {
            break answer;
        }
    };
    counted(reading, answer, log)
}

/// An answer as it counts.
fn counted(reading: &Reading<'_>, answer: Answer<Opinion>, log: &mut Vec<PolicyLog>) -> Vote {
    let binding = reading.binding();
    log_lines(binding, &answer, log);
    Vote {
        binding: Arc::clone(&binding.name),
        component: binding.guest.digest(),
        mode: binding.mode(reading.request().subject.account()),
        may_allow: binding.authority.grants(Power::Allow),
        answer: answer.result.and_then(|opinion| usable(binding, opinion)),
        fuel: answer.fuel,
    }
}

fn usable(binding: &Binding, opinion: Opinion) -> Result<Opinion, Fault> {
    if let Some(power) = binding.authority.lacking_for_opinion(&opinion) {
        return Err(Fault::NotGranted(power));
    }
    opinion.check()?;
    for obligation in &opinion.obligations {
        match obligation {
            Obligation::Charge(charge) => {
                let quota = charge.quota(&binding.budgets);
                quota.map_err(|error| Fault::BadOutput(error.to_string()))?;
            }
            Obligation::Label(_)
            | Obligation::Declassify(_)
            | Obligation::Redact(_)
            | Obligation::LimitResult(_) => {}
        }
    }
    Ok(opinion)
}

pub(crate) fn log_lines<T>(binding: &Binding, answer: &Answer<T>, log: &mut Vec<PolicyLog>) {
    for line in &answer.log {
        let level = match line.level {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warn => "warn",
        };
        // A policy repeats what agents send: no escape sequence of theirs may
        // reach the operator's terminal.
        let message = line.text.replace(char::is_control, "\u{fffd}");
        tracing::debug!(binding = %binding.name, level, message, "policy log");
        log.push(PolicyLog {
            binding: Arc::clone(&binding.name),
            level,
            message,
        });
    }
}
