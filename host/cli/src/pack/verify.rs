//! `gatewright pack verify`.

use std::path::PathBuf;

use anyhow::Result;
use gatewright_engine::config::Loaded;
use gatewright_pack::{Age, Layout, PackManifest, Refusal, Store, verify};

use super::place::{Gate, refused};
use crate::credential::now;
use crate::failure::Exit;
use crate::output::print_line;

/// Verify a pack against what a gate trusts. Changes nothing.
///
/// Ends with 0 when the gate would take it, with 3 when it is refused.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  gatewright pack verify guards --config gate.toml")]
pub(super) struct Arguments {
    /// The pack: a folder, or a tar.
    layout: PathBuf,
    #[command(flatten)]
    gate: Gate,
    /// Take it though a newer version was seen.
    #[arg(long)]
    allow_older: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit> {
    let loaded = arguments.gate.read()?;
    let layout = match Layout::read(&arguments.layout) {
        Ok(layout) => layout,
        Err(error) => return Ok(refused(&error)),
    };
    let age = match arguments.allow_older {
        true => Age::Any,
        false => Age::NotBelow(seen(&loaded, &layout)?),
    };
    match verify(layout, &loaded.pack_trust(), age, now()?) {
        Ok(pack) => {
            let manifest = pack.manifest();
            print_line(&format!(
                "{} {}, version {}\npack       {}\npublisher  {}\nsigned by  {}",
                manifest.name,
                manifest.revision,
                manifest.version,
                pack.digest(),
                pack.publisher(),
                pack.signers().join("\n           ")
            ))?;
            Ok(Exit::Fine)
        }
        Err(refusal) => Ok(refused(&refusal)),
    }
}

/// The highest version that the gate's store has seen, if it has one.
fn seen(loaded: &Loaded, layout: &Layout) -> Result<Option<u64>> {
    let folder = loaded.resolve(&loaded.config.packs.store);
    let Ok(manifest) = PackManifest::parse(layout.pack_manifest()).map_err(Refusal::from) else {
        // Verification says what is wrong with it.
        return Ok(None);
    };
    match folder.is_dir() {
        true => Ok(Store::open(folder)?.seen(&manifest.name)?),
        false => Ok(None),
    }
}
