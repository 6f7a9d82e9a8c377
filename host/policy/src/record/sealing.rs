//! What of a policy's answer enters an entry: which way it went, in clear; what
//! it wrote, as keyed digests, and as text only where the operator wants to read
//! it.

use std::collections::BTreeSet;

use super::bounds::{CUT_LIST_MAX, LIST_MAX};
use super::keys::RecordKeys;
use super::{ActivatedPack, RecordedOpinion};
use crate::charge::{BudgetRead, Charge, Limit, Quota};
use crate::fault::Fault;
use crate::verdict::{Ask, Denial, Note, Obligation, Verdict};

impl RecordedOpinion {
    /// As an entry keeps it. `in_words`: messages of the policy too. `rules`: the ids that
    /// the policy described before it saw any call; they quote nothing.
    #[must_use]
    pub fn sealed(&self, keys: &RecordKeys, in_words: bool, rules: &BTreeSet<String>) -> Self {
        let fault = self.fault.as_ref();
        Self {
            binding: self.binding.clone(),
            component: self.component,
            mode: self.mode,
            verdict: self.verdict.as_ref().map(|of| verdict(of, keys, in_words)),
            obligations: self
                .obligations
                .iter()
                .map(|of| obligation(of, keys))
                .collect(),
            notes: self
                .notes
                .iter()
                .map(|of| note(of, keys, in_words, rules))
                .collect(),
            budgets: self.budgets.iter().map(|of| budget(of, keys)).collect(),
            fault: fault.map(|of| keys.fault(of, in_words)),
            edits: self.edits,
            blocked: self.blocked,
            fuel: self.fuel,
        }
    }
}

impl ActivatedPack {
    /// As an entry keeps it: nothing longer than it may be.
    #[must_use]
    pub fn cut(&self, keys: &RecordKeys) -> Self {
        Self {
            name: keys.cut(&self.name),
            revision: keys.cut(&self.revision),
            publisher: keys.cut(&self.publisher),
            signers: keys.cut_list(&self.signers),
            granted: keys.cut_list(&self.granted),
            ..self.clone()
        }
    }
}

impl RecordKeys {
    /// What a policy wrote.
    pub fn told(&self, text: &str, in_words: bool) -> String {
        match in_words {
            true => self.noted(text),
            false => self.sealed(text),
        }
    }

    /// The quota as an entry, and the count of what was spent, name it.
    #[must_use]
    pub fn quota(&self, quota: &Quota) -> Quota {
        Quota {
            key: self.sealed(&quota.key),
            ..quota.clone()
        }
    }

    /// The key of a quota, as an entry has it. Older gates wrote keys as they are.
    pub fn quota_key(&self, key: &str) -> String {
        match is_sealed(key) {
            true => key.to_owned(),
            false => self.sealed(key),
        }
    }

    fn fault(&self, fault: &Fault, in_words: bool) -> Fault {
        match fault {
            // The kind of trap, in the host's own words.
            Fault::Trapped(kind) => Fault::Trapped(self.cut(kind)),
            Fault::BadOutput(text) => Fault::BadOutput(self.told(text, in_words)),
            Fault::BadPointer(text) => Fault::BadPointer(self.told(text, in_words)),
            Fault::GaveUp(text) => Fault::GaveUp(self.told(text, in_words)),
            Fault::OutOfFuel
            | Fault::TimedOut
            | Fault::OutOfMemory
            | Fault::NoInstance
            | Fault::NotGranted(_) => fault.clone(),
        }
    }

    /// The first few, one by one, and what stands for the rest.
    fn list(&self, texts: &[String]) -> Vec<String> {
        let (first, rest) = texts.split_at(texts.len().min(LIST_MAX));
        let mut kept: Vec<_> = first.iter().map(|text| self.sealed(text)).collect();
        if !rest.is_empty() {
            kept.push(format!("{} more: {}", rest.len(), self.together(rest)));
        }
        kept
    }

    /// Texts that quote nothing secret, each cut; of very many the first ones, and a
    /// digest of the others.
    pub fn cut_list(&self, texts: &[String]) -> Vec<String> {
        let (first, rest) = texts.split_at(texts.len().min(CUT_LIST_MAX));
        let mut kept: Vec<_> = first.iter().map(|text| self.cut(text)).collect();
        if !rest.is_empty() {
            kept.push(format!("{} more: {}", rest.len(), self.together(rest)));
        }
        kept
    }

    /// One digest for several texts.
    fn together(&self, texts: &[String]) -> String {
        self.sealed(&texts.join("\n"))
    }
}

fn verdict(verdict: &Verdict, keys: &RecordKeys, in_words: bool) -> Verdict {
    match verdict {
        Verdict::Abstain => Verdict::Abstain,
        Verdict::Allow => Verdict::Allow,
        Verdict::Deny(denial) => Verdict::Deny(Denial {
            refusal: denial.refusal,
            message: keys.told(&denial.message, in_words),
            scopes: keys.list(&denial.scopes),
        }),
        Verdict::Ask(ask) => Verdict::Ask(Ask {
            title: keys.told(&ask.title, in_words),
            reason: keys.told(&ask.reason, in_words),
            show: keys.list(&ask.show),
            roles: keys.list(&ask.roles),
            exclude: keys.list(&ask.exclude),
            ..*ask
        }),
    }
}

fn obligation(obligation: &Obligation, keys: &RecordKeys) -> Obligation {
    match obligation {
        Obligation::Charge(charge) => Obligation::Charge(Charge {
            key: keys.sealed(&charge.key),
            limit: match &charge.limit {
                Limit::Set { budget } => Limit::Set {
                    budget: keys.sealed(budget),
                },
                Limit::Fixed(window) => Limit::Fixed(*window),
            },
            ..*charge
        }),
        // The entry itself has them, in a form that a restart can read.
        Obligation::Label(labels) => Obligation::Label(vec![keys.together(labels)]),
        Obligation::Declassify(labels) => Obligation::Declassify(vec![keys.together(labels)]),
        Obligation::Redact(pointers) => Obligation::Redact(vec![keys.together(pointers)]),
        Obligation::LimitResult(bytes) => Obligation::LimitResult(*bytes),
    }
}

fn budget(read: &BudgetRead, keys: &RecordKeys) -> BudgetRead {
    BudgetRead {
        // The operator's own word: of any other there is nothing to read.
        budget: keys.cut(&read.budget),
        key: keys.sealed(&read.key),
        ..*read
    }
}

fn note(note: &Note, keys: &RecordKeys, in_words: bool, rules: &BTreeSet<String>) -> Note {
    Note {
        rule: match rules.contains(&note.rule) {
            true => keys.cut(&note.rule),
            false => keys.sealed(&note.rule),
        },
        text: match note.text.is_empty() {
            true => String::new(),
            false => keys.told(&note.text, in_words),
        },
    }
}

/// Whether this has the form that [`RecordKeys::sealed`] gives.
fn is_sealed(text: &str) -> bool {
    let named = text.strip_prefix(super::keys::DIGEST_PREFIX);
    let digits = named.and_then(|rest| rest.split_once(' '));
    digits.is_some_and(|(hex, length)| {
        hex.len() == 64
            && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
            && length.starts_with('(')
            && length.ends_with(" bytes)")
            && length.len() < 32
    })
}
