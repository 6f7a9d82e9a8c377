//! Keeps the paths in tool arguments inside the folders that the operator
//! chose, one list of folders for each operation. It judges text only: it has
//! no file system, and refuses every spelling that could mean two things.

mod account;
mod call;
mod check;
mod choice;
mod copies;
mod form;
mod glob;
mod letters;
mod list;
mod member;
mod message;
mod pattern;
mod place;
mod refused;
mod rule;
mod sameness;
mod settings;
mod spelling;

pub use call::{Answer, answer};
pub use check::check;
pub use choice::{
    Expansions, FileUrls, Operation, ParentSteps, Passing, Platform, UnknownArguments,
};
pub use place::Place;
pub use refused::Refused;
pub use rule::{Rule, WithoutPath};
pub use settings::Settings;

use gatewright_sdk::{Denial, Description, Opinion, Powers, Request};

gatewright_sdk::policy!(Settings, judge, about);

/// The rule behind every answer.
const ROOTS: &str = "roots";

/// Judges one call.
pub fn judge(settings: &Settings, request: &Request) -> Opinion {
    match answer(settings, request) {
        Answer::NotMine => Opinion::abstain(),
        Answer::Refused(message) => {
            Opinion::deny(Denial::invalid_arguments(message)).because(ROOTS, "")
        }
        Answer::Fine => match settings.passing {
            Passing::Allow => Opinion::allow().because(ROOTS, ""),
            Passing::Abstain => Opinion::abstain().because(ROOTS, ""),
        },
    }
}

/// What the policy is.
pub fn about() -> Description {
    Description::new(Powers::ALLOW | Powers::DENY)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(
            ROOTS,
            "Paths stay inside the folders that the operator chose",
        )
}
