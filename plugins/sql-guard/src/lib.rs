//! Judges the SQL in tool arguments with a real parser: kinds of statements,
//! tables, functions, conditions. Whatever it cannot read is refused.

mod address;
mod answer;
mod builtin;
mod call;
mod canonical;
mod check;
mod comparison;
mod condition;
mod cover;
mod describe;
mod dialect;
mod evaluation;
mod expression;
mod fitting;
mod grammar;
mod hints;
mod kept;
mod kind;
mod members;
mod names;
mod operator;
mod order;
mod pattern;
mod refused;
mod rewrite;
mod rows;
mod rule;
mod scope;
mod settings;
mod subquery;
mod survey;
mod tables;
mod template;
mod text;
mod truth;
mod usual;
mod value;
mod with;

pub use answer::Answer;
pub use call::answer;
pub use check::{Passed, check};
pub use dialect::Dialect;
pub use kind::Kind;
pub use refused::Refused;
pub use rule::Rule;
pub use settings::{Approval, Passing, Settings, Unbounded, UnknownArguments};
pub use tables::Use;

use gatewright_sdk::{ApprovalRequest, Denial, Request, Verdict};

gatewright_sdk::policy!(Settings, judge);

/// Judges one call.
pub fn judge(settings: &Settings, request: &Request) -> Verdict {
    match answer(settings, request) {
        Answer::NotMine => Verdict::abstain(),
        Answer::Refused(message) => Verdict::deny(Denial::invalid_arguments(message)),
        Answer::Ask { reason, sql } => {
            let approval = &settings.approval;
            let question = ApprovalRequest::new(reason, format!("`{sql}`"))
                .with_roles(&approval.roles)
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
