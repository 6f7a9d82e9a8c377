//! The refusal of a message whose decision cannot count.

use gatewright_policy::{Decision, Denied, Reason};

use crate::held::hold;
use crate::judgements::Judgements;
use crate::ledger::LedgerError;
use crate::memory::NotCommitted;
use crate::questions;
use crate::recorder::Recorder;

/// The denial that is recorded in place of what cannot count; the error where nothing
/// can be recorded.
pub(crate) fn denied_by(
    error: NotCommitted,
    recorder: &Recorder,
    judgements: &Judgements,
) -> Result<Denied, LedgerError> {
    match error {
        NotCommitted::Charge(error) => {
            let held = hold(&recorder.keys, judgements);
            let limits = &judgements.first.snapshot.limits;
            let cost = held.map(|held| questions::cost(&recorder.keys, limits, &held));
            let denied = cost.and_then(|cost| questions::too_many(&cost, &error));
            Ok(denied.unwrap_or_else(|| Denied::by_gate(Reason::QuotaExceeded, error.to_string())))
        }
        NotCommitted::Labels(error) => Ok(Denied::by_gate(error.reason(), error.to_string())),
        NotCommitted::Stopped(stopped) => Ok(Denied::by_gate(stopped.reason, stopped.message)),
        NotCommitted::Agents(error) => Err(LedgerError::Write(error.to_string())),
        NotCommitted::Held(error) => Ok(Denied::by_gate(Reason::TooManyHeld, error.to_string())),
        NotCommitted::NotKept { cause } => Ok(not_kept(&cause)),
        NotCommitted::Approval(error) => Ok(match &judgements.first.decision {
            // It stays refused, whatever becomes of the request.
            Decision::Deny(denied) => denied.clone(),
            Decision::Allow(_) | Decision::Hold(_) => {
                Denied::by_gate(Reason::ApprovalRequired, format!("{error}; call again"))
            }
        }),
        NotCommitted::Record(error) => Err(error),
    }
}

fn not_kept(error: &LedgerError) -> Denied {
    let error: &(dyn std::error::Error + 'static) = error;
    tracing::error!(error, "a held call is not kept");
    Denied::by_gate(
        Reason::AuditUnavailable,
        "the call could not be kept for those who approve; try again later",
    )
}
