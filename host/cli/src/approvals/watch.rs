//! `gatewright approvals watch`.

use std::collections::HashSet;
use std::time::Duration;

use gatewright_policy::approval::Stand;

use super::gate::GateArguments;
use super::list::line;
use crate::failure::Exit;
use crate::output::{Format, Paint, print_line};

/// How often the gate is asked.
const INTERVAL: Duration = Duration::from_secs(2);

/// Print each held call that waits for you, as it comes, until you end it.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    gate: GateArguments,
    /// Output format: as JSON, one object a line.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let gate = arguments.gate.open()?;
    let mut known = HashSet::new();
    loop {
        let waiting = gate.list()?;
        for call in &waiting {
            let is_open = matches!(call.stand, Stand::Requested);
            if !is_open || known.contains(&call.id) {
                continue;
            }
            print_line(&match arguments.format {
                Format::Text => line(call, Paint::stdout()),
                Format::Json => serde_json::to_string(call)?,
            })?;
        }
        known = waiting.into_iter().map(|call| call.id).collect();
        std::thread::sleep(INTERVAL);
    }
}
