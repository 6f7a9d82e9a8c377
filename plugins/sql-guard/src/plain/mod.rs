//! Plain queries: `SELECT` in the words that all databases read alike. They are most
//! of what is sent, and are judged here in a twentieth of the time that the parser of
//! whole dialects takes.
//!
//! Nothing is refused here. Whatever is not plain (a hint, a backslash, a word
//! that begins a clause somewhere, a function or a table that may not pass)
//! goes to the parser, which alone says why. A query that is plain would pass there
//! too: tests hold the two against each other.

mod known;
mod names;
mod part;
mod query;
mod reader;
mod value;
mod words;

use crate::kind::Kind;
use crate::settings::Settings;
use reader::Reader;
use words::tokens;

/// Whether the text is one plain query that may pass.
pub(crate) fn passes(settings: &Settings, sql: &str) -> bool {
    sql.len() <= settings.sql_bytes_max
        && settings.kinds.contains(&Kind::Select)
        && !settings.ask.contains(&Kind::Select)
        && is_plain(settings, sql).is_some()
}

fn is_plain(settings: &Settings, sql: &str) -> Option<()> {
    let tokens = tokens(settings.dialect, sql)?;
    let rows = Reader::new(settings, &tokens).statement()?;
    match settings.rows_max {
        Some(rows_max) => (rows? <= rows_max).then_some(()),
        None => Some(()),
    }
}

#[cfg(test)]
mod tests;
