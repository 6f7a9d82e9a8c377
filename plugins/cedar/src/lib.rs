//! Policies in Cedar: a call becomes a request with a principal, an action, a
//! resource and a context, and what Cedar decides becomes a verdict.

mod directory;
mod foreign;
mod number;
mod place;
mod question;
mod rule;
mod settings;
mod value;
mod verdict;

pub use settings::{Listings, Otherwise, Settings};

use gatewright_sdk::{Denial, Request, Verdict, log};

/// Judges a call, or the listing of a tool.
pub fn judge(settings: &Settings, request: &Request) -> Verdict {
    if request.is_listing() && settings.listings == Listings::Show {
        return Verdict::abstain();
    }
    let answers = match settings.ask_rules(request) {
        Ok(answers) => answers,
        Err(error) => return Verdict::deny(Denial::invalid_arguments(error)),
    };
    for error in &answers.errors {
        log::warn(error);
    }
    match (verdict::of(&answers), settings.otherwise) {
        (Some(verdict), _) => verdict,
        (None, Otherwise::Abstain) => Verdict::abstain(),
        (None, Otherwise::Deny) => Verdict::deny(format!(
            "no policy permits `{}` for this agent",
            request.action.name
        )),
    }
}

gatewright_sdk::policy!(Settings, judge);
