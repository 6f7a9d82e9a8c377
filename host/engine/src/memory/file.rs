//! The memory of a gate that stands alone: in its own memory, and in a ledger from
//! which a restart makes it again.

use gatewright_policy::{Grant, Timestamp};

use super::commit::{Commit, Effects, NotCommitted};
use super::port::Memory;
use super::reserved::{Reserved, reserve};
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
        let reserved = match self.reserve(commit.effects) {
            Ok(reserved) => reserved,
            Err(refused) => return Awaited::there(Err(refused)),
        };
        match self.ledger.append(at, commit.record, commit.durability) {
            Awaited::There(Some(written)) => Awaited::there(settle(reserved, written)),
            waiting => Awaited::coming(async move { settle(reserved, waiting.await) }),
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
