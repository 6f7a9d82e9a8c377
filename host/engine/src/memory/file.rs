//! The memory of a gate that stands alone: in its own memory, and in a ledger from
//! which a restart makes it again.

use gatewright_policy::record::Event;
use gatewright_policy::{Digest, Envelope, Grant, Label, Quota, SealedOutcome, Timestamp};

use super::changing::Changing;
use super::commit::{Commit, Effects, NotCommitted};
use super::holds::{Hold, Holds, NotHeld, Waiting};
use super::outcomes;
use super::port::{KeptCall, Memory, UsedCall};
use super::reserved::{Reserved, reserve};
use super::settling::{give_up, settle};
use super::step::{ApprovalMoved, HeldLook};
use super::stepping::Stepping;
use super::uses::Uses;
use crate::agents::{Agents, ListKey};
use crate::awaited::Awaited;
use crate::config::LimitsConfig;
use crate::ledger::{Durability, Ledger, LedgerError, Past, Receipt, Rotating, SegmentStatus};
use crate::quota::Quotas;
use crate::session::{Carried, SessionError, Sessions};

/// Sessions and budgets in memory, beside the ledger that they can be made of again.
pub struct FileMemory {
    ledger: Box<dyn Ledger>,
    pub(crate) sessions: Sessions,
    pub(crate) quotas: Quotas,
    holds: Holds,
    uses: Uses,
    agents: Agents,
    /// Whoever changes who may go on: one after the other, in the order of the record.
    changing: Changing,
}

/// The place of a call that is about to be held. Dropped, nobody is asked about it.
struct HeldPlace<'a> {
    memory: &'a FileMemory,
    id: Option<String>,
}

// === impl FileMemory ===

impl FileMemory {
    /// With what the ledger says about the past.
    pub fn new(ledger: Box<dyn Ledger>, past: Past) -> Self {
        let is_used = |(envelope, _): &(Envelope, usize)| past.approvals.is_used(&envelope.id);
        let (used, held): (Vec<_>, Vec<_>) = past.held.into_iter().partition(is_used);
        let used = used.iter().map(|(envelope, _)| envelope);
        let has_outcome = |id: &str| past.outcomes.contains(id);
        Self {
            ledger,
            sessions: past.sessions,
            quotas: past.quotas,
            holds: Holds::of(held, &past.approvals),
            uses: Uses::of(used, &past.approvals, has_outcome),
            agents: Agents::new(past.agents, past.inventory),
            changing: Changing::default(),
        }
    }

    /// Keeps a call that is held, and then its entry: what the record says waits, waits.
    async fn hold(
        &self,
        at: Timestamp,
        (record, durability): (Event, Durability),
        (reserved, stepping): (Reserved<'_>, Option<Stepping<'_>>),
        hold: Hold,
    ) -> Result<Receipt, NotCommitted> {
        let ends = stepping.as_ref().and_then(Stepping::ends);
        let place = match self.place(&hold, ends, at) {
            Ok(place) => place,
            Err(not_held) => {
                give_up(reserved, stepping);
                return Err(match not_held {
                    NotHeld::Full(full) => full.into(),
                    NotHeld::Same(moved) => moved.into(),
                });
            }
        };
        if let Err(error) = self.ledger.keep(&hold.call).await {
            give_up(reserved, stepping);
            return Err(NotCommitted::NotKept { cause: error });
        }
        let written = self.ledger.append(at, record, durability).await;
        let settled = settle(reserved, stepping, written)?;
        match self.ledger.confirm(&hold.call.envelope.id) {
            Ok(()) => place.keep(),
            // It is recorded, and nobody can approve it: it does not go ahead.
            Err(error) => tracing::error!(%error, "a held call is not kept"),
        }
        Ok(settled)
    }

    /// Keeps what came of an approved call, and then the entry of its end: what the agent is
    /// given can be given again.
    async fn end_approved(
        &self,
        at: Timestamp,
        (record, durability): (Event, Durability),
        reserved: Reserved<'_>,
        outcome: SealedOutcome,
    ) -> Result<Receipt, NotCommitted> {
        let is_of = self.uses.are_waiting(&outcome.held, &outcome.decision);
        let kept = match is_of {
            true => Some(self.ledger.keep_outcome(&outcome).await),
            false => None,
        };
        let written = self.ledger.append(at, record, durability).await;
        let receipt = settle(reserved, None, written)?;
        if let Some(kept) = kept {
            outcomes::settle(&*self.ledger, &self.uses, &outcome, kept);
        }
        Ok(receipt)
    }

