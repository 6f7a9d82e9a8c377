//! Judges the SQL in tool arguments with a real parser: kinds of statements,
//! tables, functions, conditions. Whatever it cannot read is refused.

mod address;
mod builtin;
mod call;
mod canonical;
mod comparison;
mod condition;
mod cover;
mod describe;
mod dialect;
mod evaluation;
mod expression;
mod fitting;
mod hints;
mod kept;
mod kind;
mod members;
mod names;
mod operator;
mod order;
mod pattern;
mod rewrite;
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

pub use call::{Answer, answer};
pub use dialect::Dialect;
pub use kind::Kind;
pub use rule::Rule;
pub use settings::{Approval, Passing, Settings, Unbounded, UnknownArguments};
pub use tables::Use;

use std::fmt;
use std::ops::ControlFlow;

use sqlparser::ast::{Expr, LimitClause, Query, Statement, Value, Visit};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use describe::Described;
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
    /// A function that no list knows, while only reading is allowed.
    UnknownFunction(String),
    /// A hint that changes more than the plan.
    Hint,
    /// A setting that may not be shown or set.
    Setting,
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
    let tokens = rewrite::readable(settings.dialect, tokens)?;
    let mut survey = Survey::new(settings);
    if let Some(described) = describe::described(settings, &tokens) {
        describes(settings, &mut survey, described)?;
    } else {
        let statement = parsed(settings, tokens)?;
        if let ControlFlow::Break(refused) = statement.visit(&mut survey) {
            return Err(refused);
        }
        if let (Some(rows_max), Some(query)) = (settings.rows_max, rows_of(&statement)) {
            limited(query, rows_max)?;
        }
    }
    let asked = survey.kinds.iter().find(|kind| settings.ask.contains(kind));
    Ok(match (survey.unbounded, survey.doubtful, asked) {
        (Some(kind), _, _) if settings.without_where == Unbounded::Ask => {
            Passed::Ask(format!("{} that every row of the table fits", kind.word()))
        }
        (_, Some(kind), _) if settings.without_where != Unbounded::Allow => Passed::Ask(format!(
            "{} that perhaps every row of the table fits",
            kind.word()
        )),
        (_, _, Some(kind)) => Passed::Ask(format!("{} needs approval", kind.word())),
        (_, _, None) => Passed::Fine,
    })
}

/// The one statement of the text. In `generic` any grammar may read it, where
/// the generic one does not.
fn parsed(settings: &Settings, tokens: Vec<TokenWithSpan>) -> Result<Statement, Refused> {
    let grammars: &[Dialect] = match settings.dialect {
        Dialect::Generic => &[
            Dialect::Generic,
            Dialect::Snowflake,
            Dialect::Mssql,
            Dialect::Bigquery,
            Dialect::Duckdb,
            Dialect::Clickhouse,
            Dialect::Postgres,
            Dialect::Oracle,
        ],
        _ => &[settings.dialect],
    };
    let mut first = None;
    let mut tokens = tokens;
    for (at, grammar) in grammars.iter().enumerate() {
        let words = if at + 1 == grammars.len() {
            std::mem::take(&mut tokens)
        } else {
            tokens.clone()
        };
        let statements = Parser::new(grammar.grammar())
            .with_recursion_limit(DEPTH_MAX)
            .with_tokens_with_locations(words)
            .parse_statements();
        match statements {
            Ok(statements) => {
                let mut statements = statements.into_iter();
                return match (statements.next(), statements.next()) {
                    (Some(statement), None) => Ok(statement),
                    (None | Some(_), _) => Err(Refused::Stacked),
                };
            }
            Err(ParserError::RecursionLimitExceeded) => return Err(Refused::TooNested),
            Err(error) => {
                first.get_or_insert(error);
            }
        }
    }
    Err(first.map_or(Refused::Stacked, unreadable))
}

/// Judges what a statement describes.
fn describes(
    settings: &Settings,
    survey: &mut Survey<'_>,
    described: Described,
) -> Result<(), Refused> {
    let done = |walk: ControlFlow<Refused>| match walk {
        ControlFlow::Break(refused) => Err(refused),
        ControlFlow::Continue(()) => Ok(()),
    };
    done(survey.kind(described.kind))?;
    for table in &described.tables {
        done(survey.read(table))?;
    }
    if let Some(words) = described.condition {
        let mut parser = Parser::new(settings.dialect.grammar())
            .with_recursion_limit(DEPTH_MAX)
            .with_tokens_with_locations(words);
        let condition = parser.parse_expr().map_err(unreadable)?;
        if parser.peek_token().token != Token::EOF {
            return Err(Refused::Unreadable("too many words".to_owned()));
        }
        done(condition.visit(survey))?;
    }
    if let Some(words) = described.query {
        let statement = parsed(settings, words)?;
        done(statement.visit(survey))?;
    }
    Ok(())
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
            Self::UnknownFunction(name) => write!(
                f,
                "the function `{}` is not known to only read; hint: do without it, or ask the \
                 operator to list it in `functions-except`",
                shown(name)
            ),
            Self::Hint => f.write_str("this hint in a comment is not allowed; hint: leave it out"),
            Self::Setting => f.write_str(
                "this setting may not be shown or set; hint: do without it, or ask the operator \
                 to list it in `settings-shown`",
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
