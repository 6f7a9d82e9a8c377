//! The held calls.

use gatewright_policy::Timestamp;
use maud::{Markup, html};

use super::Frame;
use super::frame::{empty, head};
use super::text::line;
use super::time::time;
use crate::approvals::{Approval, Page, Stand};

pub(crate) fn approvals(frame: &Frame<'_>, waiting: &Page) -> Markup {
    let all = &waiting.approvals;
    let open = all.iter().filter(|it| it.stand == Stand::Requested).count();
    let about = match open {
        0 => html! { "Calls that a policy wants a person to look at." },
        1 => html! { "One call waits for a person." },
        count => html! { (count) " calls wait for a person, the oldest first." },
    };
    frame.page(&html! {
        div.bar {
            (head("Approvals", &about))
            a href="/approvals/history" { "History" }
        }
        p.notice.good hidden data-news="/approvals/news" role="status" {
            span { "Something changed. " a href="/approvals" { "Show it" } }
        }
        @if all.is_empty() {
            (empty("Nothing waits for you", &html! {
                "A call appears here when a policy answers " em { "ask" } ": bind tool-gate with a \
                 rule whose effect is " code { "ask" } " to see one. A call that asks for roles is \
                 shown to people who have one of them; your roles are on the page "
                a href="/accounts" { "Accounts" } "."
            }))
        } @else {
            section.card.flush aria-label="Calls that wait" {
                ul.rows { @for approval in all { (row(approval, frame.now)) } }
            }
        }
        @if let Some(next) = &waiting.next {
            @let query = form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>();
            p { a.button.slim href={ "/approvals?after=" (query) } { "More" } }
        }
    })
}

fn row(approval: &Approval, now: Timestamp) -> Markup {
    let title = approval.asks.iter().map(|asked| &asked.ask.title);
    let title = title.into_iter().find(|title| !title.is_empty());
    html! {
        li {
            a.row href={ "/approvals/" (approval.id) } {
                (badge(approval.stand))
                span.what {
                    (line(title.map_or("A call waits", String::as_str)))
                    " " span.why { (line(&what(approval))) }
                }
                span.when {
                    @if approval.stand == Stand::Requested { "ends " (time(approval.decide_by, now)) }
                }
                span.by {
                    (line(&approval.agent))
                    @if let Some(principal) = &approval.principal { " for " (line(principal)) }
                    ", asked " (time(approval.received_at, now))
                }
            }
        }
    }
}

/// What it would call.
pub(super) fn what(approval: &Approval) -> String {
    let names = approval.names.join(", ");
    match approval.method.as_str() {
        "tools/call" => format!("{}:{names}", approval.server),
        method => format!("{}:{names} {method}", approval.server),
    }
}

pub(super) fn badge(stand: Stand) -> Markup {
    let (tone, word) = match stand {
        Stand::Requested => ("wait", "Waiting"),
        Stand::Granted { .. } => ("good", "Approved"),
        Stand::Rejected => ("bad", "Rejected"),
        Stand::Expired => ("bad", "Too late"),
        Stand::Used => ("good", "Used"),
        Stand::Void => ("bad", "Void"),
    };
    html! { span class={ "badge " (tone) } { (word) } }
}
