//! What a session did and carries: its last calls and its labels.
//!
//! Kept in memory and made again from the ledger at a restart, so that killing
//! the gate washes no label off.

mod carry;
mod event;
mod left;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gatewright_policy::request::{PastCall, PastOutcome};
use gatewright_policy::{Grant, Label, Reason, Timestamp};

pub(crate) use self::event::SessionEvent;
use self::left::Labels;
use crate::config::{HISTORY_CALLS_MAX, LimitsConfig};

/// Labels that a session can carry; a call that would leave more is denied.
const LABELS_MAX: usize = 64;

/// Sessions that have ended, and that one call lets go of: a few, so that no
/// call pays for many.
const SWEPT_MAX: usize = 8;

/// All sessions.
#[derive(Default)]
pub struct Sessions(Mutex<Tracked>);

/// Labels, sorted by name, and the last calls, newest first.
pub type Carried = (Vec<Label>, Arc<[Arc<PastCall>]>);

#[derive(Default)]
struct Tracked {
    sessions: HashMap<Arc<str>, Session>,
    /// One for each session; what ends first is on top. A session that was
    /// prolonged since is put back when its turn comes.
    ends: BinaryHeap<Reverse<(Timestamp, Arc<str>)>>,
}

struct Session {
    expires_at: Timestamp,
    labels: Labels,
    /// Labels of calls that are being recorded, and how many calls bring each.
    coming: BTreeMap<String, usize>,
    /// Ids of calls that go ahead, from when they are being recorded until they have
    /// ended: more labels may come.
    open: HashSet<Arc<str>>,
    /// A call that takes labels off is being recorded.
    declassifying: bool,
    /// Newest first.
    calls: VecDeque<Arc<PastCall>>,
}

/// What a commit is about to change of a session.
#[derive(Clone, Copy)]
pub(crate) struct Reservation<'a> {
    /// Labels that it leaves.
    pub(crate) labels: &'a [Label],
    /// Labels that it takes off.
    pub(crate) declassified: &'a [String],
    /// Calls that the history gets.
    pub(crate) calls: &'a [PastCall],
    /// The history that policies saw when they judged, newest first; none where it is
    /// not known.
    pub(crate) seen: Option<&'a [Arc<PastCall>]>,
}

/// Why something cannot be remembered. It then does not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// More than `limits.tracked_sessions_max`, or the credential has ended.
    #[error("the gate keeps track of as many sessions as it takes; try again later")]
    TooManySessions,
    /// Other calls may leave the same labels meanwhile.
    #[error(
        "labels are taken off a session only while none of its calls is under way; \
         try again when they have ended"
    )]
    Underway,
    /// More than `LABELS_MAX`.
    #[error(
        "the session carries {LABELS_MAX} labels, which is as many as one may; \
         begin another one, with a credential for another task"
    )]
    Labels,
    /// What is remembered cannot be read or written now.
    #[error("what the session carries is not known now; try again later")]
    Unknown,
}

// === impl Sessions ===

impl Sessions {
    /// What a session carries, with so many of its calls.
    pub fn context(&self, session: &str, history_max: usize) -> Carried {
        let tracked = self.lock();
        let session = tracked.sessions.get(session);
        session.map_or_else(Carried::default, |session| session.carried(history_max))
    }

    /// What a session carries, for a call that will be remembered whatever is
    /// decided on it. Its first call takes a place, which is free again when the
    /// session has ended, and not before: a label is never lost for want of
    /// room.
    pub(crate) fn enter(
        &self,
        grant: &Grant,
        at: Timestamp,
        limits: &LimitsConfig,
    ) -> Result<Carried, SessionError> {
        self.enter_beside(grant, at, limits, 0)
    }

    /// The same where so many sessions have a place elsewhere.
    pub(crate) fn enter_beside(
        &self,
        grant: &Grant,
        at: Timestamp,
        limits: &LimitsConfig,
        elsewhere: usize,
    ) -> Result<Carried, SessionError> {
        let mut tracked = self.lock();
        tracked.sweep(at);
        let places = tracked.sessions.len().saturating_add(elsewhere);
        let is_full =
            places >= limits.tracked_sessions_max && !tracked.sessions.contains_key(&grant.session);
        if is_full || at >= grant.expires_at {
            return Err(SessionError::TooManySessions);
        }
        let session = tracked.place(&grant.session, grant.session_ends, at);
        Ok(session.carried(limits.history_calls_max))
    }

    /// How many are tracked.
    pub(crate) fn count(&self) -> usize {
        self.lock().sessions.len()
    }

