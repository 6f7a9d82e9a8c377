//! What a ledger says about approvals: what people decided, and what was used.

use std::collections::BTreeMap;

use gatewright_policy::Timestamp;
use gatewright_policy::approval::Vote;
use gatewright_policy::record::{ApprovalEvent, ApprovalUse, UseOfApproval};
use gatewright_policy::segment::{CarriedApproval, CarriedUse};

/// What is known of held calls that somebody decided on, by their ids. INVARIANT: what
/// went ahead, or may not any more, stays known as long as anything of it could count.
#[derive(Clone, Debug, Default)]
pub struct Approvals(BTreeMap<String, CarriedApproval>);

impl Approvals {
    /// What is known of a held call.
    pub fn get(&self, held: &str) -> Option<&CarriedApproval> {
        self.0.get(held)
    }

    /// Takes in what a person decided.
    pub(super) fn decided(&mut self, event: ApprovalEvent) {
        match event {
            ApprovalEvent::Decided {
                held,
                before,
                vote,
                stand: _,
                until,
                decide_by,
            } => {
                let before = usize::try_from(before).unwrap_or(usize::MAX);
                self.vote(held, before, *vote, (until, decide_by));
            }
            ApprovalEvent::Refused { .. } => {}
        }
    }

    /// Takes in what a decision made of a request.
    pub(super) fn used(&mut self, decision: &str, used: UseOfApproval) {
        match used.what {
            ApprovalUse::Consumed | ApprovalUse::Void => {
                let known = self.known(used.held, (used.until, used.decide_by));
                known.until = known.until.max(used.until);
                known.ended = true;
                known.used = used.outcome_until.map(|until| CarriedUse {
                    decision: decision.to_owned(),
                    until,
                });
                if known.used.is_none() {
                    known.votes.clear();
                }
            }
            ApprovalUse::Joined
            | ApprovalUse::Rejected
            | ApprovalUse::OutcomeGiven
            | ApprovalUse::OutcomeNotGiven => {}
        }
    }

    /// Whether a held call went ahead, so that what came of it may be given again.
    pub fn is_used(&self, held: &str) -> bool {
        self.0.get(held).is_some_and(|known| known.used.is_some())
    }

    /// Takes in what the segment before says.
    pub(super) fn carry_in(&mut self, carried: CarriedApproval) {
        self.0.insert(carried.held.clone(), carried);
    }

    /// What may still count at a time, and what became of calls that may still be kept:
    /// one of which nothing was known would wait for people again.
    pub(super) fn carried(&self, at: Timestamp) -> Vec<CarriedApproval> {
        let known = self.0.values().filter(|known| {
            let used = known.used.as_ref().map_or(Timestamp(0), |used| used.until);
            at < known.until.max(known.decide_by).max(used)
        });
        known.cloned().collect()
    }

    /// Whether a held call is kept at a time: until when people could decide on it is
    /// known where nobody did.
    pub(super) fn keeps(&self, held: &str, decide_by: Timestamp, at: Timestamp) -> bool {
        match self.0.get(held) {
            None => at < decide_by,
            Some(known) => match &known.used {
                Some(used) => at < used.until,
                None => !known.ended && at < known.until,
            },
        }
    }

    fn vote(
        &mut self,
        held: String,
        before: usize,
        vote: Vote,
        (until, decide_by): (Timestamp, Timestamp),
    ) {
        let known = self.known(held, (until, decide_by));
        if known.ended {
            return;
        }
        // One that nobody heard of was not counted: the next one stands in its place.
        known.votes.truncate(before);
        known.votes.push(vote);
        known.until = until;
    }

    fn known(
        &mut self,
        held: String,
        (until, decide_by): (Timestamp, Timestamp),
    ) -> &mut CarriedApproval {
        let new = CarriedApproval {
            held: held.clone(),
            votes: Vec::new(),
            until,
            decide_by,
            ended: false,
            used: None,
        };
        self.0.entry(held).or_insert(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of which nothing was known would wait for people again.
    #[test]
    fn what_was_used_stays_known_as_long_as_its_call_may_be_kept() {
        let (use_by, decide_by) = (Timestamp(60), Timestamp(1000));
        let mut approvals = Approvals::default();
        let used = UseOfApproval {
            held: "call".to_owned(),
            what: ApprovalUse::Consumed,
            approvers: vec!["kim".to_owned()],
            until: use_by,
            decide_by,
            outcome_until: None,
            made_by: None,
        };
        approvals.used("decision", used);
        // A new segment begins after the last moment of use.
        let mut next = Approvals::default();
        for carried in approvals.carried(Timestamp(61)) {
            next.carry_in(carried);
        }
        assert!(!next.keeps("call", decide_by, Timestamp(90)));
        assert!(approvals.carried(decide_by).is_empty());
    }
}
