//! The memory of a gate that stands alone: in its own memory, and in a ledger from
//! which a restart makes it again.

use gatewright_policy::{Grant, Timestamp};

use super::commit::{Commit, Effects, NotCommitted};
use super::port::Memory;
use crate::awaited::Awaited;
use crate::config::LimitsConfig;
use crate::ledger::{Ledger, LedgerError, Past, Receipt, Rotating, SegmentStatus};
use crate::quota::Quotas;
use crate::session::{Carried, SessionError, Sessions};

/// Sessions and budgets in memory, beside the ledger that they can be made of again.
pub struct FileMemory {
    ledger: Box<dyn Ledger>,
    pub(crate) sessions: Sessions,
    pub(crate) quotas: Quotas,
}

/// What a commit changes, while its entry is being written. Only the ledger's word
/// that there is no entry undoes it: where nobody waits for that word any more, the
/// entry may be there, and then it counts.
struct Reserved<'a> {
    memory: &'a FileMemory,
    effects: Option<Effects>,
}

// === impl FileMemory ===

impl FileMemory {
    /// With what the ledger says about the past.
    pub fn new(ledger: Box<dyn Ledger>, past: Past) -> Self {
        Self {
            ledger,
            sessions: past.sessions,
            quotas: past.quotas,
        }
    }

    /// Charges what it costs and makes sure of room for its labels: both or neither.
    fn reserve(&self, effects: Effects) -> Result<Reserved<'_>, NotCommitted> {
        self.quotas.charge(&effects.charges, effects.at)?;
        if let Some(session) = &effects.session
            && let Err(error) = self.sessions.reserve(session, effects.left())
        {
            self.quotas.give_back(&effects.charges, effects.at);
            return Err(error.into());
        }
        Ok(Reserved {
            memory: self,
            effects: Some(effects),
        })
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
        let reserved = match self.reserve(commit.effects) {
            Ok(reserved) => reserved,
            Err(refused) => return Awaited::there(Err(refused)),
        };
        match self.ledger.append(at, commit.record, commit.durability) {
            Awaited::There(Some(written)) => Awaited::there(reserved.settle(written)),
            waiting => Awaited::coming(async move { reserved.settle(waiting.await) }),
        }
    }

    fn note(&self, at: Timestamp, commit: Commit) -> bool {
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

// === impl Reserved ===

impl Reserved<'_> {
    fn settle(self, written: Result<Receipt, LedgerError>) -> Result<Receipt, NotCommitted> {
        match written {
            Ok(receipt) => {
                self.keep();
                Ok(receipt)
            }
            Err(error) => {
                self.give_up();
                Err(error.into())
            }
        }
    }

    /// There is an entry.
    fn keep(mut self) {
        self.leave();
    }

    /// There is no entry: nothing is charged and no label left. A call that ended has
    /// ended all the same.
    fn give_up(mut self) {
        let Some(effects) = self.effects.take() else {
            return;
        };
        let FileMemory {
            sessions, quotas, ..
        } = self.memory;
        quotas.give_back(&effects.charges, effects.at);
        if let Some(session) = &effects.session {
            sessions.release(session, &effects.labels);
            if let Some(ended) = &effects.ended {
                sessions.ended(session, &ended.id);
            }
        }
    }

    fn leave(&mut self) {
        let Some(effects) = self.effects.take() else {
            return;
        };
        let FileMemory {
            sessions, quotas, ..
        } = self.memory;
        if let Some(returned) = &effects.returned {
            quotas.give_back(&returned.charges, returned.received_at);
        }
        if let Some(settled) = &effects.settled {
            quotas.restore(&settled.charges, settled.received_at);
        }
        if let Some(session) = &effects.session {
            if let Some(ended) = &effects.ended {
                sessions.complete(session, &ended.id, ended.outcome, ended.reason);
            }
            let calls = effects.calls.into_iter();
            let left = (effects.labels, effects.declassified.as_slice());
            sessions.remember(session, calls, left, effects.history_max);
        }
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}
