//! Held calls, as rows.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatewright_engine::memory::{
    ApprovalChange, ApprovalMoved, ApprovalStep, HeldLook, Hold, Holding, HoldsFull, UseOnce,
};
use gatewright_engine::quota::LATE_SECONDS;
use gatewright_policy::approval::Vote;
use gatewright_policy::{SealedOutcome, Timestamp};
use serde::Serialize;

use crate::connection::{Connection, Row, Value};
use crate::dialect::{DECIDE, DECIDED, HELD_BY_AGENT, HELD_SAME, LET_GO, SWEEP_HELD, USED_SAME};
use crate::kept::{millis, time};
use crate::kept_call::votes;
use crate::used::{settle, uses};
use crate::wish::Wish;

/// A row of `held`.
#[derive(Serialize)]
pub(crate) struct HeldRow {
    id: String,
    agent: String,
    called: String,
    decide_by: i64,
    bytes: i64,
    body: String,
}

/// How many calls wait, by agent: those that are there, and those that a batch adds.
#[derive(Default)]
pub(crate) struct Waiting {
    agents: HashMap<String, (usize, usize)>,
    /// Ids of those that are the same call as one that a batch adds.
    same: HashMap<String, Vec<String>>,
    /// The latest of those that are the same call, and went ahead.
    used: HashMap<String, Option<String>>,
}

// === impl Waiting ===

impl Waiting {
    /// Those that are there beside the ones that these wishes hold; nothing is counted
    /// where they hold none.
    pub(crate) async fn beside(
        wishes: &[Wish],
        connection: &mut Connection,
    ) -> Result<Self, sqlx::Error> {
        let holding = wishes.iter().filter_map(|wish| match wish {
            Wish::Commit(committing, _) => {
                let effects = &committing.effects;
                effects.held.as_ref().map(|hold| (effects.at, hold))
            }
            Wish::Enter(..) | Wish::Label(..) | Wish::End(_) | Wish::Sweep(_) => None,
        });
        let holding: Vec<_> = holding.collect();
        let Some(at) = holding.iter().map(|(at, _)| *at).max() else {
            return Ok(Self::default());
        };
        let mut waiting = Self::read(connection, at).await?;
        for (at, hold) in holding {
            let called = hold.call.envelope.called.to_string();
            let values = [Value::Text(&called), Value::Integer(millis(at))];
            let rows = connection.rows(HELD_SAME, &values).await?;
            let ids: Result<Vec<_>, _> = rows.iter().map(|row| row.text(0)).collect();
            if hold.used.is_some() {
                let rows = connection.rows(USED_SAME, &values).await?;
                let used = rows.first().map(|row| row.text(0)).transpose()?;
                waiting.used.insert(called.clone(), used);
            }
            waiting.same.insert(called, ids?);
        }
        Ok(waiting)
    }

    /// Counts those that can be approved at the latest time of these calls, and lets go of
    /// those that no gate's clock says so of.
    async fn read(connection: &mut Connection, at: Timestamp) -> Result<Self, sqlx::Error> {
        let over = Timestamp(at.0.saturating_sub(LATE_SECONDS.saturating_mul(1000)));
        let over = [Value::Integer(millis(over))];
        connection.rows(SWEEP_HELD, &over).await?;
        let mut waiting = Self::default();
        for row in connection
            .rows(HELD_BY_AGENT, &[Value::Integer(millis(at))])
            .await?
        {
            let counted = (count(row.integer(1)?), count(row.integer(2)?));
            waiting.agents.insert(row.text(0)?, counted);
        }
        Ok(waiting)
    }

    /// Whether nobody is asked about the same call already, besides what its own commit lets
    /// go of, and none went ahead since it was looked at.
    pub(crate) fn is_first(
        &self,
        hold: &Hold,
        step: Option<&ApprovalStep>,
    ) -> Result<(), ApprovalMoved> {
        let ends = step.filter(|step| step.change.ends());
        let called = hold.call.envelope.called.to_string();
        let used = self.used.get(&called);
        let is_as_before = match (&hold.used, used) {
            (Some(known), Some(used)) => known.held == *used,
            (None, _) | (_, None) => true,
        };
        let mut others = self.same.get(&called).into_iter().flatten();
        match !is_as_before || others.any(|id| ends.is_none_or(|step| step.held != *id)) {
            true => Err(ApprovalMoved),
            false => Ok(()),
        }
    }

    /// Whether one more fits.
    pub(crate) fn admit(&self, hold: &Hold) -> Result<(), HoldsFull> {
        let agent = hold.call.envelope.agent.to_string();
        let sum = |part: fn(&(usize, usize)) -> usize| self.agents.values().map(part).sum();
        let holding = Holding {
            calls: sum(|it| it.0),
            of_agent: self.agents.get(&agent).map_or(0, |it| it.0),
            bytes: sum(|it| it.1),
            bytes_of_agent: self.agents.get(&agent).map_or(0, |it| it.1),
        };
        hold.room.admits(holding, hold.call.sealed.len())
    }

