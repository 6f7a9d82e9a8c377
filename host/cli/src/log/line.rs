//! One entry as a line for a person.

use gatewright_policy::Verdict;
use gatewright_policy::record::{
    ActivatedPack, Completed, Decided, Entry, Event, Labelled, Part, RecordedOpinion,
};
use gatewright_policy::request::PastOutcome;

use crate::output::{Paint, Tone, visible};

pub(super) fn text(entry: &Entry, paint: Paint) -> String {
    let said = match &entry.event {
        Event::Started { version } => format!("start  gatewright {}", visible(version)),
        Event::Activated {
            generation,
            policies,
            bindings,
            packs,
            wanted,
        } => {
            let count = bindings.len();
            let mut parts = vec![
                format!("active generation {generation}"),
                format!("{count} bindings"),
            ];
            parts.extend(packs.iter().map(pack));
            if let Some((revision, by)) = wanted {
                parts.push(format!("set {revision} by {}", visible(by)));
            }
            parts.push(format!("policies {policies}"));
            parts.join(", ")
        }
        Event::ReloadFailed { error } => {
            paint.tone(Tone::Bad, &format!("reload failed: {}", visible(error)))
        }
        Event::Decided(decided) => decision(decided, paint),
        Event::Labelled(labelled) => labels(labelled, paint),
        Event::Completed(completed) => end(completed, paint),
        Event::Stopped => "stop".to_owned(),
    };
    format!("{} {said}", paint.tone(Tone::Faint, &entry.at.to_string()))
}

fn pack(pack: &ActivatedPack) -> String {
    let (name, revision) = (visible(&pack.name), visible(&pack.revision));
    let mut text = format!("pack {name} {revision}");
    if let Some(share) = pack.candidate {
        text.push_str(&format!(" (candidate, {share})"));
    }
    if pack.allowed_older {
        text.push_str(" (older, allowed by hand)");
    }
    if !pack.granted.is_empty() {
        text.push_str(&format!(
            " (granted: {})",
            visible(&pack.granted.join(", "))
        ));
    }
    text
}

fn decision(decided: &Decided, paint: Paint) -> String {
    let tone = match decided.decision.as_str() {
        "allow" => Tone::Good,
        "hold" => Tone::Warning,
        _ => Tone::Bad,
    };
    let word = format!("{:<6}", visible(&decided.decision));
    let mut parts = vec![paint.tone(tone, &word), what(decided)];
    if let Some(caller) = &decided.caller {
        parts.push(visible(&caller.agent));
        if let Some(principal) = &caller.principal {
            parts.push(format!("for {}", visible(principal)));
        }
    }
    if let Some(reason) = decided.reason {
        parts.push(reason.to_string());
    }
    if !decided.message.is_empty() {
        parts.push(format!("\"{}\"", visible(&decided.message)));
    }
    let said: Vec<_> = decided.opinions.iter().filter_map(opinion).collect();
    if !said.is_empty() {
        parts.push(paint.tone(Tone::Faint, &format!("[{}]", said.join("; "))));
    }
    parts.extend(decided.parts.iter().map(|part| beside(part, paint)));
    parts.push(paint.tone(Tone::Faint, &visible(&decided.id)));
    parts.join(" ")
}

/// What else the message named, and what would have been decided on it alone.
fn beside(part: &Part, paint: Paint) -> String {
    let mut text = format!(
        "with {} (alone: {}",
        visible(&part.name),
        visible(&part.alone)
    );
    if let Some(reason) = part.reason {
        text.push_str(&format!(" {reason}"));
    }
    let said: Vec<_> = part.opinions.iter().filter_map(opinion).collect();
    if !said.is_empty() {
        text.push_str(&format!(" [{}]", said.join("; ")));
    }
    text.push(')');
    paint.tone(Tone::Faint, &text)
}

fn labels(labelled: &Labelled, paint: Paint) -> String {
    let labels = visible(&labelled.labels.join(", "));
    let id = paint.tone(Tone::Faint, &visible(&labelled.id));
    format!("label  {labels} {id}")
}

fn what(decided: &Decided) -> String {
    match (decided.method.as_str(), decided.name.as_str()) {
        ("", _) => visible(&decided.server),
        ("tools/call", name) => visible(&format!("{}:{name}", decided.server)),
        (method, "") => visible(&format!("{} {method}", decided.server)),
        (method, name) => visible(&format!("{}:{name} {method}", decided.server)),
    }
}

/// What a policy said, unless it said nothing.
fn opinion(opinion: &RecordedOpinion) -> Option<String> {
    let word = match (&opinion.verdict, &opinion.fault) {
        (Some(Verdict::Abstain) | None, None) => return None,
        (Some(Verdict::Allow { .. }), None) => "allow".to_owned(),
        (Some(Verdict::Deny(_)), None) => "deny".to_owned(),
        (Some(Verdict::Ask(_)), None) => "ask".to_owned(),
        (_, Some(fault)) => visible(&fault.to_string()),
    };
    let digest = opinion.component.short();
    Some(format!("{} {digest}: {word}", visible(&opinion.binding)))
}

fn end(completed: &Completed, paint: Paint) -> String {
    let (tone, word) = match completed.outcome {
        PastOutcome::Allowed => (Tone::Faint, "done"),
        PastOutcome::Denied => (Tone::Bad, "denied"),
        PastOutcome::Held => (Tone::Warning, "held"),
        PastOutcome::Failed => (Tone::Bad, "failed"),
    };
    let mut parts = vec![paint.tone(tone, &format!("{word:<6}"))];
    if completed.changed {
        parts.push("result changed by policy".to_owned());
    }
    if let Some(reason) = completed.reason {
        parts.push(reason.to_string());
    }
    if !completed.message.is_empty() {
        parts.push(format!("\"{}\"", visible(&completed.message)));
    }
    parts.push(paint.tone(Tone::Faint, &visible(&completed.id)));
    parts.join(" ")
}
