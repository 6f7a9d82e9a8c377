//! Lets go of rows that have ended, in the transaction of a batch.

use gatewright_engine::quota::BUDGETS_MAX;

use crate::connection::{Connection, Value};
use crate::dialect::{SWEEP_BUDGETS, SWEEP_HELD, SWEEP_SESSIONS, SWEEP_USED};
use crate::head::Head;
use crate::kept::millis;
use crate::sealed::late;
use crate::wish::Wish;

/// Rows that have ended and that one batch lets go of at the most.
const SWEPT_MAX: i64 = 256;

/// Lets go of what has ended: now and then of what every gate's clock calls so, at once where
/// there is no room, and of what is kept sealed when somebody wishes it.
pub(crate) async fn sweep(
    (wishes, sweeps): (&[Wish], bool),
    connection: &mut Connection,
    head: &mut Head,
) -> Result<(), sqlx::Error> {
    let mut sessions = None;
    let mut budgets = None;
    let mut sealed = None;
    for wish in wishes {
        let (at, places_max) = match wish {
            Wish::Enter(entering, _) => (entering.at, entering.limits.tracked_sessions_max),
            Wish::Commit(committing, _) => (committing.effects.at, usize::MAX),
            Wish::Sweep(at) => {
                sealed = sealed.max(Some(late(*at)));
                continue;
            }
            Wish::Label(..) | Wish::End(_) => continue,
        };
        let before = late(at);
        if sweeps {
            sessions = sessions.max(Some(before));
            budgets = budgets.max(Some(before));
        }
        if is_full(head.sessions, places_max) {
            sessions = sessions.max(Some(at));
        }
        if is_full(head.budgets, BUDGETS_MAX) {
            budgets = budgets.max(Some(at));
        }
    }
    if let Some(ended) = sessions {
        let values = [Value::Integer(millis(ended)), Value::Integer(SWEPT_MAX)];
        let swept = connection.rows(SWEEP_SESSIONS, &values).await?;
        head.sessions = head.sessions.saturating_sub(count(swept.len()));
    }
    if let Some(ended) = budgets {
        let seconds = millis(ended) / 1000;
        let values = [Value::Integer(seconds), Value::Integer(SWEPT_MAX)];
        let swept = connection.rows(SWEEP_BUDGETS, &values).await?;
        head.budgets = head.budgets.saturating_sub(count(swept.len()));
    }
    if let Some(over) = sealed {
        let over = [Value::Integer(millis(over))];
        connection.rows(SWEEP_HELD, &over).await?;
        connection.rows(SWEEP_USED, &over).await?;
    }
    Ok(())
}

/// Whether so many rows are as many as there may be.
pub(crate) fn is_full(rows: i64, places: usize) -> bool {
    usize::try_from(rows).is_ok_and(|rows| rows >= places)
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
