//! Calls that wait for people, as rows.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatewright_engine::memory::{Hold, Holding, HoldsFull};
use gatewright_engine::quota::LATE_SECONDS;
use gatewright_policy::{Envelope, SealedCall, Timestamp};
use serde::Serialize;

use crate::connection::{Connection, Row, Value};
use crate::dialect::{HELD_BY_AGENT, SWEEP_HELD};
use crate::kept::{millis, time};
use crate::wish::Wish;

/// A row of `held`.
#[derive(Serialize)]
pub(crate) struct HeldRow {
    id: String,
    agent: String,
    ends: i64,
    bytes: i64,
    body: String,
}

/// How many calls wait, by agent: those that are there, and those that a batch adds.
#[derive(Default)]
pub(crate) struct Waiting {
    agents: HashMap<String, (usize, usize)>,
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
                effects.held.as_ref().map(|_| effects.at)
            }
            Wish::Enter(..) | Wish::Label(..) | Wish::End(_) => None,
        });
        match holding.max() {
            Some(at) => Self::read(connection, at).await,
            None => Ok(Self::default()),
        }
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

    /// Whether one more fits.
    pub(crate) fn admit(&self, hold: &Hold) -> Result<(), HoldsFull> {
        let agent = hold.call.envelope.agent.to_string();
        let sum = |part: fn(&(usize, usize)) -> usize| self.agents.values().map(part).sum();
        let holding = Holding {
            calls: sum(|it| it.0),
            of_agent: self.agents.get(&agent).map_or(0, |it| it.0),
            bytes: sum(|it| it.1),
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
            ends: millis(envelope.decide_by),
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            body: STANDARD.encode(&hold.call.sealed),
        };
        let counted = self.agents.entry(row.agent.clone()).or_default();
        *counted = (counted.0.saturating_add(1), counted.1.saturating_add(bytes));
        row
    }
}

/// The call in a row of agent, end and body.
pub(crate) fn sealed_call(id: &str, row: &Row) -> Result<SealedCall, sqlx::Error> {
    let unreadable = |what: &str| sqlx::Error::Decode(what.to_owned().into());
    let agent = row.text(0)?;
    let agent = agent.parse().map_err(|_| unreadable("an agent's digest"))?;
    let body = STANDARD.decode(row.text(2)?);
    Ok(SealedCall {
        envelope: Envelope {
            id: id.to_owned(),
            agent,
            decide_by: time(row.integer(1)?),
        },
        sealed: body.map_err(|_| unreadable("a held call"))?,
    })
}

fn count(rows: i64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}
