//! What people decided, and what became of it.

use gatewright_policy::{Timestamp, counted};
use maud::{Markup, html};

use super::Frame;
use super::frame::{empty, head};
use super::text::line;
use super::time::time;
use crate::record::{Act, History, Wanted, What};

pub(crate) fn history(
    frame: &Frame<'_>,
    wanted: &Wanted,
    history: &History,
    is_further: bool,
) -> Markup {
    let about = html! { "What people were asked and decided, and what became of it. The entries are in the record for ever." };
    let is_filtered = wanted.written != (String::new(), String::new());
    frame.page(&html! {
        p.small { a href="/approvals" { "Approvals" } }
        (head("History", &about))
        (form(wanted))
        @if history.acts.is_empty() {
            @if is_filtered || is_further {
                (empty("Nothing fits", &html! {
                    "Looked at " (counted(history.looked_at, "entry")) " of the record. Widen the filter"
                    @if history.before.is_some() { ", or look further back" } "."
                }))
            } @else {
                (empty("Nobody was asked yet", &html! {
                    "What a policy asks people appears here, with what they decided."
                }))
            }
        } @else {
            section.card.flush aria-label="What happened" {
                ul.rows { @for it in &history.acts { (row(it, frame.now)) } }
            }
        }
        @if let Some(before) = history.before {
            p { a.button.slim href={ "/approvals/history?" (wanted.query(before)) } { "Further back" } }
        }
    })
}

fn row(act: &Act, now: Timestamp) -> Markup {
    let (word, tone) = word(act.what);
    html! {
        li {
            a.row href={ "/decisions/" (act.decision) } {
                span class={ "badge " (tone) } { (word) }
                span.what {
                    @match &act.call {
                        Some((tool, _)) => { span.mono { (line(tool)) } },
                        None => { span.mono { (line(&act.held)) } },
                    }
                    @if !act.why.is_empty() { " " span.why { (line(&act.why)) } }
                }
                span.when { (time(act.at, now)) }
                span.by {
                    @if !act.by.is_empty() { (line(&act.by)) }
                    @if let Some((_, agent)) = &act.call {
                        @if !act.by.is_empty() { ", " }
                        "of " (line(agent))
                    }
                }
            }
        }
    }
}

const fn word(what: What) -> (&'static str, &'static str) {
    match what {
        What::Asked => ("Asked", "wait"),
        What::Approved => ("Approved", "good"),
        What::Rejected => ("Rejected", "bad"),
        What::NotTaken => ("Not taken", "bad"),
        What::Used => ("Went ahead", "good"),
        What::Repeated => ("Not again", ""),
        What::Void => ("Void", "bad"),
    }
}

fn form(wanted: &Wanted) -> Markup {
    let (what, by) = &wanted.written;
    html! {
        form.filters.few method="get" action="/approvals/history" role="search" aria-label="Filter the history" {
            div.field {
                label for="what" { "What" }
                select #what name="what" {
                    option value="" { "Anything" }
                    @for it in What::ALL {
                        option value=(it.as_str()) selected[it.as_str() == what] { (word(it).0) }
                    }
                }
            }
            div.field {
                label for="by" { "Who decided" }
                input #by name="by" value=(by) placeholder="*" autocomplete="off" autocapitalize="none"
                    spellcheck="false";
            }
            button.button type="submit" { "Filter" }
        }
    }
}
