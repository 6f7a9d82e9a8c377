//! Looks whether another gate changed who may go on: streams make no call that would
//! notice.

use std::sync::Weak;
use std::time::Duration;

use crate::connection::Value;
use crate::dialect::{AGENTS, AGENTS_REVISION};
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
