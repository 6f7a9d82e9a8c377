//! A part of what is remembered, for memories that keep the whole elsewhere: taken out
//! of where it lies, changed by the same rules as everywhere, and put back.

use std::collections::BTreeSet;
use std::sync::Arc;

use gatewright_policy::record::RecordKeys;
use gatewright_policy::segment::{CarriedBudget, CarriedSession};
use gatewright_policy::{Grant, Label, Quota, Timestamp};

use super::commit::{Effects, NotCommitted};
use super::reserved::reserve;
use crate::config::LimitsConfig;
use crate::quota::Quotas;
use crate::session::{Carried, SessionError, Sessions};

/// The sessions and budgets that some commits are about. INVARIANT: whoever changes it
/// has all of those that there are, and nobody else changes them meanwhile.
#[derive(Default)]
pub struct Excerpt {
    sessions: Sessions,
    quotas: Quotas,
}

impl Excerpt {
    /// Takes in a session, its labels, opened, and the ids of its calls that are under
    /// way.
    pub fn take_session(
        &self,
        session: CarriedSession,
        labels: Vec<Label>,
        under_way: impl Iterator<Item = Arc<str>>,
    ) {
        let name = session.session.clone();
        self.sessions.carry_in(session, labels, Timestamp(0));
        self.sessions.carry_under_way(&name, under_way);
    }

    /// A call ended that no entry tells of.
    pub fn ended(&self, session: &str, id: &str) {
        self.sessions.ended(session, id);
    }

    /// Ids of the calls of a session that are under way.
    pub fn under_way(&self, session: &str) -> BTreeSet<Arc<str>> {
        self.sessions.under_way(session)
    }

    /// Takes in a budget.
    pub fn take_budget(&self, budget: CarriedBudget) {
        self.quotas.carry_in(budget);
    }

    /// As [`Memory::enter`](super::Memory::enter); so many sessions have a place
    /// elsewhere.
    pub fn enter(
        &self,
        grant: &Grant,
        at: Timestamp,
        limits: &LimitsConfig,
        elsewhere: usize,
    ) -> Result<Carried, SessionError> {
        self.sessions.enter_beside(grant, at, limits, elsewhere)
    }

    /// As [`Memory::context`](super::Memory::context).
    pub fn context(&self, session: &str, history_max: usize) -> Carried {
        self.sessions.context(session, history_max)
    }

    /// As [`Memory::label`](super::Memory::label).
    pub fn label(&self, session: &str, labels: &[Label]) -> Result<(), SessionError> {
        self.sessions.label(session, labels)
    }

    /// Makes everything of a commit count, or nothing.
    pub fn commit(&self, effects: Effects) -> Result<(), NotCommitted> {
        reserve((&self.sessions, &self.quotas), effects)?.keep();
        Ok(())
    }

    /// As [`Memory::spent`](super::Memory::spent).
    pub fn spent(&self, binding: &str, quota: &Quota, at: Timestamp) -> u64 {
        self.quotas.spent(binding, quota, at)
    }

    /// Every session in it, with its labels sealed.
    pub fn sessions(&self, keys: &RecordKeys) -> Vec<CarriedSession> {
        self.sessions.carried(Timestamp(0), keys)
    }

    /// Every budget in it.
    pub fn budgets(&self) -> Vec<CarriedBudget> {
        self.quotas.carried(Timestamp(0))
    }
}
