//! Changes of who may go on, one at a time.

use std::sync::Arc;

use gatewright_policy::Timestamp;
use gatewright_policy::agent::Change;
use gatewright_policy::record::Event;
use tokio::sync::Mutex;

use super::commit::NotCommitted;
use crate::agents::Agents;
use crate::ledger::{Durability, Ledger, Receipt};

/// Whoever changes who may go on waits for the change before.
#[derive(Default)]
pub(super) struct Changing(Mutex<()>);

impl Changing {
    /// What tightens counts before it is recorded, so that no call comes between; it is
    /// taken back where it is not recorded.
    pub(super) async fn change(
        &self,
        (ledger, agents): (&dyn Ledger, &Agents),
        at: Timestamp,
        (record, durability): (Event, Durability),
        change: Change,
    ) -> Result<Receipt, NotCommitted> {
        let _alone = self.0.lock().await;
        let before = agents.registry();
        let rows = before.draft(&change, at)?;
        let mut after = (*before).clone();
        after.forget_ended(at);
        rows.into_iter().for_each(|row| after.set(row));
        let after = Arc::new(after);
        if change.tightens() {
            agents.publish(Arc::clone(&after));
        }
        match ledger.append(at, record, durability).await {
            Ok(receipt) => {
                agents.publish(after);
                Ok(receipt)
            }
            Err(error) => {
                agents.publish(before);
                Err(error.into())
            }
        }
    }
}
