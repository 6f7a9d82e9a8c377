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

use gatewright_sdk::{ApprovalRequest, Denial, Request, Verdict};

gatewright_sdk::policy!(Settings, judge_call);

/// Judges one call.
pub fn judge_call(settings: &Settings, request: &Request) -> Verdict {
    match answer(settings, request) {
        Answer::NotMine => Verdict::abstain(),
        Answer::Refused(message) => Verdict::deny(Denial::invalid_arguments(message)),
        Answer::Ask(what) => {
            let approval = &settings.approval;
            let question = ApprovalRequest::new("Run a command", format!("it uses {what}"))
                .with_roles(approval.roles.iter().cloned())
                .with_quorum(approval.quorum)
                .with_ttl_seconds(approval.ttl_seconds);
            Verdict::ask(question)
        }
        Answer::Fine => match settings.passing {
            Passing::Allow => Verdict::allow(),
            Passing::Abstain => Verdict::abstain(),
        },
    }
}
