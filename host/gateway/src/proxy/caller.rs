//! Step 2: who asks, and whether that caller may go on.

use std::sync::Arc;

use gatewright_engine::Snapshot;
use gatewright_policy::Grant;
use gatewright_policy::record::CallState;

use super::Proxy;
use crate::asked::Asked;
use crate::call::Incoming;
use crate::identify::{admitted, identify};
use crate::read::{Refusal, Wanted};
use crate::statuses;

impl Proxy {
    /// The grant of a message, with what the message proves of its caller, and what the
    /// caller brings back from the console.
    pub(super) async fn identified(
        &self,
        snapshot: &Arc<Snapshot>,
        incoming: &Incoming,
        asked: &mut Asked,
        wanted: &mut Wanted,
    ) -> Result<(Grant, Option<CallState>), Refusal> {
        let grant = identify(&incoming.caller, snapshot, self.gate.engine.now())?;
        asked.grant = Some(grant.clone());
        admitted(&self.gate.engine, &grant, &wanted.server.name)?;
        let grant = self.prove(grant, wanted, incoming, snapshot)?;
        asked.grant = Some(grant.clone());
        Box::pin(statuses::ready(&self.gate.engine, &grant)).await;
        let grant = self.gate.engine.owned(grant);
        let returned = self.returned(&grant, asked)?;
        Ok((grant, returned))
    }

    /// What a message proves of its caller, if its credential is bound to a key.
    fn prove(
        &self,
        grant: Grant,
        wanted: &mut Wanted,
        incoming: &Incoming,
        snapshot: &Snapshot,
    ) -> Result<Grant, Refusal> {
        let now = self.gate.engine.now();
        let endpoint = || incoming.endpoint(snapshot);
        let proofs = &self.gate.proofs;
        proofs.caller(grant, wanted, &endpoint, snapshot, now)
    }
}
