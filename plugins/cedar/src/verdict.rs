//! What the policies say, as one opinion: a forbid, then an error, then a permit that asks,
//! then a permit.

use gatewright_sdk::{Ask, Denial, Note, Opinion, Refusal, Request, Verdict};

use crate::rule::{Answer, Rule};

/// Longest title and reason of a question, in bytes: several policies may ask at once.
const TITLE_BYTES_MAX: usize = 256;
const REASON_BYTES_MAX: usize = 4096;

/// Longest text of a note, in bytes, and most notes of an opinion.
const NOTE_BYTES_MAX: usize = 1024;
const NOTES_MAX: usize = 16;

/// The policies that apply, and what went wrong in others.
#[derive(Default)]
pub(crate) struct Answers<'a> {
    pub(crate) given: Vec<&'a Rule>,
    pub(crate) errors: Vec<Failed<'a>>,
}

/// A policy that cannot be evaluated.
pub(crate) struct Failed<'a> {
    pub(crate) rule: &'a Rule,
    /// For the operator.
    pub(crate) error: String,
}

// === impl Answers ===

impl Answers<'_> {
    /// What is said, with what is owed; none where nothing is.
    pub(crate) fn opinion(&self, request: &Request) -> (Option<Verdict>, Opinion) {
        let (verdict, notes) = self.verdict();
        let mut opinion = Opinion::abstain();
        opinion.notes = notes;
        opinion.notes.truncate(NOTES_MAX);
        // What is denied does not go ahead.
        if !matches!(verdict, Some(Verdict::Deny(_))) {
            let owed = self.given.iter().flat_map(|rule| &rule.owed);
            opinion.obligations = owed.map(|owed| owed.obligation(request)).collect();
        }
        (verdict, opinion)
    }

    fn verdict(&self) -> (Option<Verdict>, Vec<Note>) {
        let mut denials: Vec<(&Rule, &Denial)> = Vec::new();
        let mut asks: Vec<(&Rule, &Ask)> = Vec::new();
        let mut permits = false;
        for rule in &self.given {
            match &rule.answer {
                Answer::Forbid(denial) => denials.push((rule, denial)),
                Answer::Ask(ask) => asks.push((rule, ask)),
                Answer::Permit => permits = true,
                Answer::Abstain => {}
            }
        }
        if let Some((_, first)) = denials.first() {
            let notes = denials.iter().map(|(rule, it)| note(rule, &it.message));
            let denials: Vec<_> = denials.iter().map(|(_, denial)| *denial).collect();
            return (
                Some(Verdict::Deny(joined(first, &denials))),
                notes.collect(),
            );
        }
        // Cedar would pass over a policy that fails, and a forbid with it.
        if !self.errors.is_empty() {
            let denial = Denial::forbidden(
                "a policy cannot be evaluated for this call; its operator can see why",
            );
            let notes = self.errors.iter().map(|it| note(it.rule, &it.error));
            return (Some(Verdict::Deny(denial)), notes.collect());
        }
        if let Some((_, first)) = asks.first() {
            let mut notes: Vec<_> = asks
                .iter()
                .map(|(rule, it)| note(rule, &it.title))
                .collect();
            notes.extend(self.owing());
            let asks: Vec<_> = asks.iter().map(|(_, ask)| *ask).collect();
            return (Some(asked(first, &asks)), notes);
        }
        let notes = match permits {
            true => self.given.iter().map(|rule| note(rule, "")).collect(),
            false => self.owing().collect(),
        };
        (permits.then_some(Verdict::Allow), notes)
    }

    /// The policies that owe something, and ask nobody.
    fn owing(&self) -> impl Iterator<Item = Note> {
        let given = self.given.iter();
        given
            .filter(|rule| !rule.owed.is_empty() && !matches!(rule.answer, Answer::Ask(_)))
            .map(|rule| note(rule, ""))
    }
}

fn note(rule: &Rule, text: &str) -> Note {
    Note {
        rule: rule.id.clone(),
        text: cut(text.to_owned(), NOTE_BYTES_MAX),
    }
}

fn cut(mut text: String, bytes_max: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes_max));
    text
}

/// One denial of all; of one kind where they agree on it.
fn joined(first: &Denial, denials: &[&Denial]) -> Denial {
    let agree = denials.iter().all(|denial| denial.refusal == first.refusal);
    let messages: Vec<_> = denials.iter().map(|it| it.message.as_str()).collect();
    let scopes = denials.iter().flat_map(|denial| denial.scopes.clone());
    Denial {
        refusal: match agree {
            true => first.refusal,
            false => Refusal::Forbidden,
        },
        message: messages.join("; "),
        scopes: match agree {
            true => scopes.collect(),
            false => Vec::new(),
        },
    }
}

/// One question for all policies that ask; those with other approvers cannot be
/// put into one.
fn asked(first: &Ask, asks: &[&Ask]) -> Verdict {
    let texts = |text: fn(&Ask) -> &str| {
        let texts = asks.iter().map(|ask| text(ask));
        let texts: Vec<_> = texts.filter(|text| !text.is_empty()).collect();
        texts.join("; ")
    };
    let title = cut(texts(|ask| &ask.title), TITLE_BYTES_MAX);
    let reason = match texts(|ask| &ask.reason) {
        none if none.is_empty() => "the policy asks for a person".to_owned(),
        reason => cut(reason, REASON_BYTES_MAX),
    };
    let mut show: Vec<String> = Vec::new();
    for pointer in asks.iter().flat_map(|ask| &ask.show) {
        if !show.contains(pointer) {
            show.push(pointer.clone());
        }
    }
    let one = Ask {
        title,
        reason,
        show,
        ..first.clone()
    };
    let is_same = |ask: &&Ask| {
        let ask = Ask {
            title: one.title.clone(),
            reason: one.reason.clone(),
            show: one.show.clone(),
            ..(*ask).clone()
        };
        ask == one
    };
    match asks.iter().all(is_same) {
        true => Verdict::Ask(one),
        false => Verdict::Deny(Denial::forbidden(
            "two policies ask different people about this call",
        )),
    }
}
