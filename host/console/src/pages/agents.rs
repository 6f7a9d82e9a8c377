//! Agents that were seen lately.

use maud::{Markup, html};

use super::Frame;
use super::frame::{empty, head};
use super::text::line;
use super::time::time;
use crate::record::Activity;

pub(crate) fn agents(frame: &Frame<'_>, activity: &Activity) -> Markup {
    let about = html! {
        "Who called lately: the last " (activity.looked_at) " entries of the record"
        @if let Some(since) = activity.since { ", since " (time(since, frame.now)) } "."
    };
    let mut agents: Vec<_> = activity.agents.iter().collect();
    agents.sort_by_key(|(_, agent)| std::cmp::Reverse(agent.seen));
    frame.page(&html! {
        (head("Agents", &about))
        @if agents.is_empty() {
            (empty("No agent was here", &html! {
                "Give one a credential with " code { "gatewright credential issue" }
                ", and point it at the gate."
            }))
        } @else {
            section.card.flush aria-label="Agents" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Agent" }
                            th scope="col" { "Last seen" }
                            th.number scope="col" { "Allowed" }
                            th.number scope="col" { "Held" }
                            th.number scope="col" { "Denied" }
                        }
                    }
                    tbody {
                        @for ((issuer, name), agent) in agents {
                            @let query = form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>();
                            tr {
                                td {
                                    a href={ "/decisions?agent=" (query) } { (line(name)) }
                                    @if let Some(principal) = &agent.principal { " for " (line(principal)) }
                                    p.small.soft { "vouched for by " (line(issuer)) }
                                }
                                td { (time(agent.seen, frame.now)) }
                                td.number data-name="allowed" { (agent.allowed) }
                                td.number data-name="held" { (agent.held) }
                                td.number data-name="denied" { (agent.denied) }
                            }
                        }
                    }
                }
            }
        }
    })
}
