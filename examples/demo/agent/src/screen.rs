//! What the audience sees: a screenful of plain lines.

use std::io::IsTerminal as _;
use std::time::Duration;

use serde_json::Value;

use crate::agent::Reply;
use crate::gate::Gate;
use crate::ledger::Verdict;
use crate::story::Call;

/// Widest line, in characters: every terminal has these.
const COLUMNS: usize = 80;

/// Where the policies of a decision begin.
const BY_AT: usize = 49;

/// What the gate does before it opens.
pub(crate) fn waiting() {
    tell(
        0,
        "The gate verifies the starter pack and asks each policy in it the policy's own cases. \
         (The first time it compiles them: that takes a minute or two.)",
    );
    println!();
}

pub(crate) fn opening(gate: &Gate) {
    tell(
        0,
        "An agent works through Gatewright. Behind the gate: a tool server with files and a \
         database.",
    );
    tell(
        2,
        "agent  did:example:helper for user:alice, one hour: read_file, write_file, query",
    );
    let (endpoint, generation) = (&gate.endpoint, gate.generation);
    tell(2, &format!("gate   {endpoint}, generation {generation}"));
    println!();
    let title = format!("  {:<36} {:<9} by policy, digest", "tool call", "decision");
    println!("{}", faint(&title));
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
    let mut by = wrapped(&by, COLUMNS - BY_AT).into_iter();
    println!(
        "  {:<36} {word} {}",
        what(call),
        by.next().unwrap_or_default()
    );
    for more in by {
        println!("{:BY_AT$}{more}", "");
    }
    let said = match (&reply.answer, &reply.refusal) {
        (Some(answer), _) if verdict.decision == "deny" => {
            format!("not made again; what came of it before: {answer}")
        }
        (Some(answer), _) => format!("the tool answered: {answer}"),
        (None, Some(refusal)) => told(&verdict.reason, refusal),
        (None, None) => verdict.reason.clone(),
    };
    for line in wrapped(&said, COLUMNS - 6) {
        println!("{}", faint(&format!("      {line}")));
    }
    if !as_expected {
        tell(6, &format!("NOT AS EXPECTED: {:?}", call.wanted));
    }
}

pub(crate) fn approval() {
    tell(
        2,
        "Olga approves it with her key: `gatewright approvals approve`. It is good for one call.",
    );
}

pub(crate) fn reload(generation: u64, took: Duration) {
    println!();
    let millis = took.as_millis();
    tell(
        2,
        &format!(
            "The operator takes `reports` out of settings/path-guard.json. Nothing is restarted; \
             {millis} ms later generation {generation} is active, and the same call is made again."
        ),
    );
    println!();
}

/// What the verifier said of the record, and policies that were asked once more.
pub(crate) fn record(verified: &str, replayed: &str) {
    println!();
    tell(
        0,
        "The gate has stopped. Anybody can verify its record: gatewright log verify state",
    );
    tell(2, verified);
    tell(2, replayed);
}

pub(crate) fn ending(reached: usize, allowed: usize, refused: usize, as_expected: bool) {
    println!();
    tell(
        0,
        &format!(
            "Calls that the tool server itself counted: {reached}. Allowed were {allowed}; it \
             never saw the other {refused}."
        ),
    );
    if as_expected {
        println!("{}", colour("32", "Everything came out as expected."));
    } else {
        println!("{}", colour("31", "NOT everything came out as expected."));
    }
}

/// Text in lines that every terminal has room for.
fn tell(indent: usize, text: &str) {
    for line in wrapped(text, COLUMNS - indent) {
        println!("{:indent$}{line}", "");
    }
}

/// Text in lines of at most so many characters. Words stay whole where they are no longer
/// than a line; blanks at the beginning of lines are not kept.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_ascii_whitespace() {
        let mut letters = word.chars().peekable();
        while letters.peek().is_some() {
            let part: String = letters.by_ref().take(columns).collect();
            let line = lines.last().map_or(0, |line| line.chars().count());
            match lines.last_mut() {
                Some(last) if line == 0 => last.push_str(&part),
                Some(last) if line + 1 + part.chars().count() <= columns => {
                    last.push(' ');
                    last.push_str(&part);
                }
                Some(_) | None => lines.push(part),
            }
        }
    }
    lines
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
