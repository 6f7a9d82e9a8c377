//! Looks whether another gate changed who may go on, since streams make no call that would
//! notice; and what any gate keeps sealed.

use std::sync::Weak;
use std::time::Duration;

use crate::connection::Value;
use crate::dialect::{AGENTS, AGENTS_REVISION, SEALED_FIRST, USED_UNTIL};
use crate::error::told;
use crate::readers::Readers;
use crate::shared::Shared;

/// How often somebody looks whether another gate changed who may go on.
const AGENTS_EVERY: Duration = Duration::from_millis(250);

/// Looks whether another gate changed who may go on, for streams that make no call. A call
/// sees it in its own transaction.
pub(crate) async fn watch_agents(shared: Weak<Shared>, readers: Weak<Readers>) {
    loop {
        tokio::time::sleep(AGENTS_EVERY).await;
        let (Some(shared), Some(readers)) = (shared.upgrade(), readers.upgrade()) else {
            return;
        };
        if let Err(error) = look_at_agents(&shared, &readers).await {
            // While the database cannot be reached, no call goes ahead.
            tracing::debug!(error = %told(&error), "who may go on cannot be read");
        }
    }
}

async fn look_at_agents(shared: &Shared, readers: &Readers) -> Result<(), sqlx::Error> {
    let known = shared.registered();
    let rows = readers.rows(AGENTS_REVISION, &[]).await?;
    let revision = rows.first().map_or(Ok(0), |row| row.integer(0))?;
    if revision > known.revision() {
        let since = [Value::Integer(known.revision())];
        let rows = readers.rows(AGENTS, &since).await?;
        // What was changed since the revision was read is newer, and read again.
        shared.register_if_newer(known.with(&rows, revision)?);
    }
    Ok(())
}

/// How often somebody looks which calls went ahead at another gate.
const USED_EVERY: Duration = Duration::from_millis(250);

/// Of so many looks, one is for what is over.
const OVER_OF: u32 = 40;

/// Looks which calls went ahead at another gate, and now and then which of those that are
/// kept sealed is over first.
pub(crate) async fn watch_sealed(shared: Weak<Shared>, readers: Weak<Readers>) {
    let mut looks: u32 = 0;
    loop {
        let (Some(known), Some(reading)) = (shared.upgrade(), readers.upgrade()) else {
            return;
        };
        let looked = look_at_sealed(&known, &reading, looks.is_multiple_of(OVER_OF)).await;
        if let Err(error) = looked {
            // Until somebody knows, there may be some.
            known.sealed.looked_in_vain();
            tracing::debug!(error = %told(&error), "what is kept sealed cannot be read");
        }
        drop((known, reading));
        looks = looks.wrapping_add(1);
        tokio::time::sleep(USED_EVERY).await;
    }
}

async fn look_at_sealed(
    shared: &Shared,
    readers: &Readers,
    also_over: bool,
) -> Result<(), sqlx::Error> {
    let rows = readers.rows(USED_UNTIL, &[]).await?;
    let until = rows.first().map_or(Ok(0), |row| row.integer(0))?;
    shared.sealed.found_used(until);
    if also_over {
        let rows = readers.rows(SEALED_FIRST, &[]).await?;
        let first = rows.first().map_or(Ok(0), |row| row.integer(0))?;
        shared.sealed.found_first(first);
    }
    Ok(())
}
