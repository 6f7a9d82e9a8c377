//! One held call: exactly what will run, who asks, why, and the two buttons.

use std::time::Duration;

use gatewright_policy::{HeldAsk, counted};
use maud::{Markup, html};

use super::Frame;
use super::approvals::{badge, what};
use super::text::{block, line};
use super::time::time;
use crate::approvals::{Approval, Choice, Stand, Voted};

/// Most of the text that is shown: more than it ever is.
const TEXT_MAX: usize = 256 << 10;

pub(crate) fn approval(frame: &Frame<'_>, approval: &Approval, may: bool) -> Markup {
    let title = approval.asks.first().map(|asked| asked.ask.title.as_str());
    let title = title
        .filter(|title| !title.is_empty())
        .unwrap_or("A call waits");
    frame.page(&html! {
        div.head {
            p.small { a href="/approvals" { "Approvals" } }
            h1 { (line(title)) }
            p { (badge(approval.stand)) " " span.soft { (ends(frame, approval)) } }
        }
        @if !approval.allowed {
            div.notice.bad {
                strong { "Approving does not make this call." }
                p { "No policy allows it; one only asks about it. Bind a policy that allows it." }
            }
        }
        section.card aria-labelledby="runs" {
            h2 #runs { "Exactly what will run" }
            pre.exact tabindex="0" { (block(&approval.text, TEXT_MAX)) }
            p.small.soft {
                "What you sign is this text and the call behind it, byte for byte: "
                span.digest { (approval.shown) }
            }
        }
        section.card aria-labelledby="who" {
            h2 #who { "Who asks" }
            dl.facts {
                dt { "Agent" } dd { (line(&approval.agent)) }
                @if let Some(principal) = &approval.principal {
                    dt { "For" } dd { (line(principal)) }
                }
                @if !approval.delegation.is_empty() {
                    dt { "Through" }
                    dd { @for agent in &approval.delegation { (line(agent)) " " } }
                }
                dt { "Vouched for by" } dd { (line(&approval.issuer)) }
                dt { "Calls" } dd.mono { (line(&what(approval))) }
                dt { "Asked" } dd { (time(approval.received_at, frame.now)) }
            }
        }
        section.card aria-labelledby="why" {
            h2 #why { "Why a person must look" }
            @for asked in &approval.asks { (ask(asked)) }
        }
        @if !approval.votes.is_empty() {
            section.card aria-labelledby="said" {
                h2 #said { "Decided so far" }
                ul.cards { @for vote in &approval.votes { (voted(frame, vote)) } }
            }
        }
        @if approval.stand == Stand::Requested { (decide(frame, approval, may)) }
        p.small { a href={ "/decisions/" (approval.id) } { "What the record says about this call" } }
    })
}

fn ends(frame: &Frame<'_>, approval: &Approval) -> Markup {
    match approval.stand {
        Stand::Requested => html! {
            "Who does not decide does not approve: it ends " (time(approval.decide_by, frame.now)) "."
        },
        Stand::Granted { use_by } => html! {
            "The same call goes through once, until " (time(use_by, frame.now)) "."
        },
        Stand::Rejected => html! { "The call is not made." },
        Stand::Expired => html! { "Its time is over. The call is not made." },
        Stand::Used => html! { "The call went ahead." },
        Stand::Void => html! { "Something changed since people agreed. The call is not made." },
    }
}

fn ask(asked: &HeldAsk) -> Markup {
    let ask = &asked.ask;
    html! {
        dl.facts {
            dt { "Policy" } dd { (line(&asked.binding)) }
            @if !ask.reason.is_empty() { dt { "Says" } dd { (line(&ask.reason)) } }
            dt { "Needs" }
            dd {
                (ask.quorum) @if ask.quorum == 1 { " person" } @else { " different people" }
                @if ask.roles.is_empty() { ", anybody who may approve" } @else {
                    " with the role "
                    @for (place, role) in ask.roles.iter().enumerate() {
                        @if place > 0 { " or " }
                        (line(role))
                    }
                }
                @if ask.exclude_requester { "; not whom the call is made for" }
            }
            dt { "Then" }
            dd { "it may be made once, within " (length(ask.use_within_seconds)) }
        }
    }
}

fn length(seconds: u32) -> String {
    let minutes = Duration::from_secs(u64::from(seconds)).as_secs() / 60;
    match (seconds, minutes) {
        (0..120, _) => counted(seconds, "second"),
        (_, 0..120) => counted(minutes, "minute"),
        _ => counted(minutes / 60, "hour"),
    }
}

fn voted(frame: &Frame<'_>, vote: &Voted) -> Markup {
    let (tone, word) = match vote.choice {
        Choice::Approve => ("good", "Approved"),
        Choice::Reject => ("bad", "Rejected"),
    };
    html! {
        li {
            span class={ "badge " (tone) } { (word) } " by " (line(&vote.by)) " "
            span.soft { (time(vote.at, frame.now)) }
            @if !vote.reason.is_empty() { p { (line(&vote.reason)) } }
        }
    }
}

fn decide(frame: &Frame<'_>, approval: &Approval, may: bool) -> Markup {
    let name = frame.visitor().map(|visitor| &visitor.account.name);
    let has_voted = approval.votes.iter().any(|vote| Some(&vote.by) == name);
    if has_voted {
        return html! { p.notice { "You decided. It waits for other people." } };
    }
    if !may {
        return html! {
            p.notice { "Your account may look, and not decide. Whoever operates the console can change that." }
        };
    }
    if frame
        .visitor()
        .is_some_and(|visitor| visitor.account.passkeys.is_empty())
    {
        return html! {
            p.notice { "You decide by signing. " a href="/passkey" { "Make the passkey that you sign with" } "." }
        };
    }
    html! {
        section.card aria-labelledby="decide" {
            h2 #decide { "Your decision" }
            form.cards data-passkey="decide" data-path={ "/approvals/" (approval.id) } method="post" {
                input type="hidden" name="shown" value=(approval.shown);
                div.field {
                    label for="reason" { "Why (the record keeps it)" }
                    input #reason name="reason" maxlength="400" autocomplete="off";
                }
                div.buttons {
                    button.button.first type="submit" name="choice" value="approve" disabled {
                        "Approve"
                    }
                    button.button.no type="submit" name="choice" value="reject" disabled { "Reject" }
                }
                p.small.soft { "Both ask for your passkey." }
                p.said role="status" {}
                p hidden data-next { a.button href="/approvals" { "Back to approvals" } }
                noscript { p.notice { "Deciding needs a passkey, and passkeys need JavaScript." } }
            }
        }
    }
}

/// A call that does not wait, or not for this person.
pub(crate) fn gone(frame: &Frame<'_>, recorded: Option<&str>) -> Markup {
    frame.page(&html! {
        div.head {
            p.small { a href="/approvals" { "Approvals" } }
            h1 { "This call does not wait for you" }
            p.soft {
                "It was used, or its time is over, or it asks for a role that you do not have."
            }
        }
        @if let Some(id) = recorded {
            p { a href={ "/decisions/" (id) } { "What the record says about this call" } }
        }
    })
}
