//! `gatewright log follow`: what the gate records from now on.

use std::path::PathBuf;

use super::filter::Filter;
use super::list::list;
use super::record_of;
use crate::config_file::ConfigFile;
use crate::failure::Exit;
use crate::output::Format;

/// Show what was decided, and go on with what the gate decides from now on.
///
/// The same as `gatewright log --follow`. Ends when it is interrupted.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright log follow --since 1m
  gatewright log follow --decision deny --format json")]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// A ledger, instead of the one in the configuration.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    filter: Filter,
    /// Output format; `json` prints the entries as they are, one a line.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let record = record_of(arguments.file.as_ref(), &arguments.config)?;
    list(&record, &arguments.filter, arguments.format, true)
}
