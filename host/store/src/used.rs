//! Approved calls that went ahead, as rows, with what came of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatewright_engine::memory::{UseOnce, UsedCall};
use gatewright_policy::{SealedOutcome, Timestamp};

use crate::connection::{Connection, Row, Value};
use crate::dialect::{LET_GO, SETTLE, SWEEP_USED, USE, USED_MAX, USED_OF_AGENT_MAX};
use crate::kept::{millis, time};
use crate::kept_call::kept_call;

/// A held call goes ahead: it is kept among those that did, and the oldest give way.
pub(crate) async fn uses(
    connection: &mut Connection,
    held: &str,
    (how, at): (&UseOnce, Timestamp),
) -> Result<(), sqlx::Error> {
    let values = [
        Value::Text(held),
        Value::Text(&how.decision),
        Value::Integer(millis(how.until)),
    ];
    connection.rows(USE, &values).await?;
    connection.rows(LET_GO, &[Value::Text(held)]).await?;
    let over = [Value::Integer(millis(at))];
    connection.rows(SWEEP_USED, &over).await?;
    let of_agent = [
        Value::Text(held),
        Value::Integer(places(how.room.calls_per_agent_max)),
    ];
    connection.rows(USED_OF_AGENT_MAX, &of_agent).await?;
    let all = [Value::Integer(places(how.room.calls_max))];
    connection.rows(USED_MAX, &all).await.map(drop)
}

/// What came of a call that went ahead with this decision, if it is kept still.
pub(crate) async fn settle(
    connection: &mut Connection,
    outcome: &SealedOutcome,
) -> Result<(), sqlx::Error> {
    let sealed = STANDARD.encode(&outcome.sealed);
    let values = [
        Value::Text(&outcome.held),
        Value::Text(&outcome.decision),
        Value::Text(&sealed),
    ];
    connection.rows(SETTLE, &values).await.map(drop)
}

/// The call in a row, with what came of it.
pub(crate) fn used_call(row: &Row) -> Result<UsedCall, sqlx::Error> {
    let kept = kept_call(row)?;
    let (decision, sealed) = (row.text(6)?, row.text(8)?);
    let outcome = match sealed.as_str() {
        "" => None,
        sealed => {
            let sealed = STANDARD.decode(sealed);
            let sealed = sealed.map_err(|_| sqlx::Error::Decode("an outcome".into()))?;
            Some(SealedOutcome {
                held: kept.call.envelope.id.clone(),
                decision: decision.clone(),
                sealed,
            })
        }
    };
    Ok(UsedCall {
        kept,
        decision,
        until: time(row.integer(7)?),
        outcome,
    })
}

fn places(max: usize) -> i64 {
    i64::try_from(max).unwrap_or(i64::MAX)
}
