//! What the audience sees: a screenful of plain lines.

use std::io::IsTerminal as _;
use std::time::Duration;

use serde_json::Value;

use crate::agent::Reply;
use crate::gate::Gate;
use crate::ledger::Verdict;
use crate::story::Call;

/// Widest line, in characters.
const COLUMNS: usize = 100;

/// What the gate does before it opens.
pub(crate) fn waiting() {
    println!(
        "The gate verifies the starter pack and asks each policy in it the policy's own cases."
    );
    println!("(The first time it compiles them: that takes a minute or two.)");
    println!();
}

pub(crate) fn opening(gate: &Gate) {
    println!(
        "An agent works through Gatewright. Behind the gate: a tool server with files and a database."
    );
    println!(
        "  agent  did:example:helper for user:alice; may read_file, write_file, query for one hour"
    );
    println!("  gate   {}, generation {}", gate.endpoint, gate.generation);
    println!();
    println!(
        "{}",
        faint(&format!(
            "  {:<46} {:<9} {}",
            "tool call", "decision", "by policy, digest"
        ))
    );
}

pub(crate) fn call(call: &Call, verdict: &Verdict, reply: &Reply, as_expected: bool) {
    let word = match verdict.decision.as_str() {
        "allow" if verdict.changed => colour("33", &format!("{:<9}", "REDACTED")),
        "allow" => colour("32", &format!("{:<9}", "ALLOWED")),
        "hold" => colour("33", &format!("{:<9}", "HELD")),
        _ => colour("31", &format!("{:<9}", "DENIED")),
    };
    let by: Vec<_> = verdict
        .deciders
        .iter()
        .map(|decider| format!("{} {}", decider.binding, decider.digest))
        .collect();
    let by = if by.is_empty() {
        "the gate itself".to_owned()
    } else {
        by.join(", ")
    };
    println!("  {:<46} {word} {by}", cut(&what(call), 46));
    let said = match (&reply.answer, &reply.refusal) {
        (Some(answer), _) if verdict.decision == "deny" => {
            format!("not made again; what came of it before: {}", answer.trim())
        }
        (Some(answer), _) => format!("the tool answered: {}", answer.trim()),
        (None, Some(refusal)) => told(&verdict.reason, refusal),
        (None, None) => verdict.reason.clone(),
    };
    println!(
        "{}",
        faint(&cut(&format!("      {}", said.replace('\n', " ")), COLUMNS))
    );
    if !as_expected {
        println!("      NOT AS EXPECTED: {:?}", call.wanted);
    }
}

pub(crate) fn approval() {
    println!(
        "  Olga approves it with her key: `gatewright approvals approve`. It is good for one call."
    );
}

pub(crate) fn reload(generation: u64, took: Duration) {
    println!();
    println!(
        "  The operator takes `reports` out of settings/path-guard.json. Nothing is restarted;"
    );
    println!(
        "  {} ms later generation {generation} is active, and the same call is made again.",
        took.as_millis()
    );
    println!();
}

/// What the verifier said of the record, and policies that were asked once more.
pub(crate) fn record(verified: &str, replayed: &str) {
    println!();
    println!("The gate has stopped. Anybody can verify its record: gatewright log verify state");
    println!("{}", cut(&format!("  {verified}"), COLUMNS));
    println!("{}", cut(&format!("  {replayed}"), COLUMNS));
}

pub(crate) fn ending(reached: usize, allowed: usize, refused: usize, as_expected: bool) {
    println!();
    println!(
        "The tool server itself counted {reached} calls: the {allowed} that were allowed. \
         It never saw the other {refused}."
    );
    if as_expected {
        println!("{}", colour("32", "Everything came out as expected."));
    } else {
        println!("{}", colour("31", "NOT everything came out as expected."));
    }
}

/// The refusal, with its reason once.
fn told(reason: &str, refusal: &str) -> String {
    let named = format!("Refused by the gate ({reason}): ");
    let message = refusal.strip_prefix(&named).unwrap_or(refusal);
    format!("the agent was told: {reason}: {message}")
}

fn what(call: &Call) -> String {
    let arguments: Vec<_> = call
        .arguments
        .as_object()
        .into_iter()
        .flatten()
        .map(argument)
        .collect();
    format!("{} {}", call.tool, arguments.join(" "))
}

fn argument((_, value): (&String, &Value)) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn cut(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    let kept: String = text.chars().take(columns.saturating_sub(3)).collect();
    format!("{kept}...")
}

fn faint(text: &str) -> String {
    colour("2", text)
}

fn colour(code: &str, text: &str) -> String {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if wanted && std::io::stdout().is_terminal() {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
