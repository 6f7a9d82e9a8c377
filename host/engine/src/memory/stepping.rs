//! A held call while an entry about it is written: nobody else changes it meanwhile.

use gatewright_policy::Timestamp;

use super::holds::{Holds, Waiting};
use super::step::{ApprovalChange, ApprovalMoved, ApprovalStep, UseOnce};
use super::uses::{Used, Uses};
use crate::ledger::Ledger;

/// A held call that nobody else changes while an entry about it is written. Dropped, its
/// end counts all the same, and a decision does not: what tightens may not be lost.
pub(super) struct Stepping<'a> {
    ledger: &'a dyn Ledger,
    holds: &'a Holds,
    uses: &'a Uses,
    step: Option<ApprovalStep>,
    at: Timestamp,
}

impl<'a> Stepping<'a> {
    /// Begins a step, if there is one, and if nothing became of the call since it was
    /// looked at.
    pub(super) fn begin(
        (ledger, holds, uses): (&'a dyn Ledger, &'a Holds, &'a Uses),
        step: Option<ApprovalStep>,
        at: Timestamp,
    ) -> Result<Option<Self>, ApprovalMoved> {
        let Some(step) = step else {
            return Ok(None);
        };
        holds.begin(&step, at)?;
        Ok(Some(Self {
            ledger,
            holds,
            uses,
            step: Some(step),
            at,
        }))
    }

    /// There is an entry.
    pub(super) fn keep(mut self) {
        let Some(step) = self.step.take() else {
            return;
        };
        match step.change {
            ApprovalChange::Vote { vote, until } => self.holds.vote(&step.held, *vote, until),
            ApprovalChange::Use(how) => self.used(&step.held, &how),
            ApprovalChange::End => self.end(&step.held),
        }
    }

    /// There is no entry.
    pub(super) fn give_up(mut self) {
        if let Some(step) = self.step.take() {
            self.holds.settle(&step.held);
        }
    }

    /// The held call that it lets go of.
    pub(super) fn ends(&self) -> Option<&str> {
        let step = self.step.as_ref()?;
        step.change.ends().then_some(step.held.as_str())
    }

    /// The held call is over: nobody finds it, and it is not kept.
    fn end(&self, id: &str) {
        self.holds.release(id);
        self.ledger.erase(id);
    }

    /// The held call goes ahead: it is kept for whoever calls again.
    fn used(&self, id: &str, how: &UseOnce) {
        let Some(Waiting { envelope, votes }) = self.holds.known(id) else {
            return;
        };
        let used = Used {
            envelope,
            votes,
            decision: how.decision.clone(),
            until: how.until,
            is_settled: false,
        };
        // There before its place is free: whoever asks about the same call finds one of them.
        let gone = self.uses.take(used, how, self.at);
        self.holds.release(id);
        for gone in gone {
            self.ledger.erase(&gone);
        }
    }
}

impl Drop for Stepping<'_> {
    fn drop(&mut self) {
        let Some(step) = self.step.take() else {
            return;
        };
        match step.change.ends() {
            false => self.holds.settle(&step.held),
            // What was to go ahead does not: nothing came of it.
            true => self.end(&step.held),
        }
    }
}
