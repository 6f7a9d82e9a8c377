//! Policies in Rego: a module answers with the decision document that users of
//! OPA know, and the answer becomes a verdict.

#[cfg(any(target_family = "wasm", test))]
#[expect(unsafe_code, reason = "an allocator is made of it")]
mod allocator;
mod decision;
mod input;
mod mentioned;
mod settings;

pub use settings::{Listings, Otherwise, Settings};

use gatewright_sdk::{Denial, Request, Verdict, log};

/// Judges a call, or the listing of a tool.
pub fn judge(settings: &Settings, request: &Request) -> Verdict {
    if request.is_listing() && settings.listings == Listings::Show {
        return Verdict::abstain();
    }
    let input = match input::of(request, &settings.reads) {
        Ok(input) => input,
        Err(error) => return Verdict::deny(Denial::invalid_arguments(error)),
    };
    let decided = settings.decide(input).and_then(|it| decision::read(&it));
    match (decided, settings.otherwise) {
        (Ok(Some(verdict)), _) => verdict,
        (Ok(None), Otherwise::Abstain) => Verdict::abstain(),
        (Ok(None), Otherwise::Deny) => Verdict::deny(format!(
            "no rule allows `{}` for this agent",
            request.action.name
        )),
        (Err(error), _) => {
            log::warn(error);
            Verdict::deny("the policy has no usable answer for this call; its operator can see why")
        }
    }
}

#[cfg(target_family = "wasm")]
#[global_allocator]
static PIECES: allocator::Pieces = allocator::Pieces::new();

gatewright_sdk::policy!(Settings, judge);
