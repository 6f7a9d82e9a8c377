//! Which approved calls went ahead lately: exactly the same call is not made again, and
//! gets what came of the first.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use gatewright_policy::approval::Vote;
use gatewright_policy::{Digest, Envelope, Timestamp};

use super::step::UseOnce;
use crate::ledger::Approvals;

/// Those whose time is over and that one call lets go of at the most.
const OVER_MAX: usize = 64;

/// The approved calls that went ahead at one gate.
#[derive(Debug, Default)]
pub(super) struct Uses(Mutex<Kept>);

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Used {
    pub(super) envelope: Envelope,
    pub(super) votes: Vec<Vote>,
    /// Id of the decision that let it go ahead.
    pub(super) decision: String,
    pub(super) until: Timestamp,
    /// What came of it is kept.
    pub(super) is_settled: bool,
}

#[derive(Debug, Default)]
struct Kept {
    /// By the ids of the held calls, which are in the order of their age.
    calls: BTreeMap<String, Used>,
    /// The latest of those that are the same call.
    same: HashMap<Digest, String>,
}

// === impl Uses ===

impl Uses {
    /// Those that are kept, after a start, and which of them have an outcome.
    pub(super) fn of<'a>(
        kept: impl IntoIterator<Item = &'a Envelope>,
        approvals: &Approvals,
        has_outcome: impl Fn(&str) -> bool,
    ) -> Self {
        let uses = Self::default();
        let mut all = uses.kept();
        for envelope in kept {
            let Some(known) = approvals.get(&envelope.id) else {
                continue;
            };
            if let Some(used) = &known.used {
                all.take(Used {
                    envelope: envelope.clone(),
                    votes: known.votes.clone(),
                    decision: used.decision.clone(),
                    until: used.until,
                    is_settled: has_outcome(&envelope.id),
                });
            }
        }
        drop(all);
        uses
    }

    /// A call went ahead. Gives the ids of those that are let go of for it: their time is
    /// over, or there is no room.
    pub(super) fn take(&self, used: Used, how: &UseOnce, at: Timestamp) -> Vec<String> {
        let mut kept = self.kept();
        let agent = used.envelope.agent;
        kept.take(used);
        let mut gone = kept.over(at);
        let of_agent = kept.ids(|it| it.envelope.agent == agent);
        gone.extend(beyond(of_agent, how.room.calls_per_agent_max));
        for id in &gone {
            kept.remove(id);
        }
        let beyond = beyond(kept.ids(|_| true), how.room.calls_max);
        for id in &beyond {
            kept.remove(id);
        }
        gone.extend(beyond);
        gone
    }

    /// Whether what comes of a call is waited for, as that of this decision.
    pub(super) fn are_waiting(&self, held: &str, decision: &str) -> bool {
        let kept = self.kept();
        let used = kept.calls.get(held);
        used.is_some_and(|used| used.decision == decision && !used.is_settled)
    }

    /// What came of a call is kept, if it is the call of that decision.
    pub(super) fn settle(&self, held: &str, decision: &str) -> bool {
        let mut kept = self.kept();
        match kept.calls.get_mut(held) {
            Some(used) if used.decision == decision => {
                used.is_settled = true;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Whether there is any.
    pub(super) fn are_kept(&self) -> bool {
        !self.kept().calls.is_empty()
    }

    /// Lets go of some whose time is over, and gives their ids.
    pub(super) fn sweep(&self, at: Timestamp) -> Vec<String> {
        let mut kept = self.kept();
        let over = kept.over(at);
        for id in &over {
            kept.remove(id);
        }
        over
    }

    /// The same call, if it went ahead and that counts at this time.
    pub(super) fn same(&self, called: Digest, at: Timestamp) -> Option<Used> {
        let kept = self.kept();
        let used = kept.calls.get(kept.same.get(&called)?)?;
        (at < used.until).then(|| used.clone())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn take(&mut self, used: Used) {
        let id = used.envelope.id.clone();
        self.same.insert(used.envelope.called, id.clone());
        self.calls.insert(id, used);
    }

    fn remove(&mut self, id: &str) {
        let Some(used) = self.calls.remove(id) else {
            return;
        };
        let called = used.envelope.called;
        if self.same.get(&called).is_some_and(|same| same == id) {
            self.same.remove(&called);
        }
    }

    fn over(&self, at: Timestamp) -> Vec<String> {
        let mut over = self.ids(|it| it.until <= at);
        over.truncate(OVER_MAX);
        over
    }

    /// The oldest first.
    fn ids(&self, wanted: impl Fn(&Used) -> bool) -> Vec<String> {
        let calls = self.calls.iter().filter(|(_, used)| wanted(used));
        calls.map(|(id, _)| id.clone()).collect()
    }
}

/// The oldest of more than so many.
fn beyond(mut ids: Vec<String>, max: usize) -> Vec<String> {
    let more = ids.len().saturating_sub(max);
    ids.truncate(more);
    ids
}
