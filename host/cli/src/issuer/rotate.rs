//! `gatewright issuer rotate`: the next key signs.

use std::path::PathBuf;

use gatewright_engine::config::Period;

use super::folder::Folder;
use super::show::show;
use crate::failure::Exit;
use crate::moment::{now, period};
use crate::output::Format;

/// Let the next key sign, and publish another one.
///
/// The key before stays published until the last credential and the last status list that
/// it signed have ended; its private part is deleted. Sign status lists anew afterwards
/// (`gatewright issuer list renew`).
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright issuer rotate staff
  gatewright issuer rotate staff --distrust     the key was stolen: what it signed counts no more")]
pub(super) struct Arguments {
    /// The folder of the issuer.
    folder: PathBuf,
    /// For how long a key is published before whoever verifies knows it.
    #[arg(long, value_name = "PERIOD", default_value = "15m", value_parser = period)]
    known_after: Period,
    /// Publish the key before no more, and the next one is good at once: everything that it signed
    /// ends where `public/jwks.json` is read again.
    #[arg(long)]
    distrust: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let now = now()?;
    let mut folder = Folder::open(&arguments.folder, now)?;
    let known_after = match arguments.distrust {
        true => std::time::Duration::ZERO,
        false => arguments.known_after.0,
    };
    folder.rotate(known_after, arguments.distrust, now)?;
    show(folder.state(), arguments.format)?;
    Ok(Exit::Fine)
}
