//! Whether the gate is well.

use gatewright_engine::Status;
use gatewright_policy::counted;
use maud::{Markup, html};

use super::Frame;
use super::frame::head;
use super::text::{block, line};
use super::time::time;
use crate::gate::GateView;
use crate::record::{Activity, RecordError};

/// Longest error that is shown.
const ERROR_MAX: usize = 4000;

pub(crate) fn health(
    frame: &Frame<'_>,
    gate: &GateView,
    activity: &Result<Activity, RecordError>,
) -> Markup {
    let status = &gate.status;
    let is_well = status.ready && status.ledger_healthy && status.unrecorded == 0;
    let about = match is_well {
        true => html! { "The gate decides, and records what it decides." },
        false => html! { "Something needs somebody." },
    };
    frame.page(&html! {
        (head("Health", &about))
        (troubles(frame, status))
        section.card aria-labelledby="record" { h2 #record { "Record" } (record(status, activity)) }
        section.card.flush aria-label="Tool servers" { (servers(frame, gate, activity)) }
        @if !status.issuer_keys.is_empty() {
            section.card.flush aria-label="Issuers" { (issuers(frame, status)) }
        }
        @if status.packs.as_ref().is_some_and(|packs| packs.set.iter().any(|it| it.follows.is_some())) {
            section.card.flush aria-label="Registries" { (registries(frame, status)) }
        }
    })
}

fn troubles(frame: &Frame<'_>, status: &Status) -> Markup {
    html! {
        @if !status.ready {
            div.notice.bad role="alert" {
                strong { "There are no policies yet: every call is refused." }
                p { a href="/policies" { "Policies" } }
            }
        }
        @if !status.ledger_healthy {
            div.notice.bad role="alert" {
                strong { "Decisions cannot be recorded: every call that needs a record is refused." }
                @if let Some(error) = &status.ledger_error { pre { (block(error, ERROR_MAX)) } }
            }
        }
        @if status.unrecorded > 0 {
            p.notice.bad { "Refusals and outcomes since the start that are not in the record: " (status.unrecorded) "." }
        }
        @if let Some(behind) = status.clock_behind_seconds {
            p.notice.bad { "The clock is " (counted(behind, "second")) " behind the record: time stands still until it has caught up." }
        }
        @if let Some(error) = &status.reload_error {
            p.notice.bad {
                "The configuration on disk is not in force since " (time(error.since, frame.now)) ". "
                a href="/policies" { "Why" }
            }
        }
    }
}

fn record(status: &Status, activity: &Result<Activity, RecordError>) -> Markup {
    html! {
        dl.facts {
            dt { "State" }
            dd {
                @match status.ledger_healthy {
                    true => { span.badge.good { "written" } }
                    false => { span.badge.bad { "not written" } }
                }
                @if let Err(error) = activity { p.said.bad { (line(&error.to_string())) } }
            }
            @if let Some(memory) = &status.memory { dt { "Kept in" } dd { (line(memory)) } }
            @if let Some(segment) = &status.segment {
                dt { "Newest file" }
                dd.number { "entries from " (segment.first_sequence) ", " (counted(segment.bytes, "byte")) }
                @if let Some(error) = &segment.rotate_error {
                    dt { "Last rotation" } dd.said.bad { (line(error)) }
                }
            }
            @if let Some(error) = status.segment.as_ref().and_then(|it| it.held_error.as_ref()) {
                dt { "Held calls" } dd.said.bad { (line(error)) }
            }
            @if let Some(segment) = &status.segment {
                dt { "Signed" }
                dd.number {
                    "up to entry " (segment.signed)
                    @if let Some(error) = &segment.tree_error { p.said.bad { (line(error)) } }
                }
            }
            dt { "Pinned tools" }
            dd {
                span.number { (status.tools.pinned) }
                @if status.tools.changed > 0 {
                    p.said.bad {
                        (status.tools.changed) " are not as they were pinned: "
                        @for name in &status.tools.changed_names { (line(name)) " " }
                    }
                }
            }
            dt { "Generation" } dd.number { (status.generation) }
        }
    }
}

/// Issuers whose keys are fetched. Those that the configuration has cannot be out of reach.
fn issuers(frame: &Frame<'_>, status: &Status) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Issuer" }
                    th scope="col" { "Keys" }
                    th scope="col" { "Seen" }
                    th scope="col" { "Believed until" }
                }
            }
            tbody {
                @for it in &status.issuer_keys {
                    tr {
                        td { strong { (line(&it.issuer)) } @if let Some(error) = &it.error { p.said.bad { (line(error)) } } }
                        td data-name="keys" {
                            span class={ "badge " (if it.state == "good" { "good" } else { "bad" }) } { (it.state) }
                            " " span.number { (it.keys) }
                        }
                        td data-name="seen" {
                            @match it.seen_at { Some(at) => { (time(at, frame.now)) } None => { span.soft { "never" } } }
                        }
                        td data-name="until" {
                            @match it.until { Some(at) => { (time(at, frame.now)) } None => { span.soft { "none are" } } }
                        }
                    }
                }
            }
        }
    }
}

/// Repositories that packs are followed from.
fn registries(frame: &Frame<'_>, status: &Status) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Pack" }
                    th scope="col" { "Followed from" }
                    th scope="col" { "Looked at" }
                    th scope="col" { "Last look" }
                }
            }
            tbody {
                @for pack in status.packs.iter().flat_map(|packs| &packs.set) {
                    @if let Some(follows) = &pack.follows {
                        tr {
                            td { strong { (line(&pack.name)) } }
                            td { span.mono { (line(&follows.from)) } p.small.soft { (line(&follows.track)) } }
                            td data-name="looked at" {
                                @match follows.looked_at { Some(at) => { (time(at, frame.now)) } None => { span.soft { "not yet" } } }
                            }
                            td {
                                @match &follows.error {
                                    Some(error) => { p.said.bad { (line(error)) } }
                                    None => { span.badge.good { "good" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn servers(frame: &Frame<'_>, gate: &GateView, activity: &Result<Activity, RecordError>) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Tool server" }
                    th scope="col" { "Reached" }
                    th scope="col" { "Answered last" }
                    th scope="col" { "Failed last" }
                }
            }
            tbody {
                @if gate.servers.is_empty() {
                    tr { td colspan="4" { "None. Add a " code { "[[server]]" } " to the configuration." } }
                }
                @for server in &gate.servers {
                    @let seen = activity.as_ref().ok().and_then(|it| it.servers.get(&server.name));
                    tr {
                        td { strong { (line(&server.name)) } }
                        td.mono { (line(&server.reached)) }
                        td data-name="answered" {
                            @match seen.and_then(|it| it.answered) {
                                Some(at) => { (time(at, frame.now)) }
                                None => { span.soft { "not lately" } }
                            }
                        }
                        td data-name="failed" {
                            @match seen.and_then(|it| it.failed) {
                                Some((at, reason)) => { (time(at, frame.now)) " " code { (reason) } }
                                None => { span.soft { "not lately" } }
                            }
                        }
                    }
                }
            }
        }
    }
}
