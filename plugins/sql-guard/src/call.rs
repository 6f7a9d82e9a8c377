//! One call: which rules speak about it, which SQL it carries.

use gatewright_sdk::{Request, Value};

use crate::settings::{Rule, Settings};
use crate::{Passed, Refused, check};

/// What the guard has to say about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No rule is about this call.
    NotMine,
    /// Nothing against it.
    Fine,
    /// A person must agree.
    Ask {
        /// Why.
        reason: String,
        /// The statement, for the approver.
        sql: String,
    },
    /// Refused; the text is for the agent.
    Refused(String),
}

/// The part of a statement that an approver sees, in characters.
const SQL_SHOWN_MAX: usize = 400;

/// Judges the call. Where a rule of the operator applies, the rules for known
/// tools do not.
pub fn answer(settings: &Settings, request: &Request) -> Answer {
    if request.action.method != "tools/call" {
        return Answer::NotMine;
    }
    let chosen = speaking(&settings.rules, request);
    let rules = if chosen.is_empty() {
        speaking(&settings.known_rules, request)
    } else {
        chosen
    };
    if rules.is_empty() {
        return Answer::NotMine;
    }
    let mut so_far = Answer::Fine;
    for rule in rules {
        match statements_of(settings, rule, request) {
            Answer::Refused(message) => return Answer::Refused(message),
            Answer::Ask { reason, sql } => so_far = Answer::Ask { reason, sql },
            Answer::Fine | Answer::NotMine => {}
        }
    }
    so_far
}

fn speaking<'a>(rules: &'a [Rule], request: &Request) -> Vec<&'a Rule> {
    rules
        .iter()
        .filter(|rule| rule.applies(&request.action.server, &request.action.name))
        .collect()
}

fn statements_of(settings: &Settings, rule: &Rule, request: &Request) -> Answer {
    let mut answer = Answer::NotMine;
    for (pointer, value) in rule
        .sql
        .iter()
        .filter_map(|pointer| Some((pointer, request.get(pointer)?)))
    {
        let judged = match value {
            Value::Text(sql) => check(settings, &sql).map(|passed| (passed, sql)),
            Value::Null
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => Err(Refused::NotText),
        };
        match judged {
            Err(refused) => return Answer::Refused(format!("`{pointer}`: {refused}")),
            Ok((Passed::Ask(reason), sql)) => {
                answer = Answer::Ask {
                    reason,
                    sql: sql.chars().take(SQL_SHOWN_MAX).collect(),
                }
            }
            Ok((Passed::Fine, _)) if answer == Answer::NotMine => answer = Answer::Fine,
            Ok((Passed::Fine, _)) => {}
        }
    }
    match answer {
        Answer::NotMine => Answer::Refused(format!(
            "no SQL given; hint: send it in `{}`",
            rule.sql.join("` or `")
        )),
        answer => answer,
    }
}
