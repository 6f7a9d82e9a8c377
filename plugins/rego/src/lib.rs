//! Policies in Rego: a module answers with the decision document that users of
//! OPA know, and the answer becomes a verdict.

#[cfg(any(target_family = "wasm", test))]
#[expect(unsafe_code, reason = "an allocator is made of it")]
mod allocator;
mod builtins;
mod decision;
mod foreign;
mod input;
mod mentioned;
mod settings;
mod token;

pub use settings::{Listings, Otherwise, Settings};

use gatewright_sdk::{Denial, Request, Verdict};

/// Judges a call, or the listing of a tool. The error is for the operator: the
/// module has no usable answer.
pub fn judge(settings: &Settings, request: &Request) -> Result<Verdict, String> {
    if request.is_listing() && settings.listings == Listings::Show {
        return Ok(Verdict::abstain());
    }
    let input = match input::of(request, &settings.reads) {
        Ok(input) => input,
        Err(error) => return Ok(Verdict::deny(Denial::invalid_arguments(error))),
    };
    let verdict = decision::read(&settings.decide(input, request.context.at)?)?;
    Ok(match (verdict, settings.otherwise) {
        (Some(verdict), _) => verdict,
        (None, Otherwise::Abstain) => Verdict::abstain(),
        (None, Otherwise::Deny) => Verdict::deny(format!(
            "no rule allows `{}` for this agent",
            request.action.name
        )),
    })
}

/// The verdict, or a trap: no answer of the module is no refusal by it.
#[expect(
    clippy::panic,
    reason = "a policy without an answer traps, which is a fault and denies"
)]
fn verdict(settings: &Settings, request: &Request) -> Verdict {
    judge(settings, request).unwrap_or_else(|error| panic!("{error}"))
}

#[cfg(target_family = "wasm")]
#[global_allocator]
static PIECES: allocator::Pieces = allocator::Pieces::new();

gatewright_sdk::policy!(Settings, verdict);
