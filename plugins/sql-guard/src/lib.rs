//! Judges the SQL in tool arguments with a real parser: kinds of statements,
//! tables, functions, conditions. Whatever it cannot read is refused.

mod builtin;
mod call;
mod condition;
mod settings;
mod survey;
mod tables;
mod text;
mod with;

pub use call::{Answer, answer};
pub use settings::{Approval, Dialect, Kind, Passing, Rule, Settings, Unbounded};
pub use tables::Use;

use std::fmt;
use std::ops::ControlFlow;

use sqlparser::ast::{Expr, LimitClause, Query, Statement, Value, Visit};
use sqlparser::parser::{Parser, ParserError};

use gatewright_sdk::{ApprovalRequest, Denial, Request, Verdict};
use survey::Survey;

/// How deep parentheses, subqueries and operators may nest.
const DEPTH_MAX: usize = 40;

/// The part of a name or parser message that is shown, in characters.
const SHOWN_MAX: usize = 160;

/// Why a statement is refused. Displayed, it is what the agent is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No text.
    NotText,
    /// Longer than the settings allow.
    TooLong,
    /// A control character, NUL among them.
    Control,
    /// `/*! ... */` and its relatives.
    ExecutableComment,
    /// Text that databases read differently.
    Ambiguous(&'static str),
    /// Deeper than any honest statement.
    TooNested,
    /// Not SQL for the configured dialect.
    Unreadable(String),
    /// Not exactly one statement.
    Stacked,
    /// A kind that the settings do not list.
    Kind(Kind),
    /// A kind that is never allowed.
    OtherKind,
    /// A form that the guard does not judge.
    Unsupported(&'static str),
    /// A table outside the lists.
    Table(Use, String),
    /// A function that reaches outside the data, or is not listed.
    Function(String),
    /// `SELECT ... INTO`.
    SelectInto,
    /// `FOR UPDATE` and `FOR SHARE` while only reading is allowed.
    Lock,
    /// A pragma that is not listed, or that changes something.
    Pragma,
    /// `UPDATE` or `DELETE` whose condition keeps no row out.
    EveryRow(Kind),
    /// No `LIMIT`, or a larger one than allowed.
    NoLimit(u64),
}

/// What is known about a statement that may pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passed {
    /// Nothing against it.
    Fine,
    /// A person must agree; the text says to what.
    Ask(String),
}

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

/// Judges one SQL text.
pub fn check(settings: &Settings, sql: &str) -> Result<Passed, Refused> {
    let tokens = text::tokens(settings, sql)?;
    let grammar = settings.dialect.grammar();
    let statements = Parser::new(grammar.as_ref())
        .with_recursion_limit(DEPTH_MAX)
        .with_tokens_with_locations(tokens)
        .parse_statements()
        .map_err(unreadable)?;
    let [statement] = statements.as_slice() else {
        return Err(Refused::Stacked);
    };
    let mut survey = Survey::new(settings);
    if let ControlFlow::Break(refused) = statement.visit(&mut survey) {
        return Err(refused);
    }
    if let (Some(rows_max), Some(query)) = (settings.rows_max, rows_of(statement)) {
        limited(query, rows_max)?;
    }
    let asked = survey.kinds.iter().find(|kind| settings.ask.contains(kind));
    Ok(match (survey.unbounded, asked) {
        (Some(kind), _) if settings.without_where == Unbounded::Ask => {
            Passed::Ask(format!("{} that every row of the table fits", kind.word()))
        }
        (Some(_) | None, Some(kind)) => Passed::Ask(format!("{} needs approval", kind.word())),
        (Some(_) | None, None) => Passed::Fine,
    })
}

fn unreadable(error: ParserError) -> Refused {
    match error {
        ParserError::RecursionLimitExceeded => Refused::TooNested,
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            Refused::Unreadable(message)
        }
    }
}

/// The query whose rows the agent gets.
fn rows_of(statement: &Statement) -> Option<&Query> {
    match statement {
        Statement::Query(query) => Some(query),
        Statement::Explain { statement, .. } => rows_of(statement),
        // The enum is the parser's; the rest answers with few rows or none.
        _ => None,
    }
}

fn limited(query: &Query, rows_max: u64) -> Result<(), Refused> {
    let number = |expr: &Expr| match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse::<u64>().ok(),
            // The enum is the parser's.
            _ => None,
        },
        // The enum is the parser's.
        _ => None,
    };
    let limit = match (&query.limit_clause, &query.fetch) {
        (
            Some(
                LimitClause::LimitOffset {
                    limit: Some(limit), ..
                }
                | LimitClause::OffsetCommaLimit { limit, .. },
            ),
            _,
        ) => number(limit),
        (_, Some(fetch)) if !fetch.percent && !fetch.with_ties => match &fetch.quantity {
            Some(quantity) => number(quantity),
            None => Some(1),
        },
        (None | Some(_), None | Some(_)) => None,
    };
    match limit {
        Some(rows) if rows <= rows_max => Ok(()),
        Some(_) | None => Err(Refused::NoLimit(rows_max)),
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText => f.write_str("this is no SQL; hint: send one statement as text"),
            Self::TooLong => {
                f.write_str("the statement is too long; hint: pass data as parameters")
            }
            Self::Control => f.write_str(
                "the statement holds a control character; hint: pass data as parameters",
            ),
            Self::ExecutableComment => f.write_str(
                "the comment may be executed or read differently; hint: leave comments out",
            ),
            Self::Ambiguous(what) => write!(
                f,
                "databases read {what} differently; hint: write it another way"
            ),
            Self::TooNested => f.write_str("the statement is too deeply nested; hint: split it"),
            Self::Unreadable(message) => {
                write!(
                    f,
                    "the SQL cannot be parsed: {}; hint: send one plain statement",
                    shown(message)
                )
            }
            Self::Stacked => {
                f.write_str("not exactly one statement; hint: send one statement per call")
            }
            Self::Kind(kind) => write!(
                f,
                "{} is not allowed here; hint: do without it",
                kind.word()
            ),
            Self::OtherKind => {
                f.write_str("this kind of statement is not allowed; hint: use a plain query")
            }
            Self::Unsupported(what) => write!(f, "not supported: {what}; hint: use a plain query"),
            Self::Table(Use::Read, name) => write!(
                f,
                "the table `{}` may not be read; hint: query another table",
                shown(name)
            ),
            Self::Table(Use::Write, name) => {
                write!(
                    f,
                    "the table `{}` may not be written; hint: change another table",
                    shown(name)
                )
            }
            Self::Function(name) => write!(
                f,
                "the function `{}` is not allowed; hint: do without it",
                shown(name)
            ),
            Self::SelectInto => f.write_str("SELECT ... INTO is not allowed; hint: leave INTO out"),
            Self::Lock => {
                f.write_str("locks are not allowed while reading; hint: leave FOR UPDATE out")
            }
            Self::Pragma => {
                f.write_str("this PRAGMA is not allowed; hint: use `PRAGMA table_info('name')`")
            }
            Self::EveryRow(kind) => {
                write!(
                    f,
                    "this {} fits every row; hint: add a WHERE that names the rows",
                    kind.word()
                )
            }
            Self::NoLimit(rows) => write!(
                f,
                "too many rows; hint: add `LIMIT {rows}` or less to the outermost query"
            ),
        }
    }
}

fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
