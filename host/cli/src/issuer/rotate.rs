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
  gatewright issuer rotate staff --distrust    a thief may have the key")]
pub(super) struct Arguments {
    /// The folder of the issuer.
    folder: PathBuf,
    /// For how long a key is published before whoever verifies knows it.
    #[arg(long, value_name = "PERIOD", default_value = "15m", value_parser = period)]
    known_after: Period,
    /// Take away all keys, the next one too, which was in the same folder, and sign with one
    /// that is made now: everything signed before ends where `public/jwks.json` is read
    /// again. Make status lists anew.
    #[arg(long)]
    distrust: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let now = now()?;
    let mut folder = Folder::open(&arguments.folder, now)?;
    match arguments.distrust {
        true => folder.distrust(now)?,
        false => folder.rotate(arguments.known_after.0, now)?,
    }
    show(folder.state(), arguments.format)?;
    Ok(Exit::Fine)
}
