//! Judges the SQL in tool arguments with a real parser: kinds of statements,
//! tables, functions, conditions. Whatever it cannot read is refused.

mod address;
mod aggregate;
mod answer;
mod arithmetic;
mod bounds;
mod builtin;
mod call;
mod callable;
mod canonical;
mod cast;
mod chain;
mod check;
mod choice;
mod comparison;
mod condition;
mod correlation;
mod cover;
mod describe;
mod dialect;
mod evaluation;
mod expression;
mod field;
mod fitting;
mod grammar;
mod hints;
mod inverse;
mod itself;
mod kept;
mod kind;
mod left;
mod lengths;
mod literal;
mod members;
mod moment;
mod names;
mod operator;
mod order;
mod outcome;
mod outcomes;
mod pattern;
mod plain;
mod predicate;
mod range;
mod reading;
mod refused;
mod relation;
mod rewrite;
mod rows;
mod rule;
mod scope;
mod settings;
mod shape;
mod stacked;
mod subquery;
mod survey;
mod system;
mod tables;
mod template;
mod text;
mod texts;
mod truth;
mod usual;
mod value;
mod whole;
mod with;
mod within;

pub use answer::Answer;
pub use call::answer;
pub use check::{Passed, check};
pub use dialect::Dialect;
pub use kind::Kind;
pub use refused::Refused;
pub use rule::Rule;
pub use settings::{Approval, Passing, Settings, Unbounded, UnknownArguments};
pub use tables::Use;

use gatewright_sdk::{Denial, Description, Opinion, Powers, Request};

gatewright_sdk::policy!(Settings, judge, about);

/// The rule behind every answer.
const STATEMENTS: &str = "statements";

/// Longest reason of a question, in bytes: of a longer statement people see the
/// beginning here, and all of it among the arguments.
const REASON_BYTES_MAX: usize = 4096;

/// Judges one call.
pub fn judge(settings: &Settings, request: &Request) -> Opinion {
    match answer(settings, request) {
        Answer::NotMine => Opinion::abstain(),
        Answer::Refused(message) => {
            Opinion::deny(Denial::invalid_arguments(message)).because(STATEMENTS, "")
        }
        Answer::Ask { reason, sql } => {
            let mut statement = format!("`{sql}`");
            statement.truncate(statement.floor_char_boundary(REASON_BYTES_MAX));
            let question = settings.approval.question(reason, statement);
            Opinion::ask(question).because(STATEMENTS, "")
        }
        Answer::Fine => match settings.passing {
            Passing::Allow => Opinion::allow().because(STATEMENTS, ""),
            Passing::Abstain => Opinion::abstain().because(STATEMENTS, ""),
        },
    }
}

/// What the policy is.
pub fn about() -> Description {
    Description::new(Powers::ALLOW | Powers::DENY | Powers::ASK)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(
            STATEMENTS,
            "Statements do what the operator chose, on tables that are listed",
        )
}
