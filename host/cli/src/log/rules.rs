//! The rules that policies answered by, as lines for a person.

use std::fmt::Write as _;

use gatewright_policy::record::{Entry, Event, RecordedOpinion, shortened};

use crate::output::visible;

/// A line for each policy that named a rule.
pub(super) fn lines(entry: &Entry) -> Vec<String> {
    let mut lines = Vec::new();
    match &entry.event {
        Event::Decided(decided) => {
            lines.extend(decided.opinions.iter().filter_map(|it| line(it, "")));
            for part in &decided.parts {
                let about = format!(" on {}", shortened(&visible(&part.name)));
                lines.extend(part.opinions.iter().filter_map(|it| line(it, &about)));
            }
        }
        Event::Completed(completed) => {
            lines.extend(completed.opinions.iter().filter_map(|it| line(it, "")));
        }
        Event::Started { .. }
        | Event::Activated { .. }
        | Event::ReloadFailed { .. }
        | Event::Refused(_)
        | Event::Labelled(_)
        | Event::Agents(_)
        | Event::Tools(_)
        | Event::Approval(_)
        | Event::Stopped
        | Event::Ledger(_) => {}
    }
    lines
}

/// `rules of paths: roots, closed "below /srv"`, and of what.
fn line(opinion: &RecordedOpinion, about: &str) -> Option<String> {
    let notes = opinion.notes.iter().map(|note| {
        let mut text = shortened(&visible(&note.rule));
        if !note.text.is_empty() {
            let _ = write!(text, " \"{}\"", shortened(&visible(&note.text)));
        }
        text
    });
    let notes: Vec<_> = notes.collect();
    let binding = visible(&opinion.binding);
    (!notes.is_empty()).then(|| format!("rules of {binding}{about}: {}", notes.join(", ")))
}
