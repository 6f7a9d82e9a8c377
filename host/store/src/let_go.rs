//! What a clock that was ahead held: calls, budgets and lists of later times.

use gatewright_engine::quota::window_at;
use gatewright_policy::Timestamp;
use gatewright_policy::record::RecordKeys;
use gatewright_policy::segment::CarriedBudget;

use crate::connection::{Connection, Value};
use crate::dialect::{
    BUDGETS_LATER, HELD_AFTER, LET_GO, LET_GO_USED, LISTS_LATER, SET_BUDGET, USED_AFTER,
};
use crate::kept::{self, budget_row, millis};
use crate::kept_call::kept_call;
use crate::wish::Wish;

/// Calls that are looked at together.
const PAGE: i64 = 256;

/// What goes with an entry that says so, if a wish has one, in its transaction: how many calls
/// were let go of. INVARIANT: the head is locked, so nobody holds or charges anything meanwhile.
pub(crate) async fn let_go(
    wishes: &[Wish],
    connection: &mut Connection,
    keys: &RecordKeys,
) -> Result<usize, sqlx::Error> {
    let Some(now) = wishes.iter().find_map(Wish::sets_clock) else {
        return Ok(0);
    };
    let later = received_later(connection, keys, now).await?;
    for id in &later {
        for sql in [LET_GO, LET_GO_USED] {
            connection.rows(sql, &[Value::Text(id)]).await?;
        }
    }
    bring_back_budgets(connection, now).await?;
    // A status list that was made later was made by the wrong clock too: those of the right one
    // would be older for as long.
    let lists = [Value::Integer(millis(now))];
    connection.rows(LISTS_LATER, &lists).await?;
    Ok(later.len())
}

/// Ids of those that were received later than at this time.
async fn received_later(
    connection: &mut Connection,
    keys: &RecordKeys,
    now: Timestamp,
) -> Result<Vec<String>, sqlx::Error> {
    let mut later = Vec::new();
    for after in [HELD_AFTER, USED_AFTER] {
        let mut last = String::new();
        loop {
            let values = [
                Value::Text(&last),
                Value::Integer(millis(now)),
                Value::Integer(PAGE),
            ];
            let rows = connection.rows(after, &values).await?;
            let page: Result<Vec<_>, _> = rows.iter().map(kept_call).collect();
            let page = page?;
            let Some(end) = page.last() else {
                break;
            };
            last.clone_from(&end.call.envelope.id);
            let received = page.into_iter().filter(|kept| {
                let call = kept.call.open(keys);
                call.is_ok_and(|call| call.received_at > now)
            });
            later.extend(received.map(|kept| kept.call.envelope.id));
        }
    }
    Ok(later)
}

/// What was charged in windows that are still to come counts in the one that there is, and
/// not until then.
async fn bring_back_budgets(
    connection: &mut Connection,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
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
}
