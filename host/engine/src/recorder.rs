//! What every decision and every end of a call goes through to be recorded: the
//! memory, the keys of the record, and the time.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use gatewright_policy::record::{Event, RecordKeys};
use gatewright_policy::segment::LedgerEvent;
use gatewright_policy::{Digest, Timestamp};
use tokio::sync::watch;

use crate::approvals::{Accounts, News, Tells};
use crate::ledger::{Durability, LedgerError, Receipt};
use crate::memory::{Commit, Effects, Memory, NotCommitted};
use crate::payloads::PayloadStore;
use crate::refusals::Refusals;
use crate::time::{Clock, Time};

/// Records.
pub(crate) struct Recorder {
    pub(crate) memory: Box<dyn Memory>,
    /// What texts in the record are keyed with.
    pub(crate) keys: RecordKeys,
    pub(crate) refusals: Refusals,
    /// Calls that are kept in full, if any are.
    pub(crate) payloads: Option<PayloadStore>,
    /// Says that something became of a held call.
    pub(crate) approvals: watch::Sender<u64>,
    /// Who keeps accounts of people beside the configuration.
    pub(crate) accounts: OnceLock<Accounts>,
    /// Who tells people what became of held calls.
    pub(crate) news: OnceLock<Tells>,
    unrecorded: AtomicU64,
    time: Time,
}

impl Recorder {
    /// `latest`: the latest time that the memory knows of.
    pub(crate) fn new(
        memory: Box<dyn Memory>,
        payloads: Option<PayloadStore>,
        clock: Clock,
        latest: Option<Timestamp>,
    ) -> Self {
        Self {
            keys: RecordKeys::new(memory.salt()),
            memory,
            refusals: Refusals::default(),
            payloads,
            approvals: watch::Sender::new(0),
            accounts: OnceLock::new(),
            news: OnceLock::new(),
            unrecorded: AtomicU64::new(0),
            time: Time::new(clock, latest),
        }
    }

    /// The time. It never runs back, also not across a restart.
    pub(crate) fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// How far the clock is behind that time.
    pub(crate) fn clock_behind_seconds(&self) -> Option<u64> {
        self.time.behind().map(|behind| behind.as_secs())
    }

    /// Makes everything of a commit count, or nothing.
    pub(crate) async fn commit(&self, commit: Commit) -> Result<Receipt, NotCommitted> {
        let concerns_people = commit.effects.held.is_some() || commit.effects.approval.is_some();
        let news = match concerns_people && self.news.get().is_some() {
            true => News::of(&commit.effects),
            false => Vec::new(),
        };
        let committed = self.memory.commit(self.now(), commit).await;
        if concerns_people && committed.is_ok() {
            self.tell(news);
            self.approvals
                .send_modify(|count| *count = count.wrapping_add(1));
        }
        committed
    }

    fn tell(&self, news: Vec<News>) {
        let Some(tells) = self.news.get() else {
            return;
        };
        for news in news {
            if tells.try_send(news).is_err() {
                tracing::warn!("nobody is told what became of a held call: too much is to be told");
            }
        }
    }

    /// The same without waiting; false where there was no room for it.
    pub(crate) fn note(&self, commit: Commit) -> bool {
        self.memory.note(self.now(), commit)
    }

    /// Records what changes nothing.
    pub(crate) async fn append(
        &self,
        record: Event,
        durability: Durability,
    ) -> Result<Receipt, LedgerError> {
        let commit = Commit {
            record,
            durability,
            effects: Effects::none(self.now()),
        };
        match self.commit(commit).await {
            Ok(receipt) => Ok(receipt),
            Err(NotCommitted::Record(error)) => Err(error),
            // It asks for nothing that could be refused.
            Err(
                error @ (NotCommitted::Charge(_)
                | NotCommitted::Labels(_)
                | NotCommitted::Held(_)
                | NotCommitted::Stopped(_)
                | NotCommitted::Agents(_)
                | NotCommitted::Approval(_)
                | NotCommitted::NotKept { .. }),
            ) => Err(LedgerError::Write(error.to_string())),
        }
    }

    /// A digest that cannot be guessed from the record alone.
    pub(crate) fn salted(&self, text: &str) -> Digest {
        self.keys.digest(text)
    }

    /// Lets go of what was kept in full for long enough.
    pub(crate) fn sweep_payloads(&self) {
        let payloads = self.payloads.as_ref();
        if let Some(Err(error)) = payloads.map(|payloads| payloads.sweep(self.now())) {
            tracing::error!(%error, "calls that were kept for long enough are not removed");
        }
    }

    /// Records what was let go of before its time.
    pub(crate) async fn record_erasures(&self) {
        let Some(payloads) = &self.payloads else {
            return;
        };
        if let Err(error) = payloads.end_what_was_begun().await {
            tracing::error!(%error, "an erasure that was begun is not ended");
        }
        let unrecorded = payloads.unrecorded(&self.keys);
        let unrecorded = unrecorded.unwrap_or_else(|error| {
            tracing::error!(%error, "what was erased of calls that were kept cannot be read");
            Vec::new()
        });
        for erased in unrecorded {
            let event = Event::Ledger(LedgerEvent::Erased(erased.clone()));
            if let Err(error) = self.append(event, Durability::Written).await {
                return self.count_unrecorded(&error);
            }
            // If this fails, it is recorded once more, under the same number.
            if let Err(error) = payloads.note_recorded(&erased) {
                return self.count_unrecorded(&error);
            }
        }
    }

    /// Counts what should have an entry and has none.
    pub(crate) fn count_unrecorded(&self, error: &(dyn std::error::Error + 'static)) {
        self.unrecorded.fetch_add(1, Ordering::Relaxed);
        tracing::error!(error, "not recorded");
    }

    /// How many there were.
    pub(crate) fn unrecorded(&self) -> u64 {
        self.unrecorded.load(Ordering::Relaxed)
    }
}
