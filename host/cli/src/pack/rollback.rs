//! `gatewright pack rollback`.

use anyhow::Result;

use super::activate::Who;
use super::back::{Back, back};
use super::place::{Gate, refused};
use crate::failure::Exit;
use crate::output::print_line;

/// Want the set of packs that was wanted before.
///
/// A gate that is open keeps the policies of the set before compiled, so that this
/// takes a moment. Every pack is verified again first, except for its age: going
/// back is taking something older, and that is recorded. Once more goes forward
/// again; `--to` goes to any of the last sets.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright pack rollback --config gate.toml
  gatewright pack rollback --to 12 --config gate.toml")]
pub(super) struct Arguments {
    #[command(flatten)]
    gate: Gate,
    /// The revision to go back to; the one before by default.
    #[arg(long, value_name = "N")]
    to: Option<u64>,
    #[command(flatten)]
    who: Who,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit> {
    let loaded = arguments.gate.read()?;
    let (revision, changed) = match back(&loaded, (None, arguments.to), &arguments.who.name())? {
        Back::Wanted { to, now } => (to, now),
        Back::Refused(error) => return Ok(refused(&error)),
    };
    print_line(&format!(
        "the set of revision {revision} is wanted again, as revision {}",
        changed.revision
    ))?;
    for (name, pack) in &changed.set {
        print_line(&format!("{name}  {}", pack.pack))?;
    }
    Ok(Exit::Fine)
}
