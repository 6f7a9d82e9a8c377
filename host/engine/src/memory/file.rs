//! The memory of a gate that stands alone: in its own memory, and in a ledger from
//! which a restart makes it again.

use std::sync::Arc;

use gatewright_policy::agent::Change;
use gatewright_policy::record::Event;
use gatewright_policy::{Grant, SealedCall, Timestamp};
use tokio::sync::Mutex;

use super::commit::{Commit, Effects, NotCommitted};
use super::holds::{Hold, Holds, HoldsFull};
use super::port::Memory;
use super::reserved::{Reserved, reserve};
use crate::agents::Agents;
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
    agents: Agents,
    /// Whoever changes who may go on: one after the other, in the order of the record.
    changing: Mutex<()>,
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
        Self {
            ledger,
            sessions: past.sessions,
            quotas: past.quotas,
            holds: Holds::of(past.held),
            agents: Agents::new(past.agents, past.inventory),
            changing: Mutex::new(()),
        }
    }

    /// Keeps a call that is held, and then its entry: what the record says waits, waits.
    async fn hold(
        &self,
        at: Timestamp,
        (record, durability): (Event, Durability),
        reserved: Reserved<'_>,
        hold: Hold,
    ) -> Result<Receipt, NotCommitted> {
        let place = match self.place(&hold, at) {
            Ok(place) => place,
            Err(full) => {
                reserved.give_up();
                return Err(full.into());
            }
        };
        if let Err(error) = self.ledger.keep(&hold.call).await {
            reserved.give_up();
            return Err(NotCommitted::NotKept { cause: error });
        }
        let written = self.ledger.append(at, record, durability).await;
        let settled = settle(reserved, written)?;
        match self.ledger.confirm(&hold.call.envelope.id) {
            Ok(()) => place.keep(),
            // It is recorded, and nobody can approve it: it does not go ahead.
            Err(error) => tracing::error!(%error, "a held call is not kept"),
        }
        Ok(settled)
    }

    /// Changes who may go on. What tightens counts before it is recorded, so that no call
    /// comes between; it is taken back where it is not recorded.
    async fn change(
        &self,
        at: Timestamp,
        (record, durability): (Event, Durability),
        change: Change,
    ) -> Result<Receipt, NotCommitted> {
        let _alone = self.changing.lock().await;
        let before = self.agents.registry();
        let rows = before.draft(&change, at)?;
        let mut after = (*before).clone();
        after.forget_ended(at);
        rows.into_iter().for_each(|row| after.set(row));
        let after = Arc::new(after);
        if change.tightens() {
            self.agents.publish(Arc::clone(&after));
        }
        match self.ledger.append(at, record, durability).await {
            Ok(receipt) => {
                self.agents.publish(after);
                Ok(receipt)
            }
            Err(error) => {
                self.agents.publish(before);
                Err(error.into())
            }
        }
    }

    /// The calls that wait.
    #[cfg(test)]
    pub(crate) fn held_ids(&self) -> Vec<String> {
        self.holds.ids()
    }

    fn place(&self, hold: &Hold, at: Timestamp) -> Result<HeldPlace<'_>, HoldsFull> {
        for over in self.holds.over(at) {
            self.ledger.erase(&over);
        }
        self.holds.reserve(hold, at)?;
        Ok(HeldPlace {
            memory: self,
            id: Some(hold.call.envelope.id.clone()),
        })
    }

    fn reserve(&self, effects: Effects) -> Result<Reserved<'_>, NotCommitted> {
        reserve((&self.sessions, &self.quotas), effects)
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

    fn label<'a>(
        &'a self,
        session: &'a str,
        labels: &'a [String],
    ) -> Awaited<'a, Result<(), SessionError>> {
        Awaited::there(self.sessions.label(session, labels))
    }

    fn commit(&self, at: Timestamp, commit: Commit) -> Awaited<'_, Result<Receipt, NotCommitted>> {
        let mut effects = commit.effects;
        if let Some(change) = effects.agents.take() {
            let entry = (commit.record, commit.durability);
            return Awaited::coming(self.change(at, entry, change));
        }
        if let Some(asker) = &effects.asker
            && let Err(stopped) = self.agents.admits(asker)
        {
            return Awaited::there(Err(stopped.into()));
        }
        let hold = effects.held.take();
        let reserved = match self.reserve(effects) {
            Ok(reserved) => reserved,
            Err(refused) => return Awaited::there(Err(refused)),
        };
        if let Some(hold) = hold {
            let entry = (commit.record, commit.durability);
            return Awaited::coming(self.hold(at, entry, reserved, hold));
        }
        match self.ledger.append(at, commit.record, commit.durability) {
            Awaited::There(Some(written)) => Awaited::there(settle(reserved, written)),
            waiting => Awaited::coming(async move { settle(reserved, waiting.await) }),
        }
    }

    fn note(&self, at: Timestamp, commit: Commit) -> bool {
        if commit.effects.held.is_some() || commit.effects.agents.is_some() {
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
    ) -> Awaited<'a, Result<Option<SealedCall>, LedgerError>> {
        let Some(envelope) = self.holds.envelope(id, at) else {
            return Awaited::there(Ok(None));
        };
        Awaited::coming(async move { self.ledger.kept(&envelope).await })
    }

    fn agents(&self) -> &Agents {
        &self.agents
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
        self.id = None;
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

/// Acts on the ledger's word.
fn settle(
    reserved: Reserved<'_>,
    written: Result<Receipt, LedgerError>,
) -> Result<Receipt, NotCommitted> {
    match written {
        Ok(receipt) => {
            reserved.keep();
            Ok(receipt)
        }
        Err(error) => {
            reserved.give_up();
            Err(error.into())
        }
    }
}
