//! One agent: what is said about it, what it was granted and used, and what stops it.

use gatewright_engine::agents::Listed;
use gatewright_policy::agent::AgentState;
use gatewright_policy::counted;
use maud::{Markup, html};

use super::Frame;
use super::agents::state;
use super::text::line;
use super::time::time;
use crate::accounts::Right;

pub(crate) fn agent(frame: &Frame<'_>, listed: &Listed) -> Markup {
    let operates = frame
        .visitor()
        .is_some_and(|visitor| visitor.account.may(Right::Operate));
    let calls = form_urlencoded::byte_serialize(listed.agent.id.as_bytes()).collect::<String>();
    frame.page(&html! {
        div.head {
            p.small { a href="/agents" { "Agents" } }
            h1.mono { (line(&listed.agent.id)) }
            p { (state(listed)) }
        }
        section.card aria-labelledby="said" {
            h2 #said { "What is said about it" }
            (said(frame, listed))
        }
        @if operates { (turns(frame, listed)) } @else {
            p.notice { "Whoever may operate stops it here, or lets it go on." }
        }
        section.card aria-labelledby="did" {
            h2 #did { "What it did" }
            (did(frame, listed))
            p { a href={ "/decisions?agent=" (calls) } { "Its calls" } }
        }
        @if !listed.used.is_empty() { section.card.flush aria-label="Tools that it used" { (used(frame, listed)) } }
    })
}

fn said(frame: &Frame<'_>, listed: &Listed) -> Markup {
    html! {
        dl.facts {
            dt { "Vouched for by" } dd { (line(&listed.agent.issuer)) }
            dt { "Owner" }
            dd {
                @match &listed.owner {
                    Some(owner) => { (line(owner)) }
                    None => { span.soft { "nobody answers for it" } }
                }
            }
            dt { "Registered" } dd { @if listed.registered { "yes" } @else { "no: it was seen" } }
            @if !listed.purpose.is_empty() { dt { "For" } dd { (line(&listed.purpose)) } }
            @if let Some(servers) = &listed.servers {
                dt { "May reach" } dd { @for server in servers { code { (line(server)) } " " } }
            }
            @if let Some(by) = &listed.by {
                dt { @match listed.stopped { Some(stopped) => { "Stopped (" (stopped) ")" } None => { "Said last" } } }
                dd {
                    (line(by))
                    @if let Some(since) = listed.since { ", " (time(since, frame.now)) }
                    @if let Some(why) = &listed.why { p { (line(why)) } }
                }
            }
        }
    }
}

fn turns(frame: &Frame<'_>, listed: &Listed) -> Markup {
    let (turn, verb, about) = match listed.state {
        AgentState::Active => (
            "suspend",
            "Suspend it",
            "From then on every call of it is refused, and its sessions end.",
        ),
        AgentState::Suspended => ("resume", "Let it go on", "Its credentials count again."),
        AgentState::Decommissioned => {
            return html! { p.notice.bad { "It was decommissioned, which is final." } };
        }
    };
    // What stops everything of an owner or an issuer is not undone for one agent.
    if let Some(stopped) = listed.stopped.filter(|stopped| *stopped != "agent") {
        return html! {
            p.notice {
                "Everything of its " (stopped) " is stopped. That ends with "
                code { "gatewright agents resume --" (stopped) } "."
            }
        };
    }
    html! {
        section.card aria-labelledby="turn" {
            h2 #turn { (verb) }
            p.soft { (about) " It is recorded, with your name and why." }
            form.cards method="post" action="/agents/turn" autocomplete="off" {
                (frame.form_token())
                input type="hidden" name="id" value=(listed.agent.id);
                input type="hidden" name="issuer" value=(listed.agent.issuer);
                input type="hidden" name="turn" value=(turn);
                div.field {
                    label for="why" { "Why" }
                    input #why name="why" required maxlength="500";
                }
                div.buttons {
                    @match turn {
                        "suspend" => { button.button.no type="submit" { (verb) } }
                        _resume => { button.button.first type="submit" { (verb) } }
                    }
                }
            }
        }
    }
}

fn did(frame: &Frame<'_>, listed: &Listed) -> Markup {
    html! {
        dl.facts {
            dt { "Seen" }
            dd {
                @match (listed.first_seen, listed.last_seen) {
                    (Some(first), Some(last)) => { "first " (time(first, frame.now)) ", last " (time(last, frame.now)) }
                    (_, _) => { span.soft { "not yet" } }
                }
            }
            dt { "Calls" } dd.number { (listed.allowed) " went ahead, " (listed.refused) " were refused or held" }
            @if !listed.granted.is_empty() {
                dt { "Granted" } dd.mono { @for scope in &listed.granted { (line(scope)) " " } }
            }
            @if !listed.never_used.is_empty() {
                dt { "Never used" } dd.mono { @for scope in &listed.never_used { (line(scope)) " " } }
            }
        }
    }
}

fn used(frame: &Frame<'_>, listed: &Listed) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Tool" }
                    th scope="col" { "Last used" }
                    th.number scope="col" { "Calls" }
                }
            }
            tbody {
                @for tool in &listed.used {
                    tr {
                        td.mono { (line(&format!("{}:{}", tool.server, tool.name))) }
                        td data-name="last" { (time(tool.last, frame.now)) }
                        td.number data-name="calls" { (tool.calls) }
                    }
                }
            }
        }
        @if listed.used_beyond > 0 { p.soft { (counted(listed.used_beyond, "call")) " of other tools" } }
    }
}
