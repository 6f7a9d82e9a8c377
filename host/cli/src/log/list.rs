//! The entries of a record, as they come.

use std::collections::HashSet;
use std::time::Duration;

use gatewright_policy::record::{Entry, Event};

use super::entries::{Entries, Record};
use super::filter::Filter;
use super::line;
use super::reader::Next;
use crate::failure::Exit;
use crate::output::{Format, Paint, print_line, visible};

/// How often it is looked for new entries.
const FOLLOW_INTERVAL: Duration = Duration::from_millis(200);

/// Prints the entries that are wanted, and goes on with what is written from now on where
/// it is to `follow`.
pub(super) fn list(
    record: &Record,
    filter: &Filter,
    format: Format,
    follow: bool,
) -> anyhow::Result<Exit> {
    let filter = filter.clone().at(crate::credential::now()?);
    let mut lines = Entries::open(record)?;
    let mut shown = Shown::default();
    let paint = Paint::stdout();
    loop {
        match lines.next()? {
            Next::Line(text) => match Entry::of_line(text.as_bytes()) {
                Err(error) => {
                    let error = visible(&error.to_string());
                    eprintln!("{}: not an entry: {error}", lines.place());
                }
                Ok(entry) if !shown.wants(&filter, &entry) => {}
                Ok(entry) => match format {
                    Format::Json => print_line(&text)?,
                    Format::Text if line::is_repetition(&entry) => {}
                    Format::Text => print_line(&line::text(&entry, paint))?,
                },
            },
            Next::TooLong => eprintln!(
                "{}: too long to be read; an older gate wrote it",
                lines.place()
            ),
            Next::End { .. } if follow => std::thread::sleep(FOLLOW_INTERVAL),
            Next::End { torn: false } => return Ok(Exit::Fine),
            Next::End { torn: true } => {
                eprintln!(
                    "the last line is not complete: the gate is writing it, or stopped while it did"
                );
                return Ok(Exit::Fine);
            }
        }
    }
}

/// Decisions that were shown and whose end was not: their end belongs to them.
#[derive(Default)]
pub(super) struct Shown {
    open: HashSet<String>,
}

impl Shown {
    pub(super) fn wants(&mut self, filter: &Filter, entry: &Entry) -> bool {
        match &entry.event {
            Event::Decided(decided) => {
                let wanted = filter.wants_decision(entry.at, decided);
                if wanted && decided.reason.is_none() {
                    self.open.insert(decided.id.clone());
                }
                wanted
            }
            Event::Labelled(labelled) => self.open.contains(&labelled.id),
            Event::Completed(completed) => self.open.remove(&completed.id),
            Event::Started { .. }
            | Event::Activated { .. }
            | Event::ReloadFailed { .. }
            | Event::Refused(_)
            | Event::Agents(_)
            | Event::Tools(_)
            | Event::Approval(_)
            | Event::Stopped
            | Event::Ledger(_) => filter.wants_event(entry.at),
        }
    }
}