    /// The held calls.
    #[cfg(test)]
    pub(crate) fn held_ids(&self) -> Vec<String> {
        self.holds.ids()
    }

    fn place(
        &self,
        hold: &Hold,
        ends: Option<&str>,
        at: Timestamp,
    ) -> Result<HeldPlace<'_>, NotHeld> {
        for over in self.holds.over(at) {
            self.ledger.erase(&over);
        }
        self.holds.reserve(hold, ends, at)?;
        // After that: what is used from now on was found in its place.
        let used = self.uses.same(hold.call.envelope.called, at);
        let used = used.map(|used| used.envelope.id);
        if hold.used.as_ref().is_some_and(|known| known.held != used) {
            self.holds.release(&hold.call.envelope.id);
            return Err(NotHeld::Same(ApprovalMoved));
        }
        Ok(HeldPlace {
            memory: self,
            id: Some(hold.call.envelope.id.clone()),
        })
    }

    fn reserve(&self, effects: Effects) -> Result<Reserved<'_>, NotCommitted> {
        reserve((&self.sessions, &self.quotas), effects)
    }

    async fn kept(&self, waiting: Option<Waiting>) -> Result<Option<KeptCall>, LedgerError> {
        let Some(waiting) = waiting else {
            return Ok(None);
        };
        let call = self.ledger.kept(&waiting.envelope).await?;
        Ok(call.map(|call| KeptCall {
            call,
            votes: waiting.votes,
        }))
    }
}

