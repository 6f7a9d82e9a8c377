//! The entry of how a call ended, and what counts with it.

use std::borrow::Cow;
use std::sync::Arc;

use gatewright_policy::Reason;
use gatewright_policy::record::{Completed, Event};
use gatewright_policy::request::PastOutcome;

use super::Pending;
use super::costs::returned;
use crate::entry::{opinions, sealed_labels};
use crate::ledger::Durability;
use crate::memory::{Commit, Effects, Ended};

impl Pending {
    pub(super) fn completion(
        &mut self,
        outcome: PastOutcome,
        reason: Option<Reason>,
        message: Cow<'static, str>,
        durability: Durability,
    ) -> Commit {
        let returned = returned(&self.approved, self.went_out, outcome, self.abandoned);
        let settled = self.settled.take(self.approved.request.context.at);
        let sealed = self.outcome();
        let (keys, snapshot) = (&self.recorder.keys, &self.approved.snapshot);
        let in_words = self
            .withheld_by
            .as_ref()
            .is_some_and(|binding| snapshot.records_messages(binding));
        let message = match message {
            Cow::Borrowed(own) => keys.cut(own),
            Cow::Owned(foreign) => keys.told(&foreign, in_words),
        };
        let record = Completed {
            id: self.approved.id.clone(),
            outcome,
            reason,
            message,
            result: self.result,
            kept: self.kept,
            opinions: opinions(keys, snapshot, &self.opinions),
            changed: self.changed,
            session: self.approved.grant.session.to_string(),
            labels: sealed_labels(keys, self.labels.unsynced()),
            outcome_of: sealed.as_ref().map(|sealed| sealed.held.clone()),
            returned: returned.clone(),
            settled: settled.clone(),
        };
        let effects = Effects {
            session: Some(Arc::clone(&self.approved.grant.session)),
            ended: Some(Ended {
                id: self.approved.id.clone(),
                outcome,
                reason,
            }),
            returned,
            settled,
            outcome: sealed,
            ..Effects::none(self.approved.request.context.at)
        };
        Commit {
            record: Event::Completed(record),
            durability,
            effects,
        }
    }
}