    /// One more is there.
    pub(crate) fn take(&mut self, hold: &Hold) -> HeldRow {
        let envelope = &hold.call.envelope;
        let bytes = hold.call.sealed.len();
        let row = HeldRow {
            id: envelope.id.clone(),
            agent: envelope.agent.to_string(),
            called: envelope.called.to_string(),
            decide_by: millis(envelope.decide_by),
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            body: STANDARD.encode(&hold.call.sealed),
        };
        let same = self.same.entry(row.called.clone()).or_default();
        same.push(row.id.clone());
        let counted = self.agents.entry(row.agent.clone()).or_default();
        *counted = (counted.0.saturating_add(1), counted.1.saturating_add(bytes));
        row
    }
}

/// What these wishes make of calls that are held already.
#[derive(Default)]
pub(crate) struct Steps {
    /// Those that they are about, as far as there are such.
    known: HashMap<String, Known>,
    changed: BTreeSet<String>,
    /// What came of calls that went ahead before.
    outcomes: Vec<SealedOutcome>,
}

/// What was decided on a held call.
struct Known {
    votes: Vec<Vote>,
    ends: Timestamp,
    /// How it ended, if it did, and when.
    ended: Option<(End, Timestamp)>,
}

/// How a request for approval ended.
enum End {
    /// The call went ahead, and is kept among those that did.
    Used(UseOnce),
    /// Nothing is kept of it.
    Gone,
}

// === impl Steps ===

impl Steps {
    /// What is there of the calls that these wishes are about. Whoever reads it has locked
    /// the head: nobody else changes it meanwhile.
    pub(crate) async fn read(
        wishes: &[Wish],
        connection: &mut Connection,
    ) -> Result<Self, sqlx::Error> {
        let mut steps = Self::default();
        for step in wishes.iter().filter_map(step) {
            let rows = connection.rows(DECIDED, &[Value::Text(&step.held)]).await?;
            let Some(row) = rows.first() else {
                continue;
            };
            let votes: Vec<Vote> = votes(&row.text(1)?)?;
            // Somebody else changed one of the two.
            if count(row.integer(0)?) == votes.len() {
                let known = Known {
                    votes,
                    ends: time(row.integer(2)?),
                    ended: None,
                };
                steps.known.insert(step.held.clone(), known);
            }
        }
        Ok(steps)
    }

    /// Whether nothing became of the call since it was looked at.
    pub(crate) fn admit(&self, step: &ApprovalStep, at: Timestamp) -> Result<(), ApprovalMoved> {
        let known = self.known.get(&step.held).ok_or(ApprovalMoved)?;
        match known.ended.is_none() && at < known.ends && known.votes.len() == step.before {
            true => Ok(()),
            false => Err(ApprovalMoved),
        }
    }

    /// It counts, if the transaction does.
    pub(crate) fn take(&mut self, step: &ApprovalStep, at: Timestamp) {
        let Some(known) = self.known.get_mut(&step.held) else {
            return;
        };
        match &step.change {
            ApprovalChange::Vote { vote, until } => {
                known.votes.push((**vote).clone());
                known.ends = *until;
            }
            ApprovalChange::Use(how) => known.ended = Some((End::Used(how.clone()), at)),
            ApprovalChange::End => known.ended = Some((End::Gone, at)),
        }
        self.changed.insert(step.held.clone());
    }

    /// What came of a call that went ahead is kept, if the transaction counts.
    pub(crate) fn settle(&mut self, outcome: Option<&SealedOutcome>) {
        self.outcomes.extend(outcome.cloned());
    }

    /// Writes what became of them.
    pub(crate) async fn write(&self, connection: &mut Connection) -> Result<(), sqlx::Error> {
        for id in &self.changed {
            let Some(known) = self.known.get(id) else {
                continue;
            };
            match &known.ended {
                Some((End::Used(how), at)) => {
                    uses(connection, id, (how, *at)).await?;
                    continue;
                }
                Some((End::Gone, _)) => {
                    connection.rows(LET_GO, &[Value::Text(id)]).await?;
                    continue;
                }
                None => {}
            }
            let votes = serde_json::to_string(&known.votes);
            let votes = votes.map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
            let values = [
                Value::Text(id),
                Value::Integer(i64::try_from(known.votes.len()).unwrap_or(i64::MAX)),
                Value::Text(&votes),
                Value::Integer(millis(known.ends)),
            ];
            connection.rows(DECIDE, &values).await?;
        }
        for outcome in &self.outcomes {
            settle(connection, outcome).await?;
        }
        Ok(())
    }
}

/// What is known of a held call in short.
pub(crate) fn held_look(row: &Row) -> Result<HeldLook, sqlx::Error> {
    Ok(HeldLook {
        decided: count(row.integer(0)?),
        until: time(row.integer(1)?),
    })
}

fn step(wish: &Wish) -> Option<&ApprovalStep> {
    match wish {
        Wish::Commit(committing, _) => committing.effects.approval.as_ref(),
        Wish::Enter(..) | Wish::Label(..) | Wish::End(_) | Wish::Sweep(_) => None,
    }
}

fn count(rows: i64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}
