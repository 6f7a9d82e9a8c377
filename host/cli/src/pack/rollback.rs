//! `gatewright pack rollback`.

use anyhow::Result;
use gatewright_pack::{Drift, Store, StoreError, Wanted};

use super::activate::{Who, manifest};
use super::place::{Gate, refused};
use crate::credential::now;
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
    let store = Gate::store(&loaded)?;
    let wanted = store.wanted()?;
    let mut target = store.earlier(arguments.to)?;
    let (trust, at) = (loaded.pack_trust(), now()?);
    for (_, pack) in target.packs() {
        match store.load(pack, &trust, at) {
            Ok(_) => {}
            Err(error @ StoreError::Refused { .. }) => return Ok(refused(&error)),
            Err(error) => return Err(error.into()),
        }
    }
    allow(&store, &wanted, &mut target)?;
    let revision = target.revision;
    let changed = store.change(wanted.revision, target.set, &arguments.who.name(), at)?;
    print_line(&format!(
        "the set of revision {revision} is wanted again, as revision {}",
        changed.revision
    ))?;
    for (name, pack) in &changed.set {
        print_line(&format!("{name}  {}", pack.pack))?;
    }
    Ok(Exit::Fine)
}

/// Whoever goes back allows what the earlier set needs: that it is older, and
/// what it asks for beyond the set that is wanted now.
fn allow(store: &Store, wanted: &Wanted, target: &mut Wanted) -> Result<()> {
    for (name, pack) in &mut target.set {
        let seen = store.seen(name)?;
        let own = manifest(store, pack.pack)?;
        pack.older = seen.is_some_and(|seen| own.version < seen);
        if let Some(before) = wanted.set.get(name) {
            let old = manifest(store, before.pack)?;
            let beyond = Drift::between(&old, &own).without(&pack.granted);
            pack.granted.extend(beyond.0);
            pack.granted.sort();
        }
    }
    Ok(())
}
