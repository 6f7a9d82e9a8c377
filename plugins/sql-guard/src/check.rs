//! Judges one SQL text.

use std::ops::ControlFlow;

use sqlparser::ast::Visit;

use crate::describe::{self, Described};
use crate::grammar::{parsed, parsed_condition};
use crate::plain;
use crate::refused::Refused;
use crate::rewrite;
use crate::rows::{limited, rows_of};
use crate::settings::{Settings, Unbounded};
use crate::survey::Survey;
use crate::text;

/// What is known about a statement that may pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passed {
    /// Nothing against it.
    Fine,
    /// A person must agree; the text says to what.
    Ask(String),
}

/// Judges one SQL text.
pub fn check(settings: &Settings, sql: &str) -> Result<Passed, Refused> {
    if plain::passes(settings, sql) {
        return Ok(Passed::Fine);
    }
    parsed_check(settings, sql)
}

/// Judges one SQL text by the grammar of its dialect.
pub(crate) fn parsed_check(settings: &Settings, sql: &str) -> Result<Passed, Refused> {
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
        let condition = parsed_condition(settings, words)?;
        done(condition.visit(survey))?;
    }
    if let Some(words) = described.query {
        let statement = parsed(settings, words)?;
        done(statement.visit(survey))?;
    }
    Ok(())
}
