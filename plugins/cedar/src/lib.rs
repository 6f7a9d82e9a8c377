//! Policies in Cedar: a call becomes a request with a principal, an action, a
//! resource and a context, and what Cedar decides becomes a verdict.

mod actions;
mod annotation;
mod directory;
mod entities;
mod foreign;
mod number;
mod owed;
mod past;
mod place;
mod question;
mod reached;
mod reads;
mod rule;
mod settings;
mod source;
mod value;
mod verdict;
mod words;

pub use settings::{Listings, Otherwise, Settings};

use gatewright_sdk::{self as gatewright, Denial, Description, Opinion, Powers, Request, log};

/// No policy speaks of the call.
const OTHERWISE: &str = "otherwise";
/// The call does not fit into a question of Cedar.
const QUESTION: &str = "question";

/// Judges a call, or the listing of a tool.
pub fn judge(settings: &Settings, request: &Request) -> Opinion {
    if request.is_listing() && settings.listings == Listings::Show {
        return Opinion::abstain();
    }
    let answers = match settings.ask_rules(request) {
        Ok(answers) => answers,
        Err(error) => {
            return Opinion::deny(Denial::invalid_arguments(error)).because(QUESTION, "");
        }
    };
    for failed in &answers.errors {
        log::warn(&failed.error);
    }
    let (verdict, mut opinion) = answers.opinion(request);
    opinion.verdict = match (verdict, settings.otherwise) {
        (Some(verdict), _) => verdict,
        (None, Otherwise::Abstain) => return opinion,
        (None, Otherwise::Deny) => {
            let message = format!("no policy permits `{}` for this agent", request.name());
            return Opinion::deny(message).because(OTHERWISE, "");
        }
    };
    opinion
}

/// What the policy is. Other rules than these are the operator's policies, by `@id`.
pub fn about() -> Description {
    let powers = Powers::ALLOW
        | Powers::DENY
        | Powers::ASK
        | Powers::CHARGE
        | Powers::LABEL
        | Powers::DECLASSIFY
        | Powers::REDACT
        | Powers::LIMIT_RESULT;
    Description::new(powers)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(OTHERWISE, "No policy speaks of the call")
        .with_rule(
            QUESTION,
            "The call fits the schema, and Cedar can hold its arguments",
        )
}

gatewright::policy!(Settings, judge, about);
