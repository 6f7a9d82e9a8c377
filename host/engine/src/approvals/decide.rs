//! A person decides: checked, recorded, and only then counted.

use std::sync::Arc;
use std::time::Duration;

use gatewright_policy::approval::{
    Approver, NotTaken, Signature, Signed, Stand, Step, Vote, shown,
};
use gatewright_policy::record::{ApprovalEvent, Event};
use gatewright_policy::{Digest, Reason, Subject, Timestamp};

use super::approvers::Approvers;
use super::found::{Found, until};
use crate::ledger::Durability;
use crate::memory::{ApprovalChange, ApprovalStep, Commit, Effects, NotCommitted};
use crate::recorder::Recorder;
use crate::snapshot::Snapshot;

/// A statement that was signed longer ago is not taken.
const FRESH: Duration = Duration::from_secs(300);

/// Clocks may differ by this much.
const SKEW: Duration = Duration::from_secs(60);

/// Others may decide at the same moment so often.
const ATTEMPTS_MAX: usize = 4;

/// Takes a decision that is signed with a key of the configuration.
pub(super) async fn decide(
    recorder: Arc<Recorder>,
    snapshot: Arc<Snapshot>,
    signed: Signed,
) -> Result<Stand, NotTaken> {
    let approver = match by_key(&snapshot, &signed) {
        Ok(approver) => approver,
        Err(why) => return Err(refuse(&recorder, &signed, None, why).await),
    };
    decide_as(recorder, snapshot, approver, signed).await
}

/// Takes a decision of somebody who is known otherwise.
pub(super) async fn decide_as(
    recorder: Arc<Recorder>,
    snapshot: Arc<Snapshot>,
    approver: Approver,
    signed: Signed,
) -> Result<Stand, NotTaken> {
    for _attempt in 0..ATTEMPTS_MAX {
        match take(&recorder, &snapshot.approvers, &approver, &signed).await {
            Err(NotTaken::Moved) => {}
            Err(why) => return Err(refuse(&recorder, &signed, Some(&approver), why).await),
            Ok(stand) => return Ok(stand),
        }
    }
    Err(NotTaken::Moved)
}

/// Whose key signed it, if it did.
fn by_key(snapshot: &Snapshot, signed: &Signed) -> Result<Approver, NotTaken> {
    let Signature::Ed25519 { key, .. } = &signed.signature else {
        return Err(NotTaken::UnknownApprover);
    };
    let approver = snapshot.approvers.of_key(key);
    let approver = approver.ok_or(NotTaken::UnknownApprover)?;
    signed.verify_ed25519()?;
    match approver.name == signed.statement.approver {
        true => Ok(approver.clone()),
        false => Err(NotTaken::UnknownApprover),
    }
}

async fn take(
    recorder: &Recorder,
    approvers: &Approvers,
    approver: &Approver,
    signed: &Signed,
) -> Result<Stand, NotTaken> {
    let statement = &signed.statement;
    if !statement.is_fit() || statement.approver != approver.name {
        return Err(NotTaken::Unreadable);
    }
    let now = recorder.now();
    let found = Found::by_id(recorder, &statement.held, now).await;
    let found = found.map_err(|error| {
        tracing::error!(%error, "a held call cannot be read");
        NotTaken::NotRecorded
    })?;
    let found = found.ok_or(NotTaken::Unknown)?;
    is_timely(statement.at, found.call.received_at, now)?;
    if is_of_its_owner(recorder, &found.call.subject, &approver.name) {
        return Err(NotTaken::OwnCall);
    }
    let text = shown(&found.call, recorder.keys.shown_number(&found.call.id));
    if statement.shown != Digest::of(text.as_bytes()) {
        return Err(NotTaken::WrongShown);
    }
    let vote = Vote {
        signed: signed.clone(),
        roles: approver.roles.clone(),
        at: now,
    };
    let person = approvers.person(signed);
    let step = Step::Vote {
        vote: Box::new(vote.clone()),
        person: person.to_owned(),
    };
    let stand = found.case(approvers).apply(step, now)?.stand(now);
    if is_of_its_owner(recorder, &found.call.subject, person) {
        return Err(NotTaken::OwnCall);
    }
    let until = until(&found.call, stand);
    let commit = Commit {
        record: Event::Approval(Box::new(ApprovalEvent::Decided {
            held: found.call.id.clone(),
            before: found.votes.len() as u64,
            vote: Box::new(vote.clone()),
            stand,
            until,
            decide_by: found.call.decide_by,
        })),
        durability: Durability::Synced,
        effects: Effects {
            approval: Some(ApprovalStep {
                held: found.call.id,
                before: found.votes.len(),
                change: ApprovalChange::Vote {
                    vote: Box::new(vote),
                    until,
                },
            }),
            ..Effects::none(now)
        },
    };
    match recorder.commit(commit).await {
        Ok(_receipt) => Ok(stand),
        Err(NotCommitted::Approval(_)) => Err(NotTaken::Moved),
        Err(error) => {
            recorder.count_unrecorded(&error);
            Err(NotTaken::NotRecorded)
        }
    }
}

/// Whether it is another agent of the owner of the one that asks: who answers for both could
/// have one agree to what the other wants.
fn is_of_its_owner(recorder: &Recorder, asks: &Subject, name: &str) -> bool {
    let registry = recorder.memory.agents().registry();
    let registered = registry.agent(asks.account(), &asks.issuer);
    let Some(owner) = registered.and_then(|asks| asks.owner.as_deref()) else {
        return false;
    };
    let mut agents = registry.agents();
    agents.any(|it| it.agent.id == name && it.owner.as_deref() == Some(owner))
}

fn is_timely(at: Timestamp, received_at: Timestamp, now: Timestamp) -> Result<(), NotTaken> {
    if at > now.plus(SKEW) || at.plus(SKEW) < received_at {
        return Err(NotTaken::OutOfOrder);
    }
    match now.since(at) > FRESH {
        true => Err(NotTaken::Stale),
        false => Ok(()),
    }
}

/// Records that a decision was not taken. Of very many only so many have an entry.
async fn refuse(
    recorder: &Recorder,
    signed: &Signed,
    approver: Option<&Approver>,
    why: NotTaken,
) -> NotTaken {
    let id = &signed.statement.held;
    tracing::warn!(why = why.code(), "a decision of a person was not taken");
    if !recorder
        .refusals
        .admits(Reason::CredentialInvalid, recorder.now())
    {
        return why;
    }
    let is_known = matches!(
        Found::by_id(recorder, id, recorder.now()).await,
        Ok(Some(_))
    );
    let event = ApprovalEvent::Refused {
        held: match is_known {
            true => id.clone(),
            false => recorder.keys.sealed(id),
        },
        approver: approver.map(|approver| approver.name.clone()),
        why,
    };
    let event = Event::Approval(Box::new(event));
    if let Err(error) = recorder.append(event, Durability::Written).await {
        recorder.count_unrecorded(&error);
    }
    why
}