    /// Makes sure of room for labels, until [`Sessions::remember`] or
    /// [`Sessions::release`] gets the same effects; and that labels are taken off only
    /// where nothing happened in the session since the call was asked about, and nothing
    /// begins while it is being recorded: what somebody left meanwhile stays.
    pub(crate) fn reserve(
        &self,
        session: &str,
        effects: Reservation<'_>,
    ) -> Result<(), SessionError> {
        if effects.is_nothing() {
            return Ok(());
        }
        let mut tracked = self.lock();
        // One that has ended since is used by nobody again.
        let Some(session) = tracked.sessions.get_mut(session) else {
            return Ok(());
        };
        let takes_off = !effects.declassified.is_empty();
        let begins = effects.going().next().is_some() || !effects.labels.is_empty();
        let is_quiet = session.open.is_empty() && session.coming.is_empty();
        if begins && session.declassifying
            || takes_off && !(is_quiet && session.is_as_seen(effects.seen))
        {
            return Err(SessionError::Underway);
        }
        session.has_room(effects.labels)?;
        for label in effects.labels {
            *session.coming.entry(label.name.clone()).or_default() += 1;
        }
        session
            .open
            .extend(effects.going().map(|call| Arc::clone(&call.id)));
        session.declassifying |= takes_off;
        Ok(())
    }

    /// Labels that were to be taken off stay.
    pub(crate) fn stays_labelled(&self, session: &str, declassified: &[String]) {
        if declassified.is_empty() {
            return;
        }
        if let Some(session) = self.lock().sessions.get_mut(session) {
            session.declassifying = false;
        }
    }

    /// Nothing of it comes.
    pub(crate) fn release(&self, session: &str, effects: Reservation<'_>) {
        if effects.is_nothing() {
            return;
        }
        if let Some(session) = self.lock().sessions.get_mut(session) {
            session.release(effects.labels);
            for call in effects.going() {
                session.open.remove(&call.id);
            }
            session.declassifying &= effects.declassified.is_empty();
        }
    }

    /// Remembers the calls of one message, takes labels off, and leaves those that
    /// were reserved for it.
    pub(crate) fn remember(
        &self,
        session: &str,
        calls: impl Iterator<Item = PastCall>,
        (labels, declassified): (Vec<Label>, &[String]),
        history_max: usize,
    ) {
        if let Some(session) = self.lock().sessions.get_mut(session) {
            for call in calls {
                session.push(call, history_max);
            }
            session.release(&labels);
            session.take_off(declassified);
            session.declassifying &= declassified.is_empty();
            session.labels.leave(labels);
        }
    }

    /// Notes how a call ended.
    pub(crate) fn complete(
        &self,
        session: &str,
        id: &str,
        outcome: PastOutcome,
        reason: Option<Reason>,
    ) {
        if let Some(session) = self.lock().sessions.get_mut(session) {
            session.complete(id, outcome, reason);
        }
    }

    /// A call ended that no entry tells of.
    pub(crate) fn ended(&self, session: &str, id: &str) {
        if let Some(session) = self.lock().sessions.get_mut(session) {
            session.open.remove(id);
        }
    }

    /// Leaves labels on a session: all of them or none.
    pub(crate) fn label(&self, session: &str, labels: &[Label]) -> Result<(), SessionError> {
        if let Some(session) = self.lock().sessions.get_mut(session) {
            session.has_room(labels)?;
            session.labels.leave(labels.iter().cloned());
        }
        Ok(())
    }

    /// Whether anything is known about a session.
    pub(crate) fn contain(&self, session: &str) -> bool {
        self.lock().sessions.contains_key(session)
    }

    /// Takes in what the ledger says, whatever the limits say now.
    pub(crate) fn restore(&self, event: SessionEvent) {
        let mut tracked = self.lock();
        match event {
            SessionEvent::Called {
                session,
                ends,
                calls,
                labels,
                declassified,
            } => {
                let at = calls.first().map_or(Timestamp(0), |call| call.at);
                tracked.sweep(at);
                let session = tracked.place(&session, ends, at);
                for call in calls {
                    session.push(call, HISTORY_CALLS_MAX);
                }
                session.take_off(&declassified);
                session.labels.leave(labels);
            }
            SessionEvent::Labelled { session, labels } => {
                if let Some(session) = tracked.sessions.get_mut(session.as_str()) {
                    session.labels.leave(labels);
                }
            }
            SessionEvent::Completed {
                id,
                session,
                outcome,
                reason,
                labels,
            } => {
                if let Some(session) = tracked.sessions.get_mut(session.as_str()) {
                    session.complete(&id, outcome, reason);
                    session.labels.leave(labels);
                }
            }
        }
    }

