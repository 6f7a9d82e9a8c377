//! Judges what a shell-like argument runs: every program in it, with its
//! subcommand and options, wherever it stands. It parses text only, and what
//! it cannot parse it refuses with the place.

mod awk;
mod call;
mod compound;
mod environment;
mod expansion;
mod inner;
mod judge;
mod language;
mod letters;
mod member;
mod options;
mod parser;
pub mod posix;
mod profile;
mod program;
mod redirection;
mod refusal;
mod rule;
mod script;
mod sed;
mod settings;
pub mod windows;
mod wrapped;

pub use call::{Answer, answer};
pub use refusal::Refusal;
pub use rule::Rule;
pub use script::{Command, Construct, ParseError, Redirection, Script, Word};
pub use settings::{Args, Choice, Passing, Settings, Shell, Tool, Unknown};

use gatewright_sdk::{Denial, Description, Opinion, Powers, Request};

gatewright_sdk::policy!(Settings, judge_call, about);

/// The rule behind every answer.
const PROGRAMS: &str = "programs";

/// Judges one call.
pub fn judge_call(settings: &Settings, request: &Request) -> Opinion {
    match answer(settings, request) {
        Answer::NotMine => Opinion::abstain(),
        Answer::Refused(message) => {
            Opinion::deny(Denial::invalid_arguments(message)).because(PROGRAMS, "")
        }
        Answer::Ask(what) => {
            let question = settings.approval.question(format!("it uses {what}"));
            Opinion::ask(question).because(PROGRAMS, "")
        }
        Answer::Fine => match settings.passing {
            Passing::Allow => Opinion::allow().because(PROGRAMS, ""),
            Passing::Abstain => Opinion::abstain().because(PROGRAMS, ""),
        },
    }
}

/// What the policy is.
pub fn about() -> Description {
    Description::new(Powers::ALLOW | Powers::DENY | Powers::ASK)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(PROGRAMS, "Commands run programs that the operator chose")
}
