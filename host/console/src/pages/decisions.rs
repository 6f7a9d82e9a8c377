//! The last decisions, and those that come in.

use gatewright_policy::{Reason, Timestamp, counted};
use maud::{Markup, html};

use super::Frame;
use super::frame::{empty, head};
use super::text::line;
use super::time::time;
use crate::record::{Filter, Row, Tail};

pub(crate) fn decisions(
    frame: &Frame<'_>,
    filter: &Filter,
    tail: Result<&Tail, &'static str>,
    before: Option<u64>,
) -> Markup {
    let about = html! { "What agents asked, and what became of it." };
    frame.page(&html! {
        div.bar {
            (head("Decisions", &about))
            @if before.is_none() && tail.is_ok() { span.live role="status" { "Not live" } }
        }
        (form(filter))
        @match tail {
            Err(wrong) => p.notice.bad role="alert" { (wrong) },
            Ok(tail) => (list(frame, filter, tail, before)),
        }
    })
}

fn list(frame: &Frame<'_>, filter: &Filter, tail: &Tail, before: Option<u64>) -> Markup {
    let live = before.is_none().then(|| {
        let after = tail.newest.map(|newest| format!("after={newest}&"));
        format!(
            "/decisions/live?{}{}",
            after.unwrap_or_default(),
            filter.query(None)
        )
    });
    html! {
        @if tail.rows.is_empty() {
            @if filter.is_empty() && before.is_none() {
                (empty("Nothing was decided yet", &html! {
                    "Point an agent at the gate: each tool server of the configuration is at "
                    code { "/mcp/<name>" } ". Its first call appears here by itself."
                }))
            } @else {
                (empty("Nothing fits", &html! {
                    "Looked at " (counted(tail.looked_at, "entry")) " of the record. Widen the filter"
                    @if tail.before.is_some() { ", or look further back" } "."
                }))
            }
        }
        section.card.flush hidden[tail.rows.is_empty()] aria-label="Decisions" data-live=[live] {
            ul.rows { @for it in &tail.rows { (row(it, frame.now)) } }
        }
        template #row { (blank()) }
        @if let Some(before) = tail.before {
            p { a.button.slim href={ "/decisions?" (filter.query(Some(before))) } { "Further back" } }
        }
    }
}

fn row(row: &Row, now: Timestamp) -> Markup {
    let (word, tone) = row.word();
    html! {
        li id={ "d-" (row.id) } {
            a.row href={ "/decisions/" (row.id) } {
                span data-field="word" class={ "badge " (tone) } { (word) }
                span.what {
                    span.mono { (line(&row.what)) } " "
                    @if let Some(reason) = row.why() { span.why { (reason) } }
                }
                span.when { (time(row.at, now)) }
                span.by { (line(&row.by())) }
            }
        }
    }
}

/// What the script fills in.
fn blank() -> Markup {
    html! {
        li {
            a.row href="/decisions" {
                span.badge data-field="word" {}
                span.what { bdi.mono data-field="what" {} " " span.why data-field="why" {} }
                span.when { time data-field="when" {} }
                bdi.by data-field="by" {}
            }
        }
    }
}

fn form(filter: &Filter) -> Markup {
    let written = &filter.written;
    html! {
        form.filters method="get" action="/decisions" role="search" aria-label="Filter decisions" {
            div.field {
                label for="decision" { "Decision" }
                select #decision name="decision" {
                    @for (value, name) in [("", "Any"), ("allow", "Allowed"), ("hold", "Held"), ("deny", "Denied")] {
                        option value=(value) selected[value == written.decision] { (name) }
                    }
                }
            }
            div.field {
                label for="reason" { "Reason" }
                select #reason name="reason" {
                    option value="" { "Any" }
                    @for reason in Reason::ALL {
                        option value=(reason) selected[reason.code() == written.reason] { (reason) }
                    }
                }
            }
            div.field {
                label for="agent" { "Agent" }
                input #agent name="agent" value=(written.agent) placeholder="*" autocomplete="off"
                    autocapitalize="none" spellcheck="false";
            }
            div.field {
                label for="tool" { "Tool" }
                input #tool name="tool" value=(written.tool) placeholder="server:tool" autocomplete="off"
                    autocapitalize="none" spellcheck="false";
            }
            button.button type="submit" { "Filter" }
        }
    }
}
