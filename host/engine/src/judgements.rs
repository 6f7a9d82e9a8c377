//! The judgements on one message: one for each thing that it names.

use std::collections::HashSet;
use std::sync::Arc;

use gatewright_policy::record::Kept;
use gatewright_policy::{Allowance, Charge, Decision, Denied, Held, Label, Obligation, Reason};

use crate::approvals::{Repeated, Settled};
use crate::call::Judgement;
use crate::memory::UsedBefore;

/// The judgements on one message. They take effect together, or not at all.
#[derive(Debug)]
pub struct Judgements {
    /// The one that the decision turns on.
    pub(crate) first: Judgement,
    pub(crate) further: Vec<Judgement>,
    /// What the decision makes of a request for approval that was there before.
    pub(crate) approval: Option<Settled>,
    /// What came of exactly the same call, which is given again in place of making it.
    pub(crate) repeated: Option<Repeated>,
    /// The same call that went ahead before, if it was looked for.
    pub(crate) used: Option<UsedBefore>,
    /// What is kept of the message beside the record.
    pub(crate) kept: Option<Kept>,
}

impl From<Judgement> for Judgements {
    fn from(first: Judgement) -> Self {
        Self {
            first,
            further: Vec::new(),
            approval: None,
            repeated: None,
            used: None,
            kept: None,
        }
    }
}

impl Judgements {
    /// Adds what was decided on another thing that the message names.
    pub fn push(&mut self, judgement: Judgement) {
        self.further.push(judgement);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Judgement> {
        std::iter::once(&self.first).chain(&self.further)
    }

    /// Puts the first refusal to the front, without one the first thing to be
    /// approved, and makes the decision there the one on the whole message. The
    /// others keep what was decided on them alone.
    pub(crate) fn agree(&mut self) {
        if self.further.is_empty() {
            return;
        }
        let first = |wanted: fn(&Decision) -> bool| {
            let mut decisions = self.iter().map(Judgement::decision);
            decisions.position(wanted)
        };
        let lead = first(|decision| matches!(decision, Decision::Deny(_)))
            .or_else(|| first(|decision| matches!(decision, Decision::Hold(_))))
            .and_then(|place| place.checked_sub(1));
        if let Some(lead) = lead.and_then(|place| self.further.get_mut(place)) {
            std::mem::swap(lead, &mut self.first);
        }
        let mut allowance = Allowance::default();
        let mut asks = Vec::new();
        let mut all_allowed = true;
        for judgement in self.iter() {
            match judgement.decision() {
                Decision::Deny(_) => return,
                Decision::Hold(held) => {
                    asks.extend(held.asks.iter().cloned());
                    all_allowed &= held.allowed;
                    let owed = held.allowance.obligations.iter();
                    allowance.obligations.extend(owed.cloned());
                }
                Decision::Allow(allowed) => {
                    let owed = allowed.obligations.iter();
                    allowance.obligations.extend(owed.cloned());
                }
            }
        }
        self.first.decision = if !self.are_of_one_message() {
            Decision::Deny(Denied::by_gate(
                Reason::PolicyFault,
                "policies change the message in one way for one thing that it names, \
                 and in another for another",
            ))
        } else if asks.is_empty() {
            Decision::Allow(allowance)
        } else {
            Decision::Hold(Held {
                asks,
                allowed: all_allowed,
                allowance,
            })
        };
    }

    /// What was judged is what is sent: these bytes, for each of them.
    fn are_of_one_message(&self) -> bool {
        let message = self.first.message.shared_text();
        self.further.iter().all(|judgement| {
            let other = judgement.message.shared_text();
            Arc::ptr_eq(&message, &other) || message == other
        })
    }

    /// Labels that the message leaves if it goes ahead, each once, from the first binding
    /// that leaves it.
    pub(crate) fn labels(&self) -> Vec<Label> {
        let at = self.first.request.context.at;
        let labels = self.each_once(|obligation| match obligation {
            Obligation::Label(labels) => labels,
            Obligation::Charge(_)
            | Obligation::Declassify(_)
            | Obligation::Redact(_)
            | Obligation::LimitResult(_) => &[],
        });
        let labels = labels.into_iter().map(|(source, name)| Label {
            name: name.clone(),
            source: Some(Arc::clone(source)),
            at: Some(at),
        });
        labels.collect()
    }

    /// Labels that the message takes off if it goes ahead, each once.
    pub(crate) fn declassified(&self) -> Vec<String> {
        let labels = self.each_once(|obligation| match obligation {
            Obligation::Declassify(labels) => labels,
            Obligation::Charge(_)
            | Obligation::Label(_)
            | Obligation::Redact(_)
            | Obligation::LimitResult(_) => &[],
        });
        labels.into_iter().map(|(_, name)| name.clone()).collect()
    }

    fn each_once(&self, labels: fn(&Obligation) -> &[String]) -> Vec<(&Arc<str>, &String)> {
        let mut once = Vec::new();
        // A policy may have written thousands.
        let mut known = HashSet::new();
        for (binding, owed) in self.owed() {
            for label in labels(owed) {
                if known.insert(label) {
                    once.push((binding, label));
                }
            }
        }
        once
    }

    /// What the message costs if it goes ahead, by binding.
    pub(crate) fn charges(&self) -> impl Iterator<Item = (&Arc<str>, &Charge)> {
        self.owed().iter().filter_map(|(binding, owed)| match owed {
            Obligation::Charge(charge) => Some((binding, charge)),
            Obligation::Label(_)
            | Obligation::Declassify(_)
            | Obligation::Redact(_)
            | Obligation::LimitResult(_) => None,
        })
    }

    /// What is owed now: nothing, unless the message goes ahead.
    fn owed(&self) -> &[(Arc<str>, Obligation)] {
        match &self.first.decision {
            Decision::Allow(allowance) => &allowance.obligations,
            Decision::Hold(_) | Decision::Deny(_) => &[],
        }
    }
}
