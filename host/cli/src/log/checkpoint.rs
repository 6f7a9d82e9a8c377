//! `gatewright log checkpoint`: what the record was, signed, to give away.

use std::path::PathBuf;

use super::signed::Signed;
use crate::config_file::ConfigFile;
use crate::failure::Exit;
use crate::output::{Format, print_json, print_line};

/// Print the latest signed checkpoint of a record.
///
/// Who keeps it somewhere else can find out later whether anything that it speaks of was
/// changed since: `gatewright log verify --checkpoint`, `gatewright log compare`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright log checkpoint > monday.checkpoint
  gatewright log checkpoint --key               the key that verifies it")]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// A ledger, instead of the one in the configuration.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Print the public key instead.
    #[arg(long)]
    key: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let signed = Signed::of(arguments.file.as_ref(), &arguments.config)?;
    let (name, text) = match arguments.key {
        true => ("key", signed.key()?),
        false => ("checkpoint", signed.checkpoint()?),
    };
    match arguments.format {
        Format::Json => print_json(&serde_json::json!({ name: text }))?,
        Format::Text => print_line(text.trim_end())?,
    }
    Ok(Exit::Fine)
}
