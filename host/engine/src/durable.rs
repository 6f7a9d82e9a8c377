//! What a decision must survive before it counts.

use gatewright_policy::Decision;

use crate::call::{Judgement, Kind};
use crate::judgements::Judgements;
use crate::ledger::Durability;
use crate::memory::Effects;

/// What is not pinned read-only must be on disk before it goes ahead, and so must
/// a label.
pub(crate) fn durability(judgements: &Judgements, effects: &Effects) -> Durability {
    let first = &judgements.first;
    let mut hints = judgements.iter().map(Judgement::hints);
    let synced = match (&first.decision, first.kind) {
        (Decision::Allow(_), Kind::Judged) => {
            let changes_labels = !effects.labels.is_empty() || !effects.declassified.is_empty();
            // What was used may never be there again.
            let uses_approval = effects.approval.is_some();
            changes_labels || uses_approval || !hints.all(|hints| hints.read_only)
        }
        // One that waits with another leaves nothing.
        (Decision::Hold(_), Kind::Judged) => effects.held.is_some(),
        // Whoever gets what a call returned carries its labels, whatever happens.
        (Decision::Deny(_), _) if !effects.labels.is_empty() => true,
        (Decision::Deny(_), _) | (_, Kind::Listing | Kind::Protocol) => false,
    };
    if synced {
        Durability::Synced
    } else {
        Durability::Written
    }
}
