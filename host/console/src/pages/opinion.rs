//! What a policy said about a call.

use gatewright_policy::record::{RecordedOpinion, shortened};
use gatewright_policy::{Mode, Obligation, Verdict, counted};
use maud::{Markup, html};

use super::text::line;

/// A table of what policies said.
pub(super) fn opinions(opinions: &[RecordedOpinion]) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Binding" }
                    th scope="col" { "Said" }
                    th scope="col" { "Because" }
                    th scope="col" { "Component" }
                    th.number scope="col" { "Fuel" }
                }
            }
            tbody { @for opinion in opinions { (row(opinion)) } }
        }
    }
}

fn row(opinion: &RecordedOpinion) -> Markup {
    html! {
        tr {
            td {
                strong { (line(&opinion.binding)) }
                @if opinion.mode == Mode::Observe { " " span.soft { "observed only" } }
            }
            td { (said(opinion)) }
            td { (because(opinion)) }
            td data-name="component" {
                span.digest title=(opinion.component) { (opinion.component.short()) }
            }
            td.number data-name="fuel" { (opinion.fuel) }
        }
    }
}

fn said(opinion: &RecordedOpinion) -> Markup {
    let (tone, word) = match (&opinion.fault, &opinion.verdict) {
        (Some(_), _) => ("bad", "fault"),
        (None, Some(Verdict::Allow)) => ("good", "allow"),
        (None, Some(Verdict::Deny(_))) => ("bad", "deny"),
        (None, Some(Verdict::Ask(_))) => ("wait", "ask"),
        (None, Some(Verdict::Abstain)) => ("", "abstain"),
        (None, None) if opinion.blocked => ("bad", "withheld"),
        (None, None) if opinion.edits > 0 => ("wait", "changed"),
        (None, None) => ("", "passed"),
    };
    html! { span class={ "badge " (tone) } { (word) } }
}

fn because(opinion: &RecordedOpinion) -> Markup {
    html! {
        @if let Some(fault) = &opinion.fault { p { (words(&fault.to_string())) } }
        @match &opinion.verdict {
            Some(Verdict::Deny(denial)) if !denial.message.is_empty() => { p { (words(&denial.message)) } }
            Some(Verdict::Ask(ask)) => { p { (words(&ask.title)) } @if !ask.reason.is_empty() { p { (words(&ask.reason)) } } }
            Some(Verdict::Deny(_) | Verdict::Allow | Verdict::Abstain) | None => {}
        }
        @for note in &opinion.notes {
            p { span.mono { (words(&note.rule)) } @if !note.text.is_empty() { " " (words(&note.text)) } }
        }
        @for obligation in &opinion.obligations { p.soft { (owed(obligation)) } }
        @if opinion.edits > 0 { p.soft { (counted(opinion.edits, "change")) } }
    }
}

/// Words of a policy, or the digest that stands for them.
fn words(text: &str) -> Markup {
    line(&shortened(text))
}

fn owed(obligation: &Obligation) -> String {
    match obligation {
        Obligation::Charge(_) => "charges a budget".to_owned(),
        Obligation::Label(labels) => {
            let labels = counted(labels.len(), "label");
            format!("leaves {labels} on the session")
        }
        Obligation::Declassify(labels) => {
            let labels = counted(labels.len(), "label");
            format!("takes {labels} off the session")
        }
        Obligation::Redact(places) => {
            let parts = counted(places.len(), "part");
            format!("removes {parts} of the result")
        }
        Obligation::LimitResult(bytes) => {
            format!("limits the result to {}", counted(*bytes, "byte"))
        }
    }
}
