//! The state machine of one request for approval: what was decided so far, and what that
//! comes to.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::approver::Approver;
use super::demand::Demand;
use super::not_taken::NotTaken;
use super::statement::{Choice, Vote};
use crate::held::HeldCall;
use crate::timestamp::Timestamp;

/// A held call and what was decided on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case<'a> {
    call: &'a HeldCall,
    votes: Vec<Vote>,
    end: Option<Stand>,
}

/// Where a request for approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stand", rename_all = "kebab-case")]
pub enum Stand {
    /// People are asked.
    Requested,
    /// As many agreed as are asked for.
    Granted {
        /// When the last of them did.
        at: Timestamp,
        /// It cannot be used then, or later.
        use_by: Timestamp,
    },
    /// Somebody said no.
    Rejected {
        /// When.
        at: Timestamp,
    },
    /// The time to decide, or to use it, is over.
    Expired,
    /// The call went ahead.
    Consumed {
        /// When.
        at: Timestamp,
    },
    /// What was agreed to may not happen any more.
    Void {
        /// When that was found.
        at: Timestamp,
    },
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A person decides.
    Vote(Box<Vote>),
    /// The call goes ahead.
    Use,
    /// It may not any more.
    Void,
}

// === impl Case ===

impl<'a> Case<'a> {
    /// Nobody has decided yet.
    pub fn new(call: &'a HeldCall) -> Self {
        Self {
            call,
            votes: Vec::new(),
            end: None,
        }
    }

    /// With the votes that were taken, in order. What was consumed or void is none.
    pub fn with_votes(call: &'a HeldCall, votes: Vec<Vote>) -> Self {
        let mut case = Self::new(call);
        case.votes = votes;
        case.end = case.outcome();
        case
    }

    /// The votes that were taken.
    pub fn votes(&self) -> &[Vote] {
        &self.votes
    }

    /// Where it stands at a time.
    pub fn stand(&self, now: Timestamp) -> Stand {
        match self.end {
            None if self.call.decide_by <= now => Stand::Expired,
            None => Stand::Requested,
            Some(Stand::Granted { use_by, .. }) if use_by <= now => Stand::Expired,
            Some(end) => end,
        }
    }

    /// What comes of a step. Nothing is changed where it is refused.
    pub fn apply(&self, step: Step, now: Timestamp) -> Result<Self, NotTaken> {
        if self.votes.last().is_some_and(|vote| now < vote.at) {
            return Err(NotTaken::OutOfOrder);
        }
        let stand = self.stand(now);
        let mut next = self.clone();
        match step {
            Step::Vote(vote) => {
                self.takes(&vote, stand, now)?;
                next.votes.push(*vote);
                next.end = next.outcome();
            }
            Step::Use => match stand {
                Stand::Granted { .. } => next.end = Some(Stand::Consumed { at: now }),
                Stand::Expired => return Err(NotTaken::Late),
                Stand::Requested
                | Stand::Rejected { .. }
                | Stand::Consumed { .. }
                | Stand::Void { .. } => return Err(NotTaken::Ended),
            },
            Step::Void => match stand {
                Stand::Requested | Stand::Granted { .. } => {
                    next.end = Some(Stand::Void { at: now });
                }
                Stand::Expired => return Err(NotTaken::Late),
                Stand::Rejected { .. } | Stand::Consumed { .. } | Stand::Void { .. } => {
                    return Err(NotTaken::Ended);
                }
            },
        }
        Ok(next)
    }

    /// Whether those who agreed still would be enough: `now_roles` gives the approver of
    /// a vote as the person is known now, and none for somebody who may not decide any
    /// more. A role that the person did not have then does not count now.
    pub fn still_holds(&self, now_roles: impl Fn(&Vote) -> Option<Approver>) -> bool {
        let approvers: Vec<_> = self
            .votes
            .iter()
            .filter(|vote| vote.signed.statement.choice == Choice::Approve)
            .filter_map(|vote| {
                let mut approver = now_roles(vote)?;
                approver.roles.retain(|role| vote.roles.contains(role));
                Some(approver)
            })
            .collect();
        Demand::of(self.call).is_met_by(approvers.iter())
    }

    fn takes(&self, vote: &Vote, stand: Stand, now: Timestamp) -> Result<(), NotTaken> {
        let statement = &vote.signed.statement;
        if vote.at != now {
            return Err(NotTaken::OutOfOrder);
        }
        let said = |it: &Vote| it.signed.statement.approver == statement.approver;
        if self.votes.iter().any(said) {
            return Err(NotTaken::Duplicate);
        }
        match stand {
            Stand::Requested => {}
            Stand::Expired => return Err(NotTaken::Late),
            Stand::Granted { .. }
            | Stand::Rejected { .. }
            | Stand::Consumed { .. }
            | Stand::Void { .. } => return Err(NotTaken::Ended),
        }
        let actions = self.call.names.iter().map(|it| it.action);
        if statement.held != self.call.id || !actions.eq(statement.actions.iter().copied()) {
            return Err(NotTaken::WrongCall);
        }
        Demand::of(self.call).admits(&Approver {
            name: statement.approver.clone(),
            roles: vote.roles.clone(),
        })
    }

    /// What the votes come to, if to anything.
    fn outcome(&self) -> Option<Stand> {
        let last = self.votes.last()?;
        let demand = Demand::of(self.call);
        let no = |vote: &&Vote| vote.signed.statement.choice == Choice::Reject;
        if let Some(vote) = self.votes.iter().find(no) {
            return Some(Stand::Rejected { at: vote.at });
        }
        let approvers: Vec<_> = self
            .votes
            .iter()
            .map(|vote| Approver {
                name: vote.signed.statement.approver.clone(),
                roles: vote.roles.clone(),
            })
            .collect();
        demand.is_met_by(approvers.iter()).then(|| {
            let within = Duration::from_secs(u64::from(demand.use_within_seconds()));
            Stand::Granted {
                at: last.at,
                use_by: last.at.plus(within),
            }
        })
    }
}
