//! What is asked of people about one call, and whose yes counts for what of it.

use std::collections::BTreeSet;

use super::approver::{Approver, Voter};
use super::not_taken::NotTaken;
use crate::held::{HeldAsk, HeldCall};
use crate::request::Subject;
use crate::verdict::Ask;

/// All that the policies ask about one call. Every one of it must be satisfied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand<'a> {
    asks: &'a [HeldAsk],
    subject: &'a Subject,
}

// === impl Demand ===

impl<'a> Demand<'a> {
    /// What is asked about a held call.
    pub fn of(call: &'a HeldCall) -> Self {
        Self {
            asks: &call.asks,
            subject: &call.subject,
        }
    }

    /// Whether a person may decide: for at least one of the questions.
    pub fn admits(&self, voter: &Voter) -> Result<(), NotTaken> {
        if self.is_own(voter) {
            return Err(NotTaken::OwnCall);
        }
        let mut refused = NotTaken::WrongRole;
        for it in self.asks {
            match self.counts_for(&it.ask, voter) {
                Ok(()) => return Ok(()),
                // What is nearest to a yes says most.
                Err(NotTaken::WrongRole) => {}
                Err(nearer) => refused = nearer,
            }
        }
        Err(refused)
    }

    /// Whether a person has a role that is asked for, whoever the person is: then the
    /// person may see the call.
    pub fn shows_to(&self, approver: &Approver) -> bool {
        self.asks.iter().any(|it| has_role(&it.ask, approver))
    }

    /// Whether these people together are enough for everything that is asked. Each counts
    /// once, and for each question that the person may answer.
    pub fn is_met_by(&self, voters: &[Voter]) -> bool {
        let met = |it: &HeldAsk| {
            let voters = voters.iter();
            let counted = voters.filter(|voter| self.counts_for(&it.ask, voter).is_ok());
            let people: BTreeSet<_> = counted.map(|voter| voter.person.name.as_str()).collect();
            people.len() >= usize::from(it.ask.quorum.max(1))
        };
        !self.asks.is_empty() && self.asks.iter().all(met)
    }

    /// How long a yes can be used, in seconds: the shortest time is the time for all.
    pub fn use_within_seconds(&self) -> u32 {
        let times = self.asks.iter().map(|it| it.ask.use_within_seconds);
        times.min().unwrap_or(0)
    }

    /// Whether people who agreed to this agreed to what is asked there too: each question
    /// there is one of the same binding here, which demands as much or more.
    pub fn covers<'b>(&self, asked: impl IntoIterator<Item = (&'b str, &'b Ask)>) -> bool {
        asked.into_iter().all(|(binding, ask)| {
            let mut same = self.asks.iter().filter(|it| it.binding == binding);
            same.any(|it| demands_as_much(&it.ask, ask))
        })
    }

    fn counts_for(&self, ask: &Ask, voter: &Voter) -> Result<(), NotTaken> {
        if self.is_own(voter) {
            return Err(NotTaken::OwnCall);
        }
        if !has_role(ask, &voter.person) {
            return Err(NotTaken::WrongRole);
        }
        let principal = self.subject.principal.as_deref();
        if ask.exclude_requester && voter.names().any(|name| principal == Some(name)) {
            return Err(NotTaken::OwnCall);
        }
        let is_excluded = |name: &str| ask.exclude.iter().any(|excluded| excluded == name);
        match voter.names().any(is_excluded) {
            true => Err(NotTaken::Excluded),
            false => Ok(()),
        }
    }

    /// The agent, and every agent between it and whom it acts for, never decide.
    fn is_own(&self, voter: &Voter) -> bool {
        let subject = self.subject;
        let mut names = voter.names();
        names.any(|name| subject.id == name || subject.delegation.iter().any(|it| it == name))
    }
}

fn has_role(ask: &Ask, approver: &Approver) -> bool {
    ask.roles.is_empty() || approver.roles.iter().any(|role| ask.roles.contains(role))
}

/// Whether whoever satisfies one question satisfies the other too.
fn demands_as_much(one: &Ask, other: &Ask) -> bool {
    let roles = match (one.roles.as_slice(), other.roles.as_slice()) {
        (_, []) => true,
        ([], _) => false,
        (one, other) => one.iter().all(|role| other.contains(role)),
    };
    roles
        && other.quorum.max(1) <= one.quorum.max(1)
        && (one.exclude_requester || !other.exclude_requester)
        && other.exclude.iter().all(|name| one.exclude.contains(name))
        && one.use_within_seconds <= other.use_within_seconds
}
