//! Policies in Rego: a module answers with the decision document that users of
//! OPA know, and the answer becomes a verdict.

mod bodies;
mod builtins;
mod bundle;
mod decision;
mod document;
mod documents;
mod edits;
mod evaluation;
mod every;
mod foreign;
mod functions;
mod heads;
mod input;
mod input_words;
mod meaning;
mod mentioned;
mod module;
mod negated;
mod newer;
mod object_patterns;
mod obligations;
mod parts;
mod places;
mod query;
mod recursion;
mod rules;
mod settings;
mod syntax;
mod tested;
mod token;
mod written_patterns;

#[doc(hidden)]
pub use evaluation::evaluate;
pub use rules::about;
pub use settings::{Listings, Otherwise, Settings};

use gatewright_sdk::{self as gatewright, Denial, Opinion, Request, Verdict};

use decision::Decision;

/// Judges a call, or the listing of a tool. The error is for the operator: the
/// module has no usable answer.
pub fn judge(settings: &Settings, request: &Request) -> Result<Opinion, String> {
    if request.is_listing() && settings.listings == Listings::Show {
        return Ok(Opinion::abstain());
    }
    let input = match input::of(request, &settings.reads) {
        Ok(input) => input,
        Err(error) => {
            let opinion = Opinion::deny(Denial::invalid_arguments(error));
            return Ok(opinion.because(rules::ARGUMENTS, ""));
        }
    };
    let value = settings.decide(input, request.at())?;
    let decision = Decision::read(&value, settings.asked_rule(), settings.holds_rules)?;
    Ok(decision.into_opinion(|| match settings.otherwise {
        Otherwise::Abstain => Verdict::Abstain,
        Otherwise::Deny => Verdict::Deny(Denial::forbidden(format!(
            "no rule allows `{}` for this agent",
            request.name()
        ))),
    }))
}

/// The opinion, or a trap: no answer of the module is no refusal by it.
#[expect(
    clippy::panic,
    reason = "a policy without an answer traps, which is a fault and denies"
)]
fn opinion(settings: &Settings, request: &Request) -> Opinion {
    judge(settings, request).unwrap_or_else(|error| panic!("{error}"))
}

gatewright::policy!(Settings, opinion, about);
