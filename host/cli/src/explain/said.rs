//! What a policy said, in words.

use gatewright_policy::record::RecordedOpinion;
use gatewright_policy::{Ask, Charge, Limit, Obligation, Refusal, Verdict, counted};
use gatewright_sandbox::World;

use super::explanation::Spoken;
use crate::output::Tone;

/// What it said, and how that looks.
pub(super) fn said(spoken: &Spoken) -> (String, Tone) {
    let Some(opinion) = &spoken.opinion else {
        return match spoken.world {
            World::Reviewer => ("looks at the result".to_owned(), Tone::Faint),
            World::Policy | World::Editor => ("was not asked".to_owned(), Tone::Faint),
        };
    };
    if let Some(fault) = &opinion.fault {
        return (format!("gave no usable answer: it {fault}"), Tone::Bad);
    }
    match (spoken.world, &opinion.verdict) {
        (World::Policy, Some(verdict)) => verdict_in_words(verdict),
        (World::Policy, None) => ("said nothing".to_owned(), Tone::Faint),
        (World::Editor, _) => match opinion.edits {
            0 => ("changes nothing".to_owned(), Tone::Faint),
            edits => (
                format!("changes the arguments, {}", counted(edits, "edit")),
                Tone::Warning,
            ),
        },
        (World::Reviewer, _) => reviewed(opinion),
    }
}

fn reviewed(opinion: &RecordedOpinion) -> (String, Tone) {
    match (opinion.blocked, opinion.edits) {
        (true, _) => ("withholds the result".to_owned(), Tone::Bad),
        (false, 0) => ("lets the result pass".to_owned(), Tone::Good),
        (false, edits) => (
            format!("lets the result pass, {}", counted(edits, "edit")),
            Tone::Warning,
        ),
    }
}

fn verdict_in_words(verdict: &Verdict) -> (String, Tone) {
    match verdict {
        Verdict::Abstain => ("has no opinion".to_owned(), Tone::Faint),
        Verdict::Allow => ("allows".to_owned(), Tone::Good),
        Verdict::Deny(denial) => {
            let why = match denial.refusal {
                Refusal::Forbidden => "denies",
                Refusal::InsufficientScope => "denies, since the credential is not enough",
                Refusal::InvalidArguments => "denies, since the arguments are wrong",
                Refusal::UnsafeContext => "denies, since the session is not safe",
            };
            (format!("{why}: {}", denial.message), Tone::Bad)
        }
        Verdict::Ask(ask) => (format!("asks people: {}", asked(ask)), Tone::Warning),
    }
}

/// Who must agree, and to what.
pub(super) fn asked(ask: &Ask) -> String {
    let who = match ask.roles.as_slice() {
        [] => "anybody".to_owned(),
        roles => roles.join(" or "),
    };
    let count = match ask.quorum {
        0 | 1 => String::new(),
        quorum => format!(", {quorum} of them"),
    };
    let reason = match ask.reason.as_str() {
        "" => String::new(),
        reason => format!(", since {reason}"),
    };
    format!("{} ({who}{count}{reason})", ask.title)
}

/// What is to be done.
pub(super) fn owed(obligation: &Obligation) -> String {
    match obligation {
        Obligation::Charge(charge) => charged(charge),
        Obligation::Label(labels) => format!("the session is labelled {}", labels.join(", ")),
        Obligation::Declassify(labels) => {
            format!("the session loses the labels {}", labels.join(", "))
        }
        Obligation::Redact(pointers) => format!("redacted in the result: {}", pointers.join(", ")),
        Obligation::LimitResult(bytes) => {
            format!("a result beyond {} is withheld", counted(*bytes, "byte"))
        }
    }
}

fn charged(
    Charge {
        key, cost, limit, ..
    }: &Charge,
) -> String {
    match limit {
        Limit::Set { budget } => format!("{cost} charged to the budget {budget}, for {key}"),
        Limit::Fixed(window) => format!(
            "{cost} charged to {key}, which has {} in {}",
            window.limit,
            counted(window.window_seconds, "second")
        ),
    }
}
