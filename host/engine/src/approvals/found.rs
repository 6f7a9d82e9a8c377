//! A held call that was found, and what people decided on it so far.

use std::time::Duration;

use gatewright_policy::approval::{Approver, Case, Choice, Demand, Stand, Vote};
use gatewright_policy::{Approval, Digest, Held, HeldCall, Timestamp};

use super::approvers::Approvers;
use crate::config::LimitsConfig;
use crate::held::HeldError;
use crate::memory::{ApprovalChange, ApprovalStep, KeptCall, UseOnce, UseRoom};
use crate::recorder::Recorder;

/// A held call, opened.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) call: HeldCall,
    pub(crate) votes: Vec<Vote>,
}

/// An entry about a held call is there by then, or nobody waits for it.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

// === impl Found ===

impl Found {
    /// The call with this id.
    pub(crate) async fn by_id(
        recorder: &Recorder,
        id: &str,
        at: Timestamp,
    ) -> Result<Option<Self>, HeldError> {
        let kept = recorder.memory.held(id, at).await?;
        kept.map(|kept| Self::open(recorder, kept)).transpose()
    }

    /// The latest of those that are the same call.
    pub(crate) async fn same(
        recorder: &Recorder,
        called: Digest,
        at: Timestamp,
    ) -> Result<Option<Self>, HeldError> {
        let kept = recorder.memory.held_as(called, at).await?;
        kept.map(|kept| Self::open(recorder, kept)).transpose()
    }

    /// The same, once nobody is holding it, deciding on it or using it at this moment: what comes
    /// of that is known before policies are asked about the call, and not only once they were.
    pub(crate) async fn same_at_rest(
        recorder: &Recorder,
        called: Digest,
    ) -> Result<Option<Self>, HeldError> {
        let resting = async {
            // Before it is looked for: what comes from now on is heard.
            let mut changed = recorder.approvals.subscribe();
            loop {
                // Before it is looked for: what is there by then is found.
                let is_changing = recorder.memory.is_changing(called);
                let found = Self::same(recorder, called, recorder.now()).await?;
                if found.is_some() || !is_changing || changed.changed().await.is_err() {
                    return Ok(found);
                }
            }
        };
        let rested = tokio::time::timeout(WRITTEN_WITHIN, resting).await;
        // What is not there by then does not count.
        rested.unwrap_or(Ok(None))
    }

    pub(crate) fn open(recorder: &Recorder, kept: KeptCall) -> Result<Self, HeldError> {
        Ok(Self {
            call: kept.call.open(&recorder.keys)?,
            votes: kept.votes,
        })
    }

    /// The request, with its votes, each of the person whose it is.
    pub(crate) fn case(&self, approvers: &Approvers) -> Case<'_> {
        let person = |vote: &Vote| approvers.person(&vote.signed).to_owned();
        Case::with_votes(&self.call, self.votes.clone(), person)
    }

    pub(crate) fn stand(&self, approvers: &Approvers, now: Timestamp) -> Stand {
        self.case(approvers).stand(now)
    }

    /// Whether enough agreed by the names that they signed with: it is kept for as long as that
    /// could be used, also where it is known since that some of them are one person.
    pub(crate) fn is_granted_by_name(&self, now: Timestamp) -> bool {
        let name = |vote: &Vote| vote.signed.statement.approver.clone();
        let case = Case::with_votes(&self.call, self.votes.clone(), name);
        matches!(case.stand(now), Stand::Granted { .. })
    }

    /// From then on nothing of it counts.
    pub(crate) fn until(&self, approvers: &Approvers) -> Timestamp {
        until(&self.call, self.stand(approvers, Timestamp(0)))
    }

    /// Whether what people agreed to covers what is asked now.
    pub(crate) fn covers(&self, held: &Held) -> bool {
        let asks = held.asks.iter();
        Demand::of(&self.call).covers(asks.map(|(binding, ask)| (&**binding, ask)))
    }

    /// Whether what people agreed to covers what they are asked with another request.
    pub(crate) fn covers_asks_of(&self, other: &Self) -> bool {
        let asks = other.call.asks.iter();
        Demand::of(&self.call).covers(asks.map(|it| (it.binding.as_str(), &it.ask)))
    }

    /// Whether those who agreed may still decide, and are enough.
    pub(crate) fn still_holds(&self, recorder: &Recorder, approvers: &Approvers) -> bool {
        let accounts = recorder.accounts.get();
        self.case(approvers)
            .still_holds(|vote| approvers.now(vote, accounts))
    }

    /// Who agreed, as policies hear of it.
    pub(crate) fn approvals(&self) -> Vec<Approval> {
        let approval = |vote: &Vote| Approval {
            by: vote.signed.statement.approver.clone(),
            roles: vote.roles.clone(),
            at: vote.at,
            method: vote.signed.signature.method().to_owned(),
        };
        self.yes().map(approval).collect()
    }

    /// The names of those who agreed.
    pub(crate) fn approvers(&self) -> Vec<String> {
        let names = self
            .yes()
            .map(|vote| vote.signed.statement.approver.clone());
        names.collect()
    }

    /// Nothing of it counts any more.
    pub(crate) fn end(&self) -> ApprovalStep {
        ApprovalStep {
            held: self.call.id.clone(),
            before: self.votes.len(),
            change: ApprovalChange::End,
        }
    }

    /// It goes ahead with a decision, and exactly the same call is not made again for a
    /// while: as long as a yes could be used, and no longer than the limits say. None where
    /// outcomes are not kept.
    pub(crate) fn used_once(
        &self,
        decision: &str,
        now: Timestamp,
        limits: &LimitsConfig,
    ) -> Option<UseOnce> {
        let within = Demand::of(&self.call).use_within_seconds();
        let within = Duration::from_secs(u64::from(within)).min(limits.outcome_time.0);
        let room = UseRoom {
            calls_max: limits.outcomes_max,
            calls_per_agent_max: limits.agent_share.of(limits.outcomes_max),
        };
        let is_kept = !within.is_zero() && room.calls_per_agent_max > 0;
        is_kept.then(|| UseOnce {
            decision: decision.to_owned(),
            until: now.plus(within),
            room,
        })
    }

    /// Whether this person may see it.
    pub(crate) fn is_for(&self, approver: &Approver) -> bool {
        Demand::of(&self.call).shows_to(approver)
    }

    fn yes(&self) -> impl Iterator<Item = &Vote> {
        let votes = self.votes.iter();
        votes.filter(|vote| vote.signed.statement.choice == Choice::Approve)
    }
}

/// From when on nothing of a request counts.
pub(super) fn until(call: &HeldCall, stand: Stand) -> Timestamp {
    match stand {
        Stand::Granted { use_by, .. } => use_by,
        Stand::Requested
        | Stand::Rejected { .. }
        | Stand::Expired
        | Stand::Consumed { .. }
        | Stand::Void { .. } => call.decide_by,
    }
}
