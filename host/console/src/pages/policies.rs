//! Which policies are in force, and what went wrong with others.

use gatewright_engine::Status;
use gatewright_engine::status::{PackStatus, PacksStatus};
use gatewright_policy::{Authority, Power};
use maud::{Markup, html};

use super::Frame;
use super::frame::{empty, head};
use super::text::{block, line};
use super::time::time;
use crate::accounts::Right;
use crate::operations::{NotDone, PackSet};

/// Longest error that is shown.
const ERROR_MAX: usize = 4000;

pub(crate) fn policies(
    frame: &Frame<'_>,
    status: &Status,
    sets: &Result<Vec<PackSet>, NotDone>,
) -> Markup {
    let about = html! { "What judges calls now. Changes of the configuration come in force as a whole, or not at all." };
    frame.page(&html! {
        (head("Policies", &about))
        @if let Some(error) = &status.reload_error {
            div.notice.bad role="alert" {
                strong { "The configuration on disk is not in force" }
                p.soft { "since " (time(error.since, frame.now)) "; what is below stays." }
                pre { (block(&error.error, ERROR_MAX)) }
            }
        }
        @if let Some(building) = &status.building {
            p.notice { "A new state is being built, since " (time(building.since, frame.now)) "." }
        }
        section.card aria-labelledby="now" {
            h2 #now { "In force" }
            dl.facts {
                dt { "Generation" }
                dd {
                    span.number { (status.generation) }
                    @if let Some(at) = status.activated_at { " " span.soft { (time(at, frame.now)) } }
                }
                dt { "Policies" } dd { span.digest { (status.policies) } }
            }
        }
        @if status.bindings.is_empty() {
            (empty("No policy is bound", &html! {
                "Every call is refused until a policy allows it. Add a " code { "[[binding]]" }
                " to the configuration; " code { "gatewright check" } " says what is missing."
            }))
        } @else {
            section.card.flush aria-label="Bindings" { (bindings(status)) }
        }
        @if let Some(it) = &status.packs {
            (packs(frame, it))
            (roll_back(frame, it, sets))
        }
    })
}

fn bindings(status: &Status) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Binding" }
                    th scope="col" { "Counts for" }
                    th scope="col" { "May" }
                    th scope="col" { "Component" }
                }
            }
            tbody {
                @for binding in &status.bindings {
                    tr {
                        td {
                            strong { (line(&binding.name)) } " " span.soft { (binding.world) }
                        }
                        td { (line(&binding.rollout)) }
                        td {
                            (line(&words(binding.authority)))
                            @if !binding.not_granted.is_none() {
                                p.small { "not granted: " (line(&words(binding.not_granted))) }
                            }
                        }
                        td data-name="component" {
                            span.digest title=(binding.component) { (binding.component.short()) }
                        }
                    }
                }
            }
        }
    }
}

fn words(authority: Authority) -> String {
    let granted = Power::ALL
        .into_iter()
        .filter(|power| authority.grants(*power));
    granted.map(Power::name).collect::<Vec<_>>().join(", ")
}

fn packs(frame: &Frame<'_>, packs: &PacksStatus) -> Markup {
    let revision = |it: Option<u64>| it.map_or("none".to_owned(), |it| it.to_string());
    html! {
        section.card aria-labelledby="packs" {
            h2 #packs { "Packs" }
            dl.facts {
                dt { "Wanted" }
                dd { "set " (packs.wanted) " by " (line(&packs.by)) " " span.soft { (line(&packs.at)) } }
                dt { "In force" } dd { "set " (revision(packs.active)) }
                dt { "Last good" } dd { "set " (revision(packs.last_good)) }
            }
            @if let Some(refused) = &packs.refused {
                p.notice.bad { (line(&refused.name)) " of set " (refused.set) " did not hold its own cases." }
            }
            @for it in &packs.set { (pack(frame, it)) }
        }
    }
}

/// Sets that one can go back to.
fn roll_back(
    frame: &Frame<'_>,
    packs: &PacksStatus,
    sets: &Result<Vec<PackSet>, NotDone>,
) -> Markup {
    let operates = frame
        .visitor()
        .is_some_and(|visitor| visitor.account.may(Right::Operate));
    html! {
        section.card aria-labelledby="back" {
            h2 #back { "Go back" }
            @match sets {
                Err(error) => p.said.bad { (line(&error.to_string())) },
                Ok(sets) if sets.is_empty() => p.soft { "No other set of packs was wanted before." },
                Ok(sets) => {
                    p.soft {
                        "Every pack is verified again first. A set that was wanted before is in force within moments, and so is the way forward again."
                        @if !operates { " Whoever may operate does it here, or with " code { "gatewright pack rollback" } "." }
                    }
                    ul.rows { @for set in sets { (earlier(frame, packs, set, operates)) } }
                }
            }
        }
    }
}

fn earlier(frame: &Frame<'_>, packs: &PacksStatus, set: &PackSet, operates: bool) -> Markup {
    html! {
        li.set {
            p { strong { "set " (set.revision) } " by " (line(&set.by)) " " span.soft { (line(&set.at)) } }
            p.small.soft {
                @for (name, digest) in &set.packs { (line(name)) " " span.digest title=(digest) { (digest.short()) } " " }
            }
            @if operates {
                details {
                    summary { "Go back to set " (set.revision) }
                    form method="post" action="/policies/rollback" {
                        (frame.form_token())
                        input type="hidden" name="from" value=(packs.wanted);
                        input type="hidden" name="to" value=(set.revision);
                        button.button.slim.no type="submit" { "Want set " (set.revision) " in place of set " (packs.wanted) }
                    }
                }
            }
        }
    }
}

fn pack(frame: &Frame<'_>, pack: &PackStatus) -> Markup {
    html! {
        h3 { (line(&pack.name)) }
        dl.facts {
            @for (name, it) in [("In force", &pack.active), ("Candidate", &pack.candidate)] {
                @if let Some(it) = it {
                    dt { (name) }
                    dd {
                        (line(&it.revision)) ", version " (it.version) ", of " (line(&it.publisher))
                        @if let Some(share) = it.candidate { ", for " (share) " of the agents" }
                        p { span.digest title=(it.pack) { (it.pack.short()) } }
                    }
                }
            }
            @if let Some(follows) = &pack.follows {
                dt { "Follows" }
                dd {
                    (line(&follows.track)) " of " (line(&follows.from))
                    @if let Some(error) = &follows.error { p.said.bad { (line(error)) } }
                }
            }
            @if let Some(expires) = pack.expires {
                dt { @if pack.expired { "Expired" } @else { "Expires" } }
                dd { (time(expires, frame.now)) }
            }
        }
    }
}
