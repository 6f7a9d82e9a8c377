//! How many calls an agent, a principal, a session, a tool or a server gets in
//! a window of time. It only counts: it charges budgets, and the gate refuses a
//! call that would overrun one.

mod limit;
mod per;
mod settings;

pub use gatewright_sdk::Hint;
pub use limit::Limit;
pub use per::Per;
pub use settings::Settings;

use gatewright_sdk::{Description, Obligation, Opinion, Powers, Request};

gatewright_sdk::policy!(Settings, judge, about);

/// The rule behind every charge: which limit it was is in the note.
const LIMITS: &str = "limits";

/// Most notes of one answer.
const NOTES_MAX: usize = 16;

/// Charges a call to every limit that it falls under.
pub fn judge(settings: &Settings, request: &Request) -> Opinion {
    let mut opinion = Opinion::abstain();
    if request.is_listing() {
        return opinion;
    }
    for limit in settings.limits.iter().filter(|limit| limit.counts(request)) {
        opinion = opinion.owing(Obligation::Charge(limit.charge(request)));
        if opinion.notes.len() < NOTES_MAX {
            opinion = opinion.because(LIMITS, limit.name());
        }
    }
    opinion
}

/// What the policy is.
pub fn about() -> Description {
    Description::new(Powers::CHARGE)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(
            LIMITS,
            "Calls are counted against the limits of the operator",
        )
}
