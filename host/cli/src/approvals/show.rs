//! `gatewright approvals show`.

use gatewright_policy::Digest;
use gatewright_policy::approval::Stand;

use super::gate::{GateArguments, WaitingFor};
use crate::failure::Exit;
use crate::output::{Format, print_json, print_line, visible_lines};

/// Show exactly what would run: what is signed when you decide.
#[derive(clap::Args)]
#[command(after_help = "\
Exit codes: 0 approved, 3 rejected or not there, 4 it waits.")]
pub(super) struct Arguments {
    /// The id of the held call.
    id: String,
    #[command(flatten)]
    gate: GateArguments,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let Some(WaitingFor { call, .. }) = arguments.gate.open()?.show(&arguments.id)? else {
        eprintln!("no call of this id waits for you");
        return Ok(Exit::Denied);
    };
    match arguments.format {
        Format::Json => print_json(&call)?,
        Format::Text => {
            print_line(visible_lines(&call.text).trim_end())?;
            eprintln!("what is signed: {}", Digest::of(call.text.as_bytes()));
        }
    }
    Ok(match call.stand {
        Stand::Granted { .. } => Exit::Fine,
        Stand::Requested => Exit::Held,
        Stand::Rejected { .. } | Stand::Expired | Stand::Consumed { .. } | Stand::Void { .. } => {
            Exit::Denied
        }
    })
}