    /// Lets go of everything that has ended, after a restart.
    pub(crate) fn forget_ended(&self, now: Timestamp) {
        let mut tracked = self.lock();
        tracked
            .sessions
            .retain(|_, session| now < session.expires_at);
        let sessions = tracked.sessions.iter();
        tracked.ends = sessions
            .map(|(name, session)| Reverse((session.expires_at, Arc::clone(name))))
            .collect();
        // Nothing is under way any more.
        for session in tracked.sessions.values_mut() {
            session.open.clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tracked> {
        // Nothing inside can panic half-way: every change is one insertion.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Tracked ===

impl Tracked {
    /// The session of this name, which lives at least until `expires_at`. One that
    /// has ended begins anew, whether or not it was let go of already.
    fn place(&mut self, name: &Arc<str>, expires_at: Timestamp, at: Timestamp) -> &mut Session {
        let ends = &mut self.ends;
        let session = self.sessions.entry(Arc::clone(name)).or_insert_with(|| {
            ends.push(Reverse((expires_at, Arc::clone(name))));
            Session::new(expires_at)
        });
        if session.expires_at <= at {
            *session = Session::new(expires_at);
        }
        session.expires_at = session.expires_at.max(expires_at);
        session
    }

    /// Lets go of sessions that have ended.
    fn sweep(&mut self, now: Timestamp) {
        for _ in 0..SWEPT_MAX {
            let has_ended = |Reverse((end, _)): &Reverse<(Timestamp, _)>| *end <= now;
            if !self.ends.peek().is_some_and(has_ended) {
                return;
            }
            let Some(Reverse((_, name))) = self.ends.pop() else {
                return;
            };
            match self.sessions.get(&name).map(|session| session.expires_at) {
                Some(end) if now < end => self.ends.push(Reverse((end, name))),
                Some(_) | None => {
                    self.sessions.remove(&name);
                }
            }
        }
    }
}

// === impl Session ===

impl Session {
    fn new(expires_at: Timestamp) -> Self {
        Self {
            expires_at,
            labels: Labels::default(),
            coming: BTreeMap::new(),
            open: HashSet::new(),
            declassifying: false,
            calls: VecDeque::new(),
        }
    }

    fn carried(&self, history_max: usize) -> Carried {
        let calls = self.calls.iter().take(history_max);
        (self.labels.all(), calls.map(Arc::clone).collect())
    }

    fn has_room(&self, labels: &[Label]) -> Result<(), SessionError> {
        let names = labels.iter().map(|label| &label.name);
        let more: BTreeSet<_> = self.coming.keys().chain(names).collect();
        let more = more.iter().filter(|name| !self.labels.contain(name));
        if self.labels.count() + more.count() > LABELS_MAX {
            return Err(SessionError::Labels);
        }
        Ok(())
    }

    fn release(&mut self, labels: &[Label]) {
        for Label { name, .. } in labels {
            if let Some(calls) = self.coming.get_mut(name) {
                *calls = calls.saturating_sub(1);
                if *calls == 0 {
                    self.coming.remove(name);
                }
            }
        }
    }

    /// Whether no call began or ended since somebody saw this history. Whoever keeps no
    /// history cannot tell.
    fn is_as_seen(&self, seen: Option<&[Arc<PastCall>]>) -> bool {
        let key = |call: &Arc<PastCall>| (Arc::clone(&call.id), call.outcome);
        seen.is_some_and(|seen| {
            let now = self.calls.iter().take(seen.len().max(1)).map(key);
            now.eq(seen.iter().map(key))
        })
    }

    fn take_off(&mut self, labels: &[String]) {
        for label in labels {
            self.labels.take_off(label);
        }
    }

    fn push(&mut self, call: PastCall, history_max: usize) {
        if call.outcome == PastOutcome::Pending {
            self.open.insert(Arc::clone(&call.id));
        }
        self.calls.push_front(Arc::new(call));
        self.calls.truncate(history_max);
    }

    /// The calls of one message stand side by side.
    fn complete(&mut self, id: &str, outcome: PastOutcome, reason: Option<Reason>) {
        self.open.remove(id);
        let calls = self.calls.iter_mut().skip_while(|call| *call.id != *id);
        for call in calls.take_while(|call| *call.id == *id) {
            let call = Arc::make_mut(call);
            (call.outcome, call.reason) = (outcome, reason);
        }
    }
}

// === impl Reservation ===

impl<'a> Reservation<'a> {
    fn is_nothing(self) -> bool {
        self.labels.is_empty() && self.declassified.is_empty() && self.calls.is_empty()
    }

    /// Calls that go ahead.
    fn going(self) -> impl Iterator<Item = &'a PastCall> {
        let calls = self.calls.iter();
        calls.filter(|call| call.outcome == PastOutcome::Pending)
    }
}

// === impl SessionError ===

impl SessionError {
    /// The reason of the denial.
    pub(crate) const fn reason(self) -> Reason {
        match self {
            Self::TooManySessions => Reason::Overloaded,
            Self::Labels => Reason::LabelsFull,
            Self::Underway => Reason::UnsafeContext,
            Self::Unknown => Reason::AuditUnavailable,
        }
    }
}

#[cfg(test)]
mod tests;
