//! Keeps the paths in tool arguments inside the folders that the operator
//! chose, one list of folders for each operation. It judges text only: it has
//! no file system, and refuses every spelling that could mean two things.

mod account;
mod call;
mod check;
mod choice;
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

use gatewright_sdk::{Denial, Request, Verdict};

gatewright_sdk::policy!(Settings, judge);

/// Judges one call.
pub fn judge(settings: &Settings, request: &Request) -> Verdict {
    match answer(settings, request) {
        Answer::NotMine => Verdict::abstain(),
        Answer::Refused(message) => Verdict::deny(Denial::invalid_arguments(message)),
        Answer::Fine => match settings.passing {
            Passing::Allow => Verdict::allow(),
            Passing::Abstain => Verdict::abstain(),
        },
    }
}
