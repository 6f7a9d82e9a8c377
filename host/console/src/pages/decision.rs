//! One decision, explained: who asked what, which policies said what, what came of it.

use gatewright_policy::record::{
    ApprovalUse, Caller, Completed, Decided, UseOfApproval, shortened,
};
use gatewright_policy::{DecisionKind, Hints, Timestamp};
use maud::{Markup, html};

use super::Frame;
use super::opinion::opinions;
use super::text::line;
use super::time::time;
use crate::record::{Found, Row, tool_of};

pub(crate) fn decision(frame: &Frame<'_>, found: &Found) -> Markup {
    let decided = &*found.decided;
    let mut row = Row::of(found.sequence, found.at, decided);
    if let Some((_, _, completed)) = &found.completed {
        row.ends(completed);
    }
    let (word, tone) = row.word();
    frame.page(&html! {
        div.head {
            p.small { a href="/decisions" { "Decisions" } }
            h1.mono { (line(&tool_of(decided))) }
            p {
                span class={ "badge " (tone) } { (word) } " "
                span.soft { (time(found.at, frame.now)) }
            }
        }
        (outcome(decided))
        section.card aria-labelledby="what" {
            h2 #what { "What was asked" }
            (what(decided))
        }
        @if let Some(caller) = &decided.caller {
            section.card aria-labelledby="who" { h2 #who { "Who asked" } (who(frame, caller)) }
        }
        (said(decided))
        @if let Some(used) = &decided.approval {
            section.card aria-labelledby="approval" { h2 #approval { "What people agreed to" } (approval(frame, used)) }
        }
        @if let Some((sequence, at, completed)) = &found.completed {
            (ended(frame, *sequence, *at, completed))
        }
        section.card aria-labelledby="record" {
            h2 #record { "In the record" }
            (place(found))
            @if decided.kept.is_some() {
                p.soft { "Judged again, with everything that the policies saw then:" }
                code.command { "gatewright replay --id " (line(&decided.id)) }
            } @else if decided.judged {
                p.soft {
                    "It is not kept in full (" code { "[audit.payloads]" } "), so it cannot be judged again."
                }
            }
            p.soft { "The same on the command line, with everything that the entry holds:" }
            code.command { "gatewright log --format json --id " (line(&decided.id)) }
        }
    })
}

/// One sentence that says what became of it.
fn outcome(decided: &Decided) -> Markup {
    let (tone, text) = match (decided.decision, decided.judged) {
        (DecisionKind::Allow, true) if decided.approval.is_some() => {
            ("good", "A policy asked for a person, and people agreed.")
        }
        (DecisionKind::Allow, true) => ("good", "Policies allowed it, and nobody objected."),
        (DecisionKind::Allow, false) => ("good", "It needs no policy: the credential is enough."),
        (DecisionKind::Hold, _) => (
            "",
            "A policy asked for a person. Nothing went to the tool server.",
        ),
        (DecisionKind::Deny, true) => ("bad", "It was refused. Nothing went to the tool server."),
        (DecisionKind::Deny, false) => (
            "bad",
            "It was refused before any policy was asked. Nothing went to the tool server.",
        ),
    };
    html! {
        div class={ "notice " (tone) } {
            p {
                strong { (text) }
                @if let Some(reason) = decided.reason { " " code { (reason) } }
            }
            @if !decided.message.is_empty() { p { (said_or_digest(&decided.message)) } }
            @if decided.allowed_once_approved == Some(false) {
                p { "No policy allows it: it does not go ahead once people agree either." }
            }
            @if decided.decision == DecisionKind::Hold {
                p { a href={ "/approvals/" (decided.id) } { "Where its approval stands" } }
            }
        }
    }
}

fn what(decided: &Decided) -> Markup {
    html! {
        dl.facts {
            dt { "Method" }
            @if decided.method.is_empty() { dd.soft { "none was read" } } @else {
                dd.mono { (line(&decided.method)) }
            }
            dt { "Server" } dd { (line(&decided.server)) }
            @if !decided.name.is_empty() { dt { "Names" } dd.mono { (said_or_digest(&decided.name)) } }
            @if !decided.hints.are_none() { dt { "Pinned as" } dd { (hints(decided.hints)) } }
            @if let Some(arguments) = decided.arguments {
                dt { "Arguments" }
                dd { span.digest { (arguments) } p.small.soft { "A digest: the record does not keep arguments in clear." } }
            }
            @if let Some(action) = decided.action {
                dt { "Exactly this" } dd { span.digest { (action.0) } }
            }
            @for part in &decided.parts {
                dt { "Together with" }
                dd {
                    span.mono { (said_or_digest(&part.name)) } " "
                    span.soft { "alone: " (part.alone) }
                }
            }
        }
    }
}

fn hints(hints: Hints) -> String {
    let words = [
        (hints.read_only, "read-only"),
        (hints.destructive, "destructive"),
        (hints.idempotent, "idempotent"),
        (hints.open_world, "open world"),
        (hints.untrusted, "untrusted"),
        (hints.sensitive, "sensitive"),
    ];
    let words = words.iter().filter(|(is, _)| *is).map(|(_, word)| *word);
    words.collect::<Vec<_>>().join(", ")
}

fn who(frame: &Frame<'_>, caller: &Caller) -> Markup {
    html! {
        dl.facts {
            dt { "Agent" } dd { (line(&caller.agent)) }
            @if let Some(principal) = &caller.principal { dt { "For" } dd { (line(principal)) } }
            @if !caller.delegation.is_empty() {
                dt { "Through" } dd { @for agent in &caller.delegation { (line(agent)) " " } }
            }
            dt { "Vouched for by" } dd { (line(&caller.issuer)) }
            @if !caller.scopes.is_empty() {
                dt { "May use" } dd.mono { @for scope in &caller.scopes { (line(scope)) " " } }
            }
            dt { "Credential" }
            dd { span.digest { (caller.credential) } p.small.soft { "ends " (time(caller.expires_at, frame.now)) } }
            dt { "Session" } dd.mono { (line(&caller.session)) }
        }
    }
}

fn said(decided: &Decided) -> Markup {
    html! {
        @if !decided.opinions.is_empty() {
            section.card.flush aria-label="What policies said" { (opinions(&decided.opinions)) }
        }
        @for part in decided.parts.iter().filter(|part| !part.opinions.is_empty()) {
            section.card.flush aria-label="What policies said about another part" { (opinions(&part.opinions)) }
        }
        @if let Some(flip) = &decided.flip {
            p.notice { "A candidate would decide otherwise: " (line(&flip.stable)) " → " (line(&flip.candidate)) }
        }
    }
}

fn ended(frame: &Frame<'_>, sequence: u64, at: Timestamp, completed: &Completed) -> Markup {
    html! {
        section.card aria-labelledby="ended" {
            h2 #ended { "How it ended" }
            dl.facts {
                dt { "Outcome" }
                dd {
                    (completed.outcome.as_str())
                    @if let Some(reason) = completed.reason { " " code { (reason) } }
                }
                @if !completed.message.is_empty() { dt { "Detail" } dd { (said_or_digest(&completed.message)) } }
                dt { "When" } dd { (time(at, frame.now)) }
                @if let Some(result) = completed.result {
                    dt { "Result" } dd { span.digest { (result) } }
                }
                @if completed.changed { dt { "Changed" } dd { "by a policy, before the agent got it" } }
                dt { "Entry" } dd.number { (sequence) }
            }
        }
        @if !completed.opinions.is_empty() {
            section.card.flush aria-label="What reviewers said" { (opinions(&completed.opinions)) }
        }
    }
}

/// The request for approval that it goes by.
fn approval(frame: &Frame<'_>, used: &UseOfApproval) -> Markup {
    let what = match used.what {
        ApprovalUse::Joined => "It waits with the same call, which people are asked about already.",
        ApprovalUse::Consumed => {
            "It went ahead with what they agreed to, which is used up by that."
        }
        ApprovalUse::Rejected => "Somebody said no to exactly this call.",
        ApprovalUse::Void => {
            "What they agreed to does not count any more: more is asked, or it may not be."
        }
        ApprovalUse::OutcomeGiven => {
            "It went ahead before. It was not made again, and what came of it was given again."
        }
        ApprovalUse::OutcomeNotGiven => {
            "It went ahead before, at most once, and was not made again. What came of it is not known, or not kept."
        }
    };
    html! {
        p { (what) }
        dl.facts {
            @if !used.approvers.is_empty() {
                dt { "Agreed" } dd { @for name in &used.approvers { (line(name)) " " } }
            }
            @if let Some(made_by) = &used.made_by {
                dt { "Made by" } dd { a.mono href={ "/decisions/" (made_by) } { (line(made_by)) } }
            }
            @if let Some(until) = used.outcome_until {
                dt { "Its outcome" } dd { "is given again to the same call, until " (time(until, frame.now)) }
            }
            dt { "Asked with" } dd { a.mono href={ "/decisions/" (used.held) } { (line(&used.held)) } }
        }
    }
}

fn place(found: &Found) -> Markup {
    let decided = &*found.decided;
    html! {
        dl.facts {
            dt { "Id" } dd.mono { (line(&decided.id)) }
            dt { "Entry" } dd.number { (found.sequence) ", " (found.at) }
            dt { "Generation" } dd.number { (decided.generation) }
            dt { "Policies" } dd { span.digest { (decided.policies) } }
        }
    }
}

/// Words of the gate, or the digest that stands for those of somebody else.
fn said_or_digest(text: &str) -> Markup {
    line(&shortened(text))
}
