//! What a reviewer said, of all that it saw of one call.

use gatewright_policy::BUDGETS_READ_MAX;
use gatewright_policy::record::RecordedOpinion;
use gatewright_policy::usable::NOTES_MAX;

/// Adds what a reviewer said to what is known: a stream may have no end, its record has
/// one.
pub(super) fn note(opinions: &mut Vec<RecordedOpinion>, opinion: RecordedOpinion) {
    let known = opinions
        .iter_mut()
        .find(|known| known.binding == opinion.binding && known.component == opinion.component);
    let Some(known) = known else {
        return opinions.push(opinion);
    };
    known.fault = known.fault.take().or(opinion.fault);
    for note in opinion.notes {
        if known.notes.len() < NOTES_MAX && !known.notes.contains(&note) {
            known.notes.push(note);
        }
    }
    for read in opinion.budgets {
        if known.budgets.len() < BUDGETS_READ_MAX && !known.budgets.contains(&read) {
            known.budgets.push(read);
        }
    }
    known.edits = known.edits.saturating_add(opinion.edits);
    known.blocked |= opinion.blocked;
    known.fuel = known.fuel.saturating_add(opinion.fuel);
}
