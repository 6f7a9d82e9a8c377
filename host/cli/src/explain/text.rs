//! The explanation, for a person.

use gatewright_policy::{Mode, counted};
use gatewright_sandbox::Read;

use super::explanation::{Explanation, Ruled, Spoken};
use super::said::{owed, said};
use crate::output::{Paint, Tone, visible};

pub(super) fn of(explanation: &Explanation, paint: Paint) -> String {
    let mut lines = vec![decided(explanation, paint)];
    if !explanation.message.is_empty() {
        lines.push(format!(
            "  the agent reads: {}",
            visible(&explanation.message)
        ));
    }
    if !explanation.scopes.is_empty() {
        let scopes = visible(&explanation.scopes.join(", "));
        lines.push(format!("  scopes that would be enough: {scopes}"));
    }
    if let Some(arguments) = &explanation.arguments {
        lines.push(format!(
            "  goes out as: {}",
            visible(&arguments.to_string())
        ));
    }
    for edit in &explanation.edits {
        let json = edit.json.as_deref().unwrap_or("nothing");
        lines.push(format!(
            "  {} becomes {}",
            visible(&edit.pointer),
            visible(json)
        ));
    }
    if explanation.policies.is_empty() {
        lines.push("No policy is bound to this call.".to_owned());
    }
    for (index, spoken) in explanation.policies.iter().enumerate() {
        lines.push(String::new());
        lines.extend(policy(index + 1, spoken, paint));
    }
    if !explanation.log.is_empty() {
        lines.push(String::new());
        lines.extend(explanation.log.iter().map(|line| {
            let by = match line.binding.as_str() {
                "" => String::new(),
                binding => format!(" `{}`", visible(binding)),
            };
            format!("logged{by} ({}): {}", line.level, visible(&line.message))
        }));
    }
    lines.join("\n")
}

fn decided(explanation: &Explanation, paint: Paint) -> String {
    let (words, tone) = match explanation.decision.as_str() {
        "allow" => ("The gate allows the call".to_owned(), Tone::Good),
        "hold" => {
            let count = explanation.asks.as_array().map_or(0, Vec::len);
            let questions = counted(count, "question");
            (
                format!("The gate holds the call for people, with {questions}"),
                Tone::Warning,
            )
        }
        _ => {
            let reason = explanation.reason.map(|reason| format!(": {reason}"));
            let reason = reason.unwrap_or_default();
            (format!("The gate denies the call{reason}"), Tone::Bad)
        }
    };
    paint.tone(tone, &words)
}

fn policy(number: usize, spoken: &Spoken, paint: Paint) -> Vec<String> {
    let (words, tone) = said(spoken);
    let observed = spoken.opinion.as_ref().map(|opinion| opinion.mode);
    let observed = match observed {
        Some(Mode::Observe) => " (observed: it does not count)",
        Some(Mode::Enforce) | None => "",
    };
    let binding = visible(&spoken.binding);
    let words = paint.tone(tone, &visible(&words));
    let mut lines = vec![format!("{number}. `{binding}` {words}{observed}")];
    lines.extend(spoken.rules.iter().map(rule));
    let Some(opinion) = &spoken.opinion else {
        return lines;
    };
    let obligations = opinion.obligations.iter();
    lines.extend(obligations.map(|it| format!("   if it goes ahead: {}", visible(&owed(it)))));
    let mut reads: Vec<_> = spoken.reads.reads.iter().map(read).collect();
    if spoken.reads.dropped > 0 {
        reads.push(format!("and {} more", spoken.reads.dropped));
    }
    if !reads.is_empty() {
        lines.push(format!("   asked about: {}", visible(&reads.join(", "))));
    }
    lines.push(format!("   fuel: {}", opinion.fuel));
    lines
}

fn rule(Ruled { id, title, text }: &Ruled) -> String {
    let title = match title {
        Some(title) => format!(" \"{}\"", visible(title)),
        None => String::new(),
    };
    let text = match text.as_str() {
        "" => String::new(),
        text => format!(": {}", visible(text)),
    };
    format!("   rule `{}`{title}{text}", visible(id))
}

fn read(Read { of, at }: &Read) -> String {
    match at.as_deref() {
        None => of.clone(),
        Some("") => format!("{of} (all)"),
        Some(pointer) => format!("{of} {pointer}"),
    }
}
