//! `gatewright log rotate-key`: another key for the checkpoints of a record.

use std::path::PathBuf;

use anyhow::anyhow;
use gatewright_engine::ledger::{RotatedKey, rotate_key};

use super::{OwnRecord, own_record_of};
use crate::config_file::ConfigFile;
use crate::failure::{Advise as _, Exit};
use crate::output::{Format, print_json, print_line};

/// Let a new key sign the checkpoints of the record.
///
/// No gate may be running on it. That one key follows the other is an entry, signed by both,
/// and stands in the folder of the tree: whoever has the old key, or the new one, verifies
/// everything. The old key is gone afterwards, and what it signs from then on is refused.
/// Prints the new key: give it out as you gave out the old one.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright log rotate-key > gate.pub
  gatewright log rotate-key --format json")]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// A ledger, instead of the one in the configuration.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Output format; `json` prints both keys, and the note that both signed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let path = match own_record_of(arguments.file.as_ref(), &arguments.config)? {
        OwnRecord::File(path) => path,
        OwnRecord::Memory(_) => {
            return Err(anyhow!("the memory of this configuration is a database"))
                .hint("a database has no tree yet; `--file` names a ledger");
        }
    };
    if !path.exists() {
        return Err(anyhow!("there is no ledger `{}`", path.display()))
            .hint("the gate makes it at its first start; `--file` names another one");
    }
    let now = crate::credential::now()?;
    let rotated = crate::runtime::runtime()?.block_on(rotate_key(&path, now))?;
    let RotatedKey { old, new, note } = &rotated;
    match arguments.format {
        Format::Json => print_json(&serde_json::json!({ "old": old, "new": new, "note": note }))?,
        Format::Text => print_line(new)?,
    }
    Ok(Exit::Fine)
}
