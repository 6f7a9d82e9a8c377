//! The state machine of one request for approval: what was decided so far, and what that
//! comes to.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::approver::{Approver, Voter};
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
    /// Whose each of them is.
    people: Vec<String>,
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
    Vote {
        /// What the person signed.
        vote: Box<Vote>,
        /// Whose vote it is, whatever the person is called in it.
        person: String,
    },
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
            people: Vec::new(),
            end: None,
        }
    }

    /// With the votes that were taken, in order, each of this person. What was consumed or void
    /// is none.
    pub fn with_votes(
        call: &'a HeldCall,
        votes: Vec<Vote>,
        person: impl Fn(&Vote) -> String,
    ) -> Self {
        let mut case = Self::new(call);
        case.people = votes.iter().map(person).collect();
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
            Step::Vote { vote, person } => {
                self.takes(&vote, &person, stand, now)?;
                next.votes.push(*vote);
                next.people.push(person);
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
        let voters: Vec<_> = self
            .votes
            .iter()
            .filter(|vote| vote.signed.statement.choice == Choice::Approve)
            .filter_map(|vote| {
                let mut person = now_roles(vote)?;
                person.roles.retain(|role| vote.roles.contains(role));
                Some(voter(vote, person))
            })
            .collect();
        Demand::of(self.call).is_met_by(&voters)
    }

    fn takes(
        &self,
        vote: &Vote,
        person: &str,
        stand: Stand,
        now: Timestamp,
    ) -> Result<(), NotTaken> {
        let statement = &vote.signed.statement;
        if vote.at != now {
            return Err(NotTaken::OutOfOrder);
        }
        let said = |it: &Vote| it.signed.statement.approver == statement.approver;
        let is_theirs = self.people.iter().any(|it| it == person);
        if is_theirs || self.votes.iter().any(said) {
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
        Demand::of(self.call).admits(&voter_then(vote, person))
    }

    /// What the votes come to, if to anything.
    fn outcome(&self) -> Option<Stand> {
        let last = self.votes.last()?;
        let demand = Demand::of(self.call);
        let no = |vote: &&Vote| vote.signed.statement.choice == Choice::Reject;
        if let Some(vote) = self.votes.iter().find(no) {
            return Some(Stand::Rejected { at: vote.at });
        }
        let votes = self.votes.iter().zip(&self.people);
        let voters: Vec<_> = votes
            .map(|(vote, person)| voter_then(vote, person))
            .collect();
        demand.is_met_by(&voters).then(|| {
            let within = Duration::from_secs(u64::from(demand.use_within_seconds()));
            Stand::Granted {
                at: last.at,
                use_by: last.at.plus(within),
            }
        })
    }
}

/// Who made a vote.
fn voter(vote: &Vote, person: Approver) -> Voter {
    Voter {
        signed_as: vote.signed.statement.approver.clone(),
        person,
    }
}

/// The same, with the roles that the person had then.
fn voter_then(vote: &Vote, person: &str) -> Voter {
    let person = Approver {
        name: person.to_owned(),
        roles: vote.roles.clone(),
    };
    voter(vote, person)
}
