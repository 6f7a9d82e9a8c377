//! `gatewright issuer show`: the keys of an issuer.

use std::path::PathBuf;

use serde_json::json;

use super::folder::{Folder, State};
use crate::failure::Exit;
use crate::moment::now;
use crate::output::{Format, print_json, print_line};

/// Show the keys of an issuer that are published.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  gatewright issuer show staff")]
pub(super) struct Arguments {
    /// The folder of the issuer.
    folder: PathBuf,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let folder = Folder::open(&arguments.folder, now()?)?;
    show(folder.state(), arguments.format)?;
    Ok(Exit::Fine)
}

pub(super) fn show(state: &State, format: Format) -> anyhow::Result<()> {
    match format {
        Format::Json => print_json(&json!({ "id": state.id, "keys": state.keys })),
        Format::Text => {
            print_line(&state.id)?;
            for key in &state.keys {
                let until = key.until.map(|until| format!(", signed until {until}"));
                print_line(&format!(
                    "{} {} since {}{}",
                    key.name,
                    key.state.name(),
                    key.since,
                    until.unwrap_or_default()
                ))?;
            }
            Ok(())
        }
    }
}
