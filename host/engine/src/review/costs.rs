//! What a call that went ahead costs in the end: charges of reviewers, and what is given
//! back of those before it.

use gatewright_policy::record::{LateCharges, RecordKeys};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{Charge, Fault, OnFailure, Quota, Timestamp};

use crate::approved::Approved;
use crate::binding::Binding;

/// Budgets that the reviewers of one call charge.
const SETTLED_MAX: usize = 256;

/// What reviewers say that a call cost beyond what was charged; each budget once.
#[derive(Default)]
pub(crate) struct Settled(Vec<(String, Quota)>);

/// Reviewers charge more budgets than are kept.
pub(super) struct TooMany;

/// The charges of a reviewer, with the limits that count for them.
pub(super) fn quotas(binding: &Binding, charges: &[Charge]) -> Result<Vec<Quota>, Fault> {
    let quotas = charges.iter().map(|charge| charge.quota(&binding.budgets));
    let quotas: Result<_, _> = quotas.collect();
    quotas.map_err(|error| Fault::BadOutput(error.to_string()))
}

/// What is given back of what was charged before the call. Of one that may have been
/// made, and that its agent did not wait for, nothing: nobody earns a refund by hanging
/// up.
pub(super) fn returned(
    approved: &Approved,
    went_out: bool,
    outcome: PastOutcome,
    abandoned: bool,
) -> Option<LateCharges> {
    let refunds = |quota: &Quota| match quota.on_failure {
        OnFailure::Refund => outcome == PastOutcome::Failed && !abandoned,
        OnFailure::Keep => false,
    };
    let charges = approved.charges.iter();
    let charges = charges.filter(|(_, quota)| refunds(quota) || !went_out);
    late(approved.request.context.at, charges.cloned().collect())
}

impl Settled {
    /// Adds to what is charged when the call ends. A stream may have no end, and
    /// what it costs is kept in so many budgets at the most.
    pub(super) fn owe(
        &mut self,
        keys: &RecordKeys,
        binding: &str,
        charges: Vec<Quota>,
    ) -> Result<(), TooMany> {
        for quota in charges {
            let quota = keys.quota(&quota);
            let has_room = self.0.len() < SETTLED_MAX;
            let same = self.0.iter_mut().find(|(known, owed)| {
                known == binding
                    && (&owed.key, owed.window_seconds) == (&quota.key, quota.window_seconds)
            });
            match same {
                Some((_, owed)) => owed.cost = owed.cost.saturating_add(quota.cost),
                None if has_room => self.0.push((binding.to_owned(), quota)),
                None => return Err(TooMany),
            }
        }
        Ok(())
    }

    /// What is charged at the end of a call that was received then.
    pub(super) fn take(&mut self, at: Timestamp) -> Option<LateCharges> {
        late(at, std::mem::take(&mut self.0))
    }
}

fn late(received_at: Timestamp, charges: Vec<(String, Quota)>) -> Option<LateCharges> {
    (!charges.is_empty()).then_some(LateCharges {
        received_at,
        charges,
    })
}
