//! `gatewright pack gc`.

use anyhow::Result;
use gatewright_policy::counted;

use super::place::Gate;
use crate::failure::Exit;
use crate::output::print_line;

/// Remove packs that nobody wants from a gate's store.
///
/// What is wanted, tried, in force, or in the last sets that one can go back to
/// stays.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    gate: Gate,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit> {
    let loaded = arguments.gate.read()?;
    let removed = Gate::store(&loaded)?.gc()?;
    for pack in &removed.packs {
        print_line(&format!("{} {}  {}", pack.name, pack.revision, pack.pack))?;
    }
    eprintln!(
        "removed {}, {}, {}",
        counted(removed.packs.len(), "pack"),
        counted(removed.blobs, "blob"),
        counted(removed.bytes, "byte")
    );
    Ok(Exit::Fine)
}
