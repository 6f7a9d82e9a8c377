//! `gatewright approvals approve` and `reject`.

use std::io::{BufRead as _, IsTerminal as _, stdin};

use anyhow::anyhow;
use gatewright_policy::Digest;
use gatewright_policy::approval::{
    Choice, REASON_BYTES_MAX, STATEMENT_VERSION, Signed, Stand, Statement,
};

use super::gate::{GateArguments, Waiting, WaitingFor, now, why};
use crate::failure::{Advise as _, Exit};
use crate::output::{Format, print_json, print_line, visible_lines};

/// Approve a held call: it may go ahead once.
///
/// Shows exactly what would run, asks whether you mean it, and signs both: the call and
/// what you were shown.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The id of the held call.
    id: String,
    #[command(flatten)]
    gate: GateArguments,
    /// Why. It stands in the record in clear: no secrets.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Do not ask: sign if what is shown has this digest, which `approvals show` prints.
    #[arg(long, value_name = "DIGEST", conflicts_with = "yes")]
    shown: Option<Digest>,
    /// Do not ask: sign whatever is shown.
    #[arg(long)]
    yes: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments, choice: Choice) -> anyhow::Result<Exit> {
    let gate = arguments.gate.open()?;
    let Some(WaitingFor { you, call }) = gate.show(&arguments.id)? else {
        eprintln!("no call of this id waits for you");
        return Ok(Exit::Denied);
    };
    // Not the digest that the gate names: that of what is shown here.
    let shown = Digest::of(call.text.as_bytes());
    eprintln!("{}", visible_lines(&call.text).trim_end());
    if !is_meant(arguments, choice, shown)? {
        eprintln!("nothing was decided");
        return Ok(Exit::Denied);
    }
    let statement = statement(arguments, choice, shown, &call, you.name)?;
    let signed = serde_json::to_string(&Signed::by(statement, &gate.key))?;
    let answer = gate.decide(&call.id, &signed)?;
    if answer.status != 200 {
        eprintln!("the gate does not take it: {}", why(&answer));
        return Ok(Exit::Denied);
    }
    let stand: Stand = serde_json::from_str(&answer.body)?;
    match arguments.format {
        Format::Json => print_json(&stand)?,
        Format::Text => print_line(&told(&stand))?,
    }
    Ok(match (stand, choice) {
        (Stand::Granted { .. }, _) | (Stand::Rejected { .. }, Choice::Reject) => Exit::Fine,
        (Stand::Requested, _) => Exit::Held,
        (
            Stand::Rejected { .. } | Stand::Expired | Stand::Consumed { .. } | Stand::Void { .. },
            _,
        ) => Exit::Denied,
    })
}

fn statement(
    arguments: &Arguments,
    choice: Choice,
    shown: Digest,
    call: &Waiting,
    approver: String,
) -> anyhow::Result<Statement> {
    let statement = Statement {
        actions: call.actions.clone(),
        approver,
        at: now(),
        choice,
        held: call.id.clone(),
        reason: arguments.reason.clone(),
        shown,
        version: STATEMENT_VERSION,
    };
    match statement.is_fit() {
        true => Ok(statement),
        false => Err(anyhow!("the reason is no text that a record may have"))
            .hint(format!("one line, {REASON_BYTES_MAX} bytes at the most")),
    }
}

/// Whether whoever decides means exactly this.
fn is_meant(arguments: &Arguments, choice: Choice, shown: Digest) -> anyhow::Result<bool> {
    if let Some(meant) = arguments.shown {
        return match meant == shown {
            true => Ok(true),
            false => Err(anyhow!("what is shown is another text: {shown}"))
                .hint("look at it again with `gatewright approvals show`"),
        };
    }
    if arguments.yes {
        return Ok(true);
    }
    if !stdin().is_terminal() {
        return Err(anyhow!("there is nobody to ask whether this is meant")).hint(
            "give `--shown` with the digest that `gatewright approvals show` prints, or `--yes`",
        );
    }
    let word = match choice {
        Choice::Approve => "approve",
        Choice::Reject => "reject",
    };
    eprintln!("type `{word}` to {word} exactly this:");
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    Ok(line.trim() == word)
}

fn told(stand: &Stand) -> String {
    match stand {
        Stand::Granted { use_by, .. } => format!("approved: it can be used once, until {use_by}"),
        Stand::Requested => "taken: more people are asked".to_owned(),
        Stand::Rejected { .. } => "rejected".to_owned(),
        Stand::Expired | Stand::Consumed { .. } | Stand::Void { .. } => "over".to_owned(),
    }
}
