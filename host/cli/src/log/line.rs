//! One entry as a line for a person.

use gatewright_policy::agent::{Change, Target, What};
use gatewright_policy::approval::{Choice, Stand};
use gatewright_policy::record::{
    ActivatedPack, ApprovalEvent, ApprovalUse, Completed, Decided, Entry, Event, Labelled, Part,
    RecordedOpinion, RefusedMany, shortened,
};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::segment::LedgerEvent;
use gatewright_policy::{DecisionKind, Verdict, counted};

use crate::output::{Paint, Tone, visible};

pub(super) fn text(entry: &Entry, paint: Paint) -> String {
    let text = match &entry.event {
        Event::Started { version, .. } => format!("start  gatewright {}", visible(version)),
        Event::Activated {
            generation,
            policies,
            bindings,
            packs,
            wanted,
            bound: _,
        } => {
            let count = bindings.len();
            let mut parts = vec![
                format!("active generation {generation}"),
                counted(count, "binding"),
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
        Event::Approval(approval) => approval_line(approval, paint),
        Event::Refused(refused) => refusals(refused, paint),
        Event::Labelled(labelled) => labels(labelled, paint),
        Event::Completed(completed) => end(completed, paint),
        Event::Agents(change) => agents(change, paint),
        Event::Tools(change) => tools(change, paint),
        Event::Stopped => "stop".to_owned(),
        Event::Ledger(event) => of_ledger(event, paint),
    };
    format!("{} {text}", paint.tone(Tone::Faint, &entry.at.to_string()))
}

/// Whether an entry only says again what older segments said.
pub(super) fn is_repetition(entry: &Entry) -> bool {
    matches!(
        entry.event,
        Event::Ledger(
            LedgerEvent::CarriedSession(_)
                | LedgerEvent::CarriedBudgets { .. }
                | LedgerEvent::CarriedAgents { .. }
                | LedgerEvent::CarriedApproval(_)
        )
    )
}

/// Who may go on, as somebody changed it.
fn agents(change: &Change, paint: Paint) -> String {
    let what = match &change.what {
        What::Import(agents) => match agents.as_slice() {
            [one] => format!("registered {}", visible(&one.id)),
            many => format!("registered {}", counted(many.len(), "agent")),
        },
        What::Turn { turn, target } => {
            let who = match target {
                Target::Agents(agents) => match agents.as_slice() {
                    [one] => visible(&one.to_string()),
                    many => counted(many.len(), "agent"),
                },
                Target::Owner(owner) => format!("every agent of owner {}", visible(owner)),
                Target::Issuer(issuer) => format!("every agent of issuer {}", visible(issuer)),
            };
            format!("{} {who}", turn.as_str())
        }
        What::Revoke { token, below, .. } => {
            let below = if *below { " what is below" } else { "" };
            format!("revoke{below} {}", visible(token))
        }
        What::Pin { .. } | What::Differ(_) => "changed".to_owned(),
    };
    let tone = match change.tightens() {
        true => Tone::Warning,
        false => Tone::Faint,
    };
    let (by, why) = (visible(&change.by), visible(&change.why));
    format!(
        "{} by {by}: {why}",
        paint.tone(tone, &format!("agents {what}"))
    )
}

/// What tools are, as somebody pinned it or as their servers changed it.
fn tools(change: &Change, paint: Paint) -> String {
    let named = |names: Vec<String>| match names.as_slice() {
        [one] => one.clone(),
        many => counted(many.len(), "tool"),
    };
    let name = |server: &str, name: &str| format!("{}:{}", visible(server), visible(name));
    let by = visible(&change.by);
    let why = visible(&change.why);
    match &change.what {
        What::Pin { tools, first_sight } => {
            let names = tools.iter().map(|it| match tools.len() {
                1 => format!("{} {}", name(&it.server, &it.name), it.digest),
                _many => String::new(),
            });
            let first = if *first_sight { " at first sight" } else { "" };
            let names = named(names.collect());
            format!("tools pinned {names}{first} by {by}: {why}")
        }
        What::Differ(tools) => {
            let names = tools.iter().map(|it| {
                let name = name(&it.server, &it.name);
                format!("{name} was {}, is {}", it.pinned, it.seen)
            });
            let text = format!("tools changed {}", named(names.collect()));
            paint.tone(Tone::Bad, &text)
        }
        What::Import(_) | What::Turn { .. } | What::Revoke { .. } => {
            format!("tools changed by {by}: {why}")
        }
    }
}

fn of_ledger(event: &LedgerEvent, paint: Paint) -> String {
    match event {
        LedgerEvent::Continued(first) => {
            let previous = first.previous.as_ref();
            let previous = previous.map_or("none", |previous| &previous.file);
            let (carried, generation) = (first.carried, first.generation);
            format!(
                "ledger continued from {}, generation {generation}, {} carried over",
                visible(previous),
                counted(carried, "entry")
            )
        }
        LedgerEvent::CarriedSession(session) => {
            let (labels, calls) = (session.labels.len(), session.calls.len());
            let session = visible(&session.session);
            let (labels, calls) = (counted(labels, "label"), counted(calls, "call"));
            format!("ledger carried session {session}: {labels}, {calls}")
        }
        LedgerEvent::CarriedBudgets { budgets } => {
            format!("ledger carried {}", counted(budgets.len(), "budget"))
        }
        LedgerEvent::CarriedAgents { rows } => {
            format!("ledger carried {} of what operators said", rows.len())
        }
        LedgerEvent::CarriedApproval(carried) => {
            let (held, votes) = (visible(&carried.held), carried.votes.len());
            let votes = counted(votes, "decision");
            format!("ledger carried the approval of {held}: {votes}")
        }
        LedgerEvent::Cut(cut) => {
            let (bytes, kept) = (cut.bytes, visible(&cut.kept));
            let bytes = counted(bytes, "byte");
            let text = format!("ledger did not end with an entry: {bytes}, kept in {kept}");
            paint.tone(Tone::Warning, &text)
        }
        LedgerEvent::Repaired(repaired) => {
            let (problem, unreadable) = (visible(&repaired.problem), repaired.unreadable);
            let salt = if repaired.new_salt { ", new salt" } else { "" };
            let lines = counted(unreadable, "line");
            let text = format!("ledger repaired: {problem} ({lines} unreadable{salt})");
            paint.tone(Tone::Warning, &text)
        }
        LedgerEvent::KeyRotated { to, .. } => {
            let text = format!("ledger signed by another key: {}", visible(to));
            paint.tone(Tone::Warning, &text)
        }
        LedgerEvent::Erased(erased) => {
            let (count, by) = (erased.count, visible(&erased.by));
            let what = match &erased.id {
                Some(id) => format!(" of {}", visible(id)),
                None => String::new(),
            };
            format!("ledger payloads erased by {by}: {count}{what}")
        }
        LedgerEvent::ClockSet { was } => {
            paint.tone(Tone::Warning, &format!("ledger time set back from {was}"))
        }
    }
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
    let tone = match decided.decision {
        DecisionKind::Allow => Tone::Good,
        DecisionKind::Hold => Tone::Warning,
        DecisionKind::Deny => Tone::Bad,
    };
    let word = format!("{:<6}", decided.decision);
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
    if let Some(used) = &decided.approval {
        let held = visible(&used.held);
        parts.push(match used.what {
            ApprovalUse::Joined => format!("with {held}"),
            ApprovalUse::Consumed => {
                format!(
                    "approved by {} ({held})",
                    visible(&used.approvers.join(", "))
                )
            }
            ApprovalUse::Rejected => format!("since {held} was rejected"),
            ApprovalUse::Void => format!("voids {held}"),
            ApprovalUse::OutcomeGiven => format!("gives again what came of {held}"),
            ApprovalUse::OutcomeNotGiven => format!("used before ({held})"),
        });
    }
    if !decided.message.is_empty() {
        parts.push(format!("\"{}\"", said(&decided.message)));
    }
    let opinions: Vec<_> = decided.opinions.iter().filter_map(opinion).collect();
    if !opinions.is_empty() {
        parts.push(paint.tone(Tone::Faint, &format!("[{}]", opinions.join("; "))));
    }
    parts.extend(decided.parts.iter().map(|part| beside(part, paint)));
    parts.push(paint.tone(Tone::Faint, &visible(&decided.id)));
    parts.join(" ")
}

/// What a person decided, or why that was not taken.
fn approval_line(approval: &ApprovalEvent, paint: Paint) -> String {
    let (tone, word, held, mut parts) = match approval {
        ApprovalEvent::Decided {
            held, vote, stand, ..
        } => {
            let statement = &vote.signed.statement;
            let (tone, word) = match statement.choice {
                Choice::Approve => (Tone::Good, "agree"),
                Choice::Reject => (Tone::Bad, "reject"),
            };
            let method = vote.signed.signature.method();
            let mut parts = vec![format!("{} ({method})", visible(&statement.approver))];
            if !statement.reason.is_empty() {
                parts.push(format!("\"{}\"", visible(&statement.reason)));
            }
            match stand {
                Stand::Granted { use_by, .. } => parts.push(format!("granted, until {use_by}")),
                Stand::Requested => parts.push("more people are asked".to_owned()),
                Stand::Rejected { .. }
                | Stand::Expired
                | Stand::Consumed { .. }
                | Stand::Void { .. } => {}
            }
            (tone, word, held, parts)
        }
        ApprovalEvent::Refused {
            held,
            approver,
            why,
        } => {
            let who = approver.as_deref().unwrap_or("somebody");
            let parts = vec![format!("{} tried to decide: {why}", visible(who))];
            (Tone::Bad, "refuse", held, parts)
        }
    };
    parts.insert(0, paint.tone(tone, &format!("{word:<6}")));
    parts.push(paint.tone(Tone::Faint, &said(held)));
    parts.join(" ")
}

/// Refusals that have no line of their own.
fn refusals(refused: &RefusedMany, paint: Paint) -> String {
    let reasons: Vec<_> = refused
        .reasons
        .iter()
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    format!(
        "{} {} more without a credential since {}: {}",
        paint.tone(Tone::Bad, "deny  "),
        refused.count,
        refused.since,
        reasons.join(", ")
    )
}

/// What else the message named, and what would have been decided on it alone.
fn beside(part: &Part, paint: Paint) -> String {
    let mut text = format!("with {} (alone: {}", said(&part.name), part.alone);
    if let Some(reason) = part.reason {
        text.push_str(&format!(" {reason}"));
    }
    let opinions: Vec<_> = part.opinions.iter().filter_map(opinion).collect();
    if !opinions.is_empty() {
        text.push_str(&format!(" [{}]", opinions.join("; ")));
    }
    text.push(')');
    paint.tone(Tone::Faint, &text)
}

fn labels(labelled: &Labelled, paint: Paint) -> String {
    let count = labelled.labels.len();
    let id = paint.tone(Tone::Faint, &visible(&labelled.id));
    format!("label  {count} more on the session {id}")
}

/// Text from elsewhere, made harmless; what stands for a text is cut to what a
/// person compares.
fn said(text: &str) -> String {
    shortened(&visible(text))
}

fn what(decided: &Decided) -> String {
    match (decided.method.as_str(), decided.name.as_str()) {
        ("", _) => said(&decided.server),
        ("tools/call", name) => said(&format!("{}:{name}", decided.server)),
        (method, "") => said(&format!("{} {method}", decided.server)),
        (method, name) => said(&format!("{}:{name} {method}", decided.server)),
    }
}

/// What a policy said, unless it said nothing.
fn opinion(opinion: &RecordedOpinion) -> Option<String> {
    let word = match (&opinion.verdict, &opinion.fault) {
        (Some(Verdict::Abstain) | None, None) => return None,
        (Some(Verdict::Allow), None) => "allow".to_owned(),
        (Some(Verdict::Deny(_)), None) => "deny".to_owned(),
        (Some(Verdict::Ask(approval)), None) => match said(&approval.reason) {
            reason if reason.is_empty() => "ask".to_owned(),
            reason => format!("ask \"{reason}\""),
        },
        (_, Some(fault)) => said(&fault.to_string()),
    };
    let digest = opinion.component.short();
    Some(format!("{} {digest}: {word}", visible(&opinion.binding)))
}

fn end(completed: &Completed, paint: Paint) -> String {
    let (tone, word) = match completed.outcome {
        PastOutcome::Allowed => (Tone::Faint, "done"),
        PastOutcome::Denied => (Tone::Bad, "denied"),
        PastOutcome::Held => (Tone::Warning, "held"),
        PastOutcome::Failed | PastOutcome::Pending => (Tone::Bad, "failed"),
    };
    let mut parts = vec![paint.tone(tone, &format!("{word:<6}"))];
    if completed.changed {
        parts.push("result changed by policy".to_owned());
    }
    if let Some(reason) = completed.reason {
        parts.push(reason.to_string());
    }
    if !completed.message.is_empty() {
        parts.push(format!("\"{}\"", said(&completed.message)));
    }
    parts.push(paint.tone(Tone::Faint, &visible(&completed.id)));
    parts.join(" ")
}