impl Memory for FileMemory {
    fn enter<'a>(
        &'a self,
        grant: &'a Grant,
        at: Timestamp,
        limits: &'a LimitsConfig,
    ) -> Awaited<'a, Result<Carried, SessionError>> {
        Awaited::there(self.sessions.enter(grant, at, limits))
    }

    fn context<'a>(
        &'a self,
        session: &'a str,
        history_max: usize,
    ) -> Awaited<'a, Result<Carried, SessionError>> {
        Awaited::there(Ok(self.sessions.context(session, history_max)))
    }

    fn spent<'a>(
        &'a self,
        budgets: &'a [(String, Quota)],
        at: Timestamp,
    ) -> Awaited<'a, Result<Vec<u64>, LedgerError>> {
        let budgets = budgets.iter();
        let spent = budgets.map(|(binding, quota)| self.quotas.spent(binding, quota, at));
        Awaited::there(Ok(spent.collect()))
    }

    fn label<'a>(
        &'a self,
        session: &'a str,
        labels: &'a [Label],
    ) -> Awaited<'a, Result<(), SessionError>> {
        Awaited::there(self.sessions.label(session, labels))
    }

    fn commit(&self, at: Timestamp, commit: Commit) -> Awaited<'_, Result<Receipt, NotCommitted>> {
        let mut effects = commit.effects;
        if let Some(change) = effects.agents.take() {
            let entry = (commit.record, commit.durability);
            let (ledger, agents) = (&*self.ledger, &self.agents);
            return Awaited::coming(self.changing.change((ledger, agents), at, entry, change));
        }
        if let Some(asker) = &effects.asker
            && let Err(stopped) = self.agents.admits(asker)
        {
            return Awaited::there(Err(stopped.into()));
        }
        let (hold, step) = (effects.held.take(), effects.approval.take());
        let outcome = effects.outcome.take();
        let reserved = match self.reserve(effects) {
            Ok(reserved) => reserved,
            Err(refused) => return Awaited::there(Err(refused)),
        };
        let stepping = match Stepping::begin((&*self.ledger, &self.holds, &self.uses), step, at) {
            Ok(stepping) => stepping,
            Err(moved) => {
                reserved.give_up();
                return Awaited::there(Err(moved.into()));
            }
        };
        if let Some(hold) = hold {
            let entry = (commit.record, commit.durability);
            return Awaited::coming(self.hold(at, entry, (reserved, stepping), hold));
        }
        if let Some(outcome) = outcome {
            let entry = (commit.record, commit.durability);
            return Awaited::coming(self.end_approved(at, entry, reserved, outcome));
        }
        match self.ledger.append(at, commit.record, commit.durability) {
            Awaited::There(Some(written)) => Awaited::there(settle(reserved, stepping, written)),
            waiting => Awaited::coming(async move { settle(reserved, stepping, waiting.await) }),
        }
    }

    fn note(&self, at: Timestamp, commit: Commit) -> bool {
        let effects = &commit.effects;
        let waits = effects.held.is_some() || effects.approval.is_some();
        if waits || effects.agents.is_some() || effects.outcome.is_some() {
            return false;
        }
        let Ok(reserved) = self.reserve(commit.effects) else {
            return false;
        };
        let noted = self.ledger.note(at, commit.record);
        match noted {
            true => reserved.keep(),
            false => reserved.give_up(),
        }
        noted
    }

    fn held<'a>(
        &'a self,
        id: &'a str,
        at: Timestamp,
    ) -> Awaited<'a, Result<Option<KeptCall>, LedgerError>> {
        match self.holds.waiting(id, at) {
            None => Awaited::there(Ok(None)),
            found => Awaited::coming(self.kept(found)),
        }
    }

    fn look<'a>(
        &'a self,
        id: &'a str,
        at: Timestamp,
    ) -> Awaited<'a, Result<Option<HeldLook>, LedgerError>> {
        Awaited::there(Ok(self.holds.look(id, at)))
    }

    fn held_as(
        &self,
        called: Digest,
        at: Timestamp,
    ) -> Awaited<'_, Result<Option<KeptCall>, LedgerError>> {
        match self.holds.waiting_as(called, at) {
            None => Awaited::there(Ok(None)),
            found => Awaited::coming(self.kept(found)),
        }
    }

    fn used_as(
        &self,
        called: Digest,
        at: Timestamp,
    ) -> Awaited<'_, Result<Option<UsedCall>, LedgerError>> {
        match self.uses.same(called, at) {
            None => Awaited::there(Ok(None)),
            Some(used) => Awaited::coming(outcomes::read(&*self.ledger, used)),
        }
    }

    fn is_changing(&self, called: Digest) -> bool {
        self.holds.is_changing(called)
    }

    fn keeps_used(&self, _at: Timestamp) -> bool {
        self.uses.are_kept()
    }

    fn sweep(&self, at: Timestamp) {
        for over in [self.holds.over(at), self.uses.sweep(at)].concat() {
            self.ledger.erase(&over);
        }
    }

    fn held_after<'a>(
        &'a self,
        id: &'a str,
        at: Timestamp,
        count_max: usize,
    ) -> Awaited<'a, Result<Vec<KeptCall>, LedgerError>> {
        let waiting = self.holds.waiting_after(id, at, count_max);
        Awaited::coming(async move {
            let mut kept = Vec::with_capacity(waiting.len());
            for waiting in waiting {
                kept.extend(self.kept(Some(waiting)).await?);
            }
            Ok(kept)
        })
    }

    fn agents(&self) -> &Agents {
        &self.agents
    }

    fn newest_list<'a>(
        &'a self,
        list: &'a ListKey,
        issued: Option<Timestamp>,
    ) -> Awaited<'a, Result<Option<Timestamp>, LedgerError>> {
        Awaited::there(Ok(self.agents.statuses().newest(list, issued)))
    }

    fn salt(&self) -> &[u8; 32] {
        self.ledger.salt()
    }

    fn sessions(&self) -> usize {
        self.sessions.count()
    }

    fn is_healthy(&self) -> bool {
        self.ledger.is_healthy()
    }

    fn trouble(&self) -> Option<LedgerError> {
        self.ledger.trouble()
    }

    fn rotate(&self) -> Rotating<'_> {
        self.ledger.rotate()
    }

    fn segment(&self) -> Option<SegmentStatus> {
        self.ledger.segment()
    }

    #[cfg(test)]
    fn as_any(&self) -> Option<&dyn std::any::Any> {
        Some(self)
    }
}

// === impl HeldPlace ===

impl HeldPlace<'_> {
    /// It waits.
    fn keep(mut self) {
        if let Some(id) = self.id.take() {
            self.memory.holds.settle(&id);
        }
    }
}

impl Drop for HeldPlace<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id.take() {
            self.memory.holds.release(&id);
            self.memory.ledger.erase(&id);
        }
    }
}
