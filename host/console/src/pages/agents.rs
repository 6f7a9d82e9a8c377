//! Agents that are registered or were seen.

use gatewright_engine::agents::{Listed, Listing, Selection};
use gatewright_policy::agent::AgentState;
use maud::{Markup, html};

use super::Frame;
use super::frame::{empty, head};
use super::text::line;
use super::time::time;
use crate::agent_path::agent_path;

pub(crate) fn agents(frame: &Frame<'_>, selection: &Selection, listing: &Listing) -> Markup {
    let about = html! { "Who is registered, or called since the record that is at hand begins." };
    let is_filtered =
        selection.id.is_some() || selection.owner.is_some() || selection.issuer.is_some();
    frame.page(&html! {
        (head("Agents", &about))
        @if listing.count > 0 || is_filtered { (form(selection)) }
        @if listing.agents.is_empty() {
            @if is_filtered {
                (empty("No agent is like this", &html! { "Names are looked for whole. " a href="/agents" { "All agents" } }))
            } @else {
                (empty("No agent was here", &html! {
                    "Give one a credential with " code { "gatewright credential issue" }
                    ", and point it at the gate."
                }))
            }
        } @else {
            section.card.flush aria-label="Agents" { (table(frame, listing)) }
        }
        @let next = selection.offset.saturating_add(listing.agents.len());
        @if next < listing.count && !listing.agents.is_empty() {
            p { a.button.slim href={ "/agents?" (query(selection, next)) } { "More" } }
        }
    })
}

fn table(frame: &Frame<'_>, listing: &Listing) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Agent" }
                    th scope="col" { "State" }
                    th scope="col" { "Owner" }
                    th scope="col" { "Last seen" }
                    th.number scope="col" { "Went ahead" }
                    th.number scope="col" { "Refused or held" }
                }
            }
            tbody {
                @for listed in &listing.agents {
                    tr {
                        td {
                            a href=(agent_path(&listed.agent)) { (line(&listed.agent.id)) }
                            p.small.soft { "vouched for by " (line(&listed.agent.issuer)) }
                        }
                        td { (state(listed)) }
                        td data-name="owner" {
                            @match &listed.owner {
                                Some(owner) => { (line(owner)) }
                                None => { span.soft { "nobody" } }
                            }
                        }
                        td data-name="seen" {
                            @match listed.last_seen {
                                Some(at) => { (time(at, frame.now)) }
                                None => { span.soft { "not yet" } }
                            }
                        }
                        td.number data-name="went ahead" { (listed.allowed) }
                        td.number data-name="refused or held" { (listed.refused) }
                    }
                }
            }
        }
    }
}

/// Whether an agent may go on.
pub(super) fn state(listed: &Listed) -> Markup {
    let tone = match listed.state {
        AgentState::Active => "good",
        AgentState::Suspended => "wait",
        AgentState::Decommissioned => "bad",
    };
    html! {
        span class={ "badge " (tone) } { (listed.state.as_str()) }
        @if let Some(stopped) = listed.stopped && stopped != "agent" {
            p.small.soft { "by its " (stopped) }
        }
    }
}

fn query(selection: &Selection, offset: usize) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let given = [
        ("id", &selection.id),
        ("owner", &selection.owner),
        ("issuer", &selection.issuer),
    ];
    for (name, value) in given {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    query.append_pair("offset", &offset.to_string());
    query.finish()
}

fn form(selection: &Selection) -> Markup {
    let fields = [
        ("id", "Agent", &selection.id),
        ("owner", "Owner", &selection.owner),
        ("issuer", "Issuer", &selection.issuer),
    ];
    html! {
        form.filters.some method="get" action="/agents" role="search" aria-label="Find agents" {
            @for (name, label, value) in fields {
                div.field {
                    label for=(name) { (label) }
                    input id=(name) name=(name) value=(value.as_deref().unwrap_or_default()) autocomplete="off"
                        autocapitalize="none" spellcheck="false";
                }
            }
            button.button type="submit" { "Find" }
        }
    }
}
