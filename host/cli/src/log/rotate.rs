//! `gatewright log rotate`: a new segment of the ledger.

use std::net::SocketAddr;
use std::time::Duration;

use gatewright_engine::config::Loaded;

use crate::config_file::ConfigFile;
use crate::failure::Exit;
use crate::output::{Format, print_json, print_line, visible};
use crate::status::ask;

/// Let the running gate begin a new file of its ledger.
///
/// What was written so far lies then beside it, named after its first entry, and is
/// never written again: archive it, or delete it when you may. The new file begins
/// with the generation, budgets, labels and history. Does nothing where nothing
/// happened since the last file began. A gate rotates by itself too
/// (`audit.rotate_bytes`, `audit.rotate_after`), and at SIGHUP.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright log rotate
  gatewright log rotate --admin 127.0.0.1:8701")]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The admin listener, instead of the one in the configuration.
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The gate reads its file once before it seals it.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let admin = match arguments.admin {
        Some(admin) => admin,
        None => Loaded::read(arguments.config.path())?.config.gate.admin,
    };
    let answer = ask(admin, "POST /rotate", PATIENCE)?;
    match arguments.format {
        Format::Json => print_json(&answer)?,
        Format::Text => print_line(&match answer.pointer("/rotated/sealed") {
            Some(sealed) => format!("sealed {}", visible(sealed.as_str().unwrap_or_default())),
            None => "nothing to rotate".to_owned(),
        })?,
    }
    Ok(Exit::Fine)
}
