//! A clock that was ahead, and is right again.

use std::collections::HashMap;
use std::sync::Arc;

use gatewright_engine::ledger::{Durability, LedgerError};
use gatewright_engine::memory::{Commit, Effects, NotCommitted};
use gatewright_policy::Timestamp;
use gatewright_policy::record::Event;
use gatewright_policy::segment::LedgerEvent;

use crate::batch::{Batch, Done};
use crate::memory::SqlMemory;
use crate::place::Survives;
use crate::wish::{Committing, Outcome, Wish};

impl SqlMemory {
    /// Says that the clock is right, and that the latest time is not: time goes on from
    /// now. Gives how many calls were held, or went ahead, under the wrong clock: they are
    /// let go of, since nobody could decide on them before that time comes. All of it
    /// counts, or nothing.
    pub async fn set_clock(&self, now: Timestamp, was: Timestamp) -> Result<usize, NotCommitted> {
        let commit = Commit {
            record: Event::Ledger(LedgerEvent::ClockSet { was }),
            durability: Durability::Synced,
            effects: Effects::none(now),
        };
        let wishes = [Wish::Commit(Committing::of(now, commit)?, None)];
        let (place, shared) = (self.place.clone(), Arc::clone(&self.shared));
        let done = self.thread.spawn(async move {
            let registered = shared.registered();
            let ended = HashMap::new();
            let batch = Batch {
                wishes: &wishes,
                gate: &shared.gate,
                keys: &shared.keys,
                fingerprint: &shared.fingerprint,
                started: shared.started,
                ended: &ended,
                sweeps: false,
                registered: &registered,
            };
            let mut connection = place.connect(Survives::Machine).await?;
            let done = batch.commit(&mut connection).await;
            done.map_err(|error| error.source)
        });
        let done = done.ok_or(LedgerError::Closed)?.await;
        let done: Result<Done, sqlx::Error> = done.map_err(|_| LedgerError::Closed)?;
        let done = done.map_err(|error| self.failed(&error))?;
        self.shared.note(&done.head);
        self.shared.register(done.registered);
        for outcome in done.outcomes {
            if let Outcome::Committed(committed) = outcome {
                committed?;
            }
        }
        Ok(done.let_go)
    }
}
