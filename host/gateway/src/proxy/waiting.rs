//! A call that people are asked about waits a little for them, and holds nothing of the
//! gate meanwhile but its connection, its message, and a place among those that wait.

use std::time::Duration;

use gatewright_policy::Proof;
use gatewright_policy::approval::Stand;
use tokio::time::{Instant, sleep, sleep_until};

use super::Proxy;
use crate::flights::Seat;
use crate::owner::Owner;
use crate::refusal::Asked;

/// How often it is looked whether another gate on the same memory took a decision.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A call that waits for people.
pub(crate) struct Wait {
    held: String,
    until: Instant,
    /// Its place.
    _seat: Seat,
}

impl Proxy {
    /// Whether a held call waits here, and until when: only where somebody reads the
    /// answer, and where there is a place.
    pub(super) fn wait(&self, asked: &mut Asked) -> Option<Wait> {
        let held = asked.waits_for.take()?;
        let limits = &self.gate.engine.snapshot().limits;
        let patience = limits.approval_wait.0;
        if patience.is_zero() || asked.id.is_none() {
            return None;
        }
        let grant = asked.grant.as_ref()?;
        // What was proved of this very call counts once: it is called again with another.
        if grant.subject.proof == Proof::Call {
            return None;
        }
        let owner = Owner::of(grant);
        let all = limits.calls_in_flight_max;
        let seat = self.waits.take(&owner, all, limits.agent_share.of(all));
        Some(Wait {
            held,
            until: asked.arrived + patience,
            _seat: seat.ok()?,
        })
    }

    /// Waits until people decided: true if they did, so that the call is to be judged
    /// again.
    pub(super) async fn is_decided(&self, wait: Wait) -> bool {
        let mut changed = self.gate.engine.approvals_changed();
        loop {
            match self.gate.engine.approval_stand(&wait.held).await {
                Ok(Some(Stand::Requested)) => {}
                Ok(Some(Stand::Granted { .. } | Stand::Rejected { .. })) => return true,
                // It is over, or another call went ahead with it.
                Ok(Some(Stand::Expired | Stand::Consumed { .. } | Stand::Void { .. }) | None) => {
                    return false;
                }
                Err(error) => {
                    tracing::warn!(%error, "what people decided cannot be read");
                    return false;
                }
            }
            tokio::select! {
                () = self.gate.closing.cancelled() => return false,
                () = sleep_until(wait.until) => return false,
                _changed = changed.changed() => {}
                () = sleep(LOOK_EVERY) => {}
            }
        }
    }
}
