//! What the engine asks of a memory.

use gatewright_policy::approval::Vote;
use gatewright_policy::{Digest, Grant, Label, Quota, SealedCall, SealedOutcome, Timestamp};

use super::commit::{Commit, NotCommitted};
use super::step::HeldLook;
use crate::agents::{Agents, ListKey};
use crate::awaited::Awaited;
use crate::config::LimitsConfig;
use crate::ledger::{LedgerError, Receipt, Rotated, Rotating, SegmentStatus};
use crate::session::{Carried, SessionError};

/// A held call, and what they decided so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCall {
    /// The call.
    pub call: SealedCall,
    /// What was decided, in order.
    pub votes: Vec<Vote>,
}

/// An approved call that went ahead, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedCall {
    /// The call, and who agreed to it.
    pub kept: KeptCall,
    /// Id of the decision that let it go ahead.
    pub decision: String,
    /// From then on the same call is asked about anew.
    pub until: Timestamp,
    /// What came of it; none where nobody knows, or where it is under way.
    pub outcome: Option<SealedOutcome>,
}

/// Remembers. Whoever cannot be sure that something is remembered says so with an
/// error, and then it does not happen.
pub trait Memory: Send + Sync + 'static {
    /// What a session carries, for a call that will be remembered whatever is decided
    /// on it. Its first call takes a place, which is free again when the session has
    /// ended, and not before: a label is never lost for want of room.
    fn enter<'a>(
        &'a self,
        grant: &'a Grant,
        at: Timestamp,
        limits: &'a LimitsConfig,
    ) -> Awaited<'a, Result<Carried, SessionError>>;

    /// What a session carries, with so many of its calls, newest first.
    fn context<'a>(
        &'a self,
        session: &'a str,
        history_max: usize,
    ) -> Awaited<'a, Result<Carried, SessionError>>;

    /// What is spent of budgets, each of a binding, in their order and at one look: of each in
    /// the window that a charge at this time would count in. The key of a quota is the one
    /// that charges are recorded with; its cost says nothing.
    fn spent<'a>(
        &'a self,
        budgets: &'a [(String, Quota)],
        at: Timestamp,
    ) -> Awaited<'a, Result<Vec<u64>, LedgerError>>;

    /// Leaves labels on a session at once, all of them or none: calls that run beside
    /// the one that brings them see them before it ends. The record has them with a
    /// later commit.
    fn label<'a>(
        &'a self,
        session: &'a str,
        labels: &'a [Label],
    ) -> Awaited<'a, Result<(), SessionError>>;

    /// Makes everything of a commit count, or nothing. Dropped before it has answered,
    /// it may count or not, but never in part.
    fn commit(&self, at: Timestamp, commit: Commit) -> Awaited<'_, Result<Receipt, NotCommitted>>;

    /// The same without waiting, for the rare place that cannot wait. Gives false
    /// where there was no room for it.
    fn note(&self, at: Timestamp, commit: Commit) -> bool;

    /// A held call at this time; none where there is none of this id, or
    /// its time is over.
    fn held<'a>(
        &'a self,
        id: &'a str,
        at: Timestamp,
    ) -> Awaited<'a, Result<Option<KeptCall>, LedgerError>>;

    /// The same in short: it is asked again and again by whoever waits, and does not read
    /// the call.
    fn look<'a>(
        &'a self,
        id: &'a str,
        at: Timestamp,
    ) -> Awaited<'a, Result<Option<HeldLook>, LedgerError>>;

    /// The latest one of those that are the same call
    /// ([`RecordKeys::called`](gatewright_policy::record::RecordKeys::called)).
    fn held_as(
        &self,
        called: Digest,
        at: Timestamp,
    ) -> Awaited<'_, Result<Option<KeptCall>, LedgerError>>;

    /// The latest one of those that are the same call, and went ahead: what came of it may be
    /// given again, and the call is not made again.
    fn used_as(
        &self,
        called: Digest,
        at: Timestamp,
    ) -> Awaited<'_, Result<Option<UsedCall>, LedgerError>>;

    /// Whether exactly this call is being held, decided on or used at this moment: nobody finds
    /// it until the entry about that is there. Never, where both are there at once.
    fn is_changing(&self, _called: Digest) -> bool {
        false
    }

    /// Whether calls that went ahead may be kept at this time, so that it is worth looking
    /// for one. Of what another gate did lately it may not know yet.
    fn keeps_used(&self, at: Timestamp) -> bool;

    /// Lets go of what is kept sealed and cannot count any more at this time. To be called
    /// every few seconds.
    fn sweep(&self, at: Timestamp);

    /// Those after an id, in the order of their ids, so many at the most.
    fn held_after<'a>(
        &'a self,
        id: &'a str,
        at: Timestamp,
        count_max: usize,
    ) -> Awaited<'a, Result<Vec<KeptCall>, LedgerError>>;

    /// Who may go on, as this memory knows it now, and which agents were seen here.
    fn agents(&self) -> &Agents;

    /// A status list came that its issuer made at this time, as far as it says so: when the
    /// newest of it was made that was known here, this one among them, also before a restart
    /// and by any gate that shares the memory.
    fn newest_list<'a>(
        &'a self,
        list: &'a ListKey,
        issued: Option<Timestamp>,
    ) -> Awaited<'a, Result<Option<Timestamp>, LedgerError>>;

    /// Whether an operator said, while gates were running, that a status list that was made at
    /// one time (`held`) was made by a wrong clock, and nothing newer of it is known here than
    /// what was made at another (`issued`): then that one takes its place. What was forgotten
    /// here was not said.
    fn has_disowned<'a>(
        &'a self,
        _list: &'a ListKey,
        _held: Timestamp,
        _issued: Timestamp,
    ) -> Awaited<'a, Result<bool, LedgerError>> {
        Awaited::there(Ok(false))
    }

    /// The secret that digests in the record are keyed with, so that what they stand
    /// for cannot be guessed from the record alone.
    fn salt(&self) -> &[u8; 32];

    /// How many sessions have a place.
    fn sessions(&self) -> usize;

    /// Whether the last attempt to commit went well.
    fn is_healthy(&self) -> bool;

    /// Why nothing can be committed now, if that is so.
    fn trouble(&self) -> Option<LedgerError>;

    /// Seals what was recorded and begins a new segment; nothing where nothing
    /// happened since the last.
    fn rotate(&self) -> Rotating<'_> {
        let refused = LedgerError::Rotate("this memory has no segments".to_owned());
        Box::pin(std::future::ready(Err::<Option<Rotated>, _>(refused)))
    }

    /// The newest segment of the record, if there are segments.
    fn segment(&self) -> Option<SegmentStatus> {
        None
    }

    /// Where it is, in words for an operator, if it is not beside the gate.
    fn place(&self) -> Option<String> {
        None
    }

    /// For tests, which look at what only this one keeps.
    #[cfg(test)]
    fn as_any(&self) -> Option<&dyn std::any::Any> {
        None
    }
}
