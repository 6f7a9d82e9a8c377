//! What came of approved calls, at a gate that stands alone: kept beside its ledger.

use gatewright_policy::SealedOutcome;

use super::port::{KeptCall, UsedCall};
use super::uses::{Used, Uses};
use crate::ledger::{Ledger, LedgerError};

/// The entry of the end is there: from now on the outcome is given again. Where it cannot be
/// kept, nobody will know what came of the call, and it is not made again all the same.
pub(super) fn settle(
    ledger: &dyn Ledger,
    uses: &Uses,
    outcome: &SealedOutcome,
    kept: Result<(), LedgerError>,
) {
    match kept.and_then(|()| ledger.confirm_outcome(&outcome.held)) {
        Ok(()) if uses.settle(&outcome.held, &outcome.decision) => {}
        // It gave way to others meanwhile.
        Ok(()) => ledger.erase(&outcome.held),
        Err(error) => tracing::error!(%error, "what came of an approved call is not kept"),
    }
}

/// An approved call that went ahead, with what came of it; none where it gave way to others.
pub(super) async fn read(ledger: &dyn Ledger, used: Used) -> Result<Option<UsedCall>, LedgerError> {
    let Some(call) = ledger.kept(&used.envelope).await? else {
        return Ok(None);
    };
    let held = used.envelope.id;
    let sealed = match used.is_settled {
        true => ledger.outcome(&held).await?,
        false => None,
    };
    Ok(Some(UsedCall {
        kept: KeptCall {
            call,
            votes: used.votes,
        },
        outcome: sealed.map(|sealed| SealedOutcome {
            held,
            decision: used.decision.clone(),
            sealed,
        }),
        decision: used.decision,
        until: used.until,
    }))
}
