//! What a call that went ahead costs in the end: charges of reviewers, and what is given
//! back of those before it.

use gatewright_policy::record::LateCharges;
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{Charge, Fault, OnFailure, Quota};

use super::{Pending, Reviewed, withheld_by_fault};
use crate::binding::Binding;

/// Budgets that the reviewers of one call charge.
const SETTLED_MAX: usize = 256;

/// The charges of a reviewer, with the limits that count for them.
pub(super) fn quotas(binding: &Binding, charges: &[Charge]) -> Result<Vec<Quota>, Fault> {
    let quotas = charges.iter().map(|charge| charge.quota(&binding.budgets));
    let quotas: Result<_, _> = quotas.collect();
    quotas.map_err(|error| Fault::BadOutput(error.to_string()))
}

impl Pending {
    /// Adds to what is charged when the call ends. A stream may have no end, and
    /// what it costs is kept in so many budgets at the most.
    pub(crate) fn owe(&mut self, binding: &str, charges: Vec<Quota>) -> Result<(), Reviewed> {
        for quota in charges {
            let quota = self.engine.keys.quota(&quota);
            let has_room = self.settled.len() < SETTLED_MAX;
            let same = self.settled.iter_mut().find(|(known, owed)| {
                known == binding
                    && (&owed.key, owed.window_seconds) == (&quota.key, quota.window_seconds)
            });
            match same {
                Some((_, owed)) => owed.cost = owed.cost.saturating_add(quota.cost),
                None if has_room => {
                    self.settled.push((binding.to_owned(), quota));
                }
                None => {
                    let who = format!("policy `{binding}`");
                    return Err(withheld_by_fault(&who, "it charges too many budgets"));
                }
            }
        }
        Ok(())
    }

    /// What is given back of what was charged before the call.
    pub(super) fn returned(&self, outcome: PastOutcome) -> Option<LateCharges> {
        let refunds = |quota: &Quota| match quota.on_failure {
            OnFailure::Refund => outcome == PastOutcome::Failed,
            OnFailure::Keep => false,
        };
        let charges = self.approved.charges.iter();
        let charges = charges.filter(|(_, quota)| refunds(quota) || !self.went_out);
        self.late(charges.cloned().collect())
    }

    /// What is charged at the end of the call.
    pub(super) fn settled(&mut self) -> Option<LateCharges> {
        let charges = std::mem::take(&mut self.settled);
        self.late(charges)
    }

    fn late(&self, charges: Vec<(String, Quota)>) -> Option<LateCharges> {
        (!charges.is_empty()).then(|| LateCharges {
            received_at: self.approved.request.context.at,
            charges,
        })
    }

    /// It is recorded: now it counts.
    pub(super) fn settle(&self, returned: Option<LateCharges>, settled: Option<LateCharges>) {
        let quotas = &self.engine.quotas;
        if let Some(returned) = returned {
            quotas.give_back(&returned.charges, returned.received_at);
        }
        if let Some(settled) = settled {
            quotas.restore(&settled.charges, settled.received_at);
        }
    }
}
