//! A clock that was ahead, and is right again.

use gatewright_engine::ledger::{Durability, LedgerError};
use gatewright_engine::memory::{Commit, Effects, KeptCall, Memory as _, NotCommitted};
use gatewright_engine::quota::window_at;
use gatewright_policy::Timestamp;
use gatewright_policy::record::Event;
use gatewright_policy::segment::{CarriedBudget, LedgerEvent};

use crate::connection::{Each, Value};
use crate::dialect::{BUDGETS_LATER, HELD_AFTER, LET_GO, LET_GO_USED, SET_BUDGET, USED_AFTER};
use crate::kept::{self, budget_row};
use crate::kept_call::kept_call;
use crate::memory::SqlMemory;
use crate::place::Survives;

/// Calls that are looked at together.
const PAGE: i64 = 256;

impl SqlMemory {
    /// Says that the clock is right, and that the latest time is not: time goes on from
    /// now. Gives how many calls were held, or went ahead, under the wrong clock: they are
    /// let go of, since nobody could decide on them before that time comes.
    pub async fn set_clock(&self, now: Timestamp, was: Timestamp) -> Result<usize, NotCommitted> {
        // Before the entry: what fails here is done by the next try.
        let later = self.received_later(now).await?;
        let let_go = later.len();
        self.let_go(later).await?;
        self.bring_back_budgets(now).await?;
        let commit = Commit {
            record: Event::Ledger(LedgerEvent::ClockSet { was }),
            durability: Durability::Synced,
            effects: Effects::none(now),
        };
        self.commit(now, commit).await?;
        Ok(let_go)
    }

    /// Ids of those that were received later than at this time.
    async fn received_later(&self, now: Timestamp) -> Result<Vec<String>, LedgerError> {
        let mut later = Vec::new();
        for after in [HELD_AFTER, USED_AFTER] {
            let mut last = String::new();
            loop {
                let each = (after, kept_call as Each<KeptCall>);
                let page = self.held_calls(each, last.clone(), now, Some(PAGE)).await?;
                let Some(end) = page.last() else {
                    break;
                };
                last.clone_from(&end.call.envelope.id);
                let received = page.into_iter().filter(|kept| {
                    let call = kept.call.open(&self.shared.keys);
                    call.is_ok_and(|call| call.received_at > now)
                });
                later.extend(received.map(|kept| kept.call.envelope.id));
            }
        }
        Ok(later)
    }

    async fn let_go(&self, ids: Vec<String>) -> Result<(), LedgerError> {
        let place = self.place.clone();
        let gone = self.thread.spawn(async move {
            let mut connection = place.connect(Survives::Machine).await?;
            for id in &ids {
                for sql in [LET_GO, LET_GO_USED] {
                    connection.rows(sql, &[Value::Text(id)]).await?;
                }
            }
            Ok(())
        });
        let gone = gone.ok_or(LedgerError::Closed)?.await;
        let gone: Result<(), sqlx::Error> = gone.map_err(|_| LedgerError::Closed)?;
        gone.map_err(|error| self.failed(&error))
    }

    /// What was charged in windows that are still to come counts in the one that there is,
    /// and not until then.
    async fn bring_back_budgets(&self, now: Timestamp) -> Result<(), LedgerError> {
        let place = self.place.clone();
        let set = self.thread.spawn(async move {
            let mut connection = place.connect(Survives::Machine).await?;
            let seconds = Value::Integer(i64::try_from(now.seconds()).unwrap_or(i64::MAX));
            for row in connection.rows(BUDGETS_LATER, &[seconds]).await? {
                let (binding, key) = (row.text(0)?, row.text(1)?);
                // One that cannot be read is refused when it is charged.
                let Ok(budget) = kept::budget(&binding, &key, &row.text(2)?) else {
                    continue;
                };
                let window = window_at(budget.window, budget.window_seconds, now);
                let set = budget_row(CarriedBudget { window, ..budget });
                let set = set.map_err(|error| sqlx::Error::Encode(error.into()))?;
                let values = [
                    Value::Text(&binding),
                    Value::Text(&key),
                    Value::Integer(set.ends),
                    Value::Text(&set.body),
                ];
                connection.rows(SET_BUDGET, &values).await?;
            }
            Ok(())
        });
        let set = set.ok_or(LedgerError::Closed)?.await;
        let set: Result<(), sqlx::Error> = set.map_err(|_| LedgerError::Closed)?;
        set.map_err(|error| self.failed(&error))
    }
}
