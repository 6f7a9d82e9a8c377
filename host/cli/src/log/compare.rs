//! `gatewright log compare`: whether one checkpoint goes on from another.

use std::path::PathBuf;

use anyhow::anyhow;
use gatewright_evidence::verify::{ProofFileError, compare};
use gatewright_evidence::{ProofError, TileFolder, consistency};
use gatewright_policy::counted;

use super::signed::{Signed, key_of, text_of};
use crate::config_file::ConfigFile;
use crate::failure::{Advise as _, Exit};
use crate::output::{Format, print_json, print_line, visible};

/// Hold two checkpoints of a record against each other.
///
/// Both must be signed, and the record must be able to prove that the newer one goes on
/// from the older one: that nothing which the older one speaks of was changed or taken
/// away. Exit code 3 where it does not.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright log compare monday.checkpoint friday.checkpoint --key gate.pub")]
pub(super) struct Arguments {
    /// A checkpoint.
    #[arg(value_name = "OLDER")]
    older: PathBuf,
    /// A later one.
    #[arg(value_name = "NEWER")]
    newer: PathBuf,
    /// The public key of the record, or a file that it is in; without it the one that
    /// lies beside the record.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// The configuration whose ledger it is.
    #[arg(short, long, value_name = "FILE", default_value = "gatewright.toml")]
    config: PathBuf,
    /// A ledger, instead of the one in the configuration.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let config = ConfigFile::at(&arguments.config);
    let signed = Signed::of(arguments.file.as_ref(), &config)?;
    let key = match &arguments.key {
        Some(key) => key_of(key)?,
        None => signed.key()?,
    };
    let (older, newer) = (text_of(&arguments.older)?, text_of(&arguments.newer)?);
    let mut tiles = TileFolder::new(&signed.tree);
    let (old, new) = (size_of(&older)?, size_of(&newer)?);
    if old > new {
        return Err(anyhow!(
            "the first checkpoint is over more entries than the second"
        ))
        .hint("name the older one first");
    }
    let proof = match consistency(&mut tiles, old, new) {
        Ok(proof) => proof,
        Err(ProofError::Beyond { .. }) => Vec::new(),
        Err(ProofError::Nodes(error)) => {
            return Err(anyhow!("there is no proof: {error}"))
                .hint("the record must be that of both checkpoints, with all its tiles");
        }
    };
    let proof: Vec<_> = proof.iter().map(|hash| *hash.as_bytes()).collect();
    let problem = match compare(&older, &newer, &key, &proof) {
        Ok(_) => None,
        Err(error @ ProofFileError::Key(_)) => return Err(error.into()),
        Err(error) => Some(error.to_string()),
    };
    match arguments.format {
        Format::Json => print_json(&serde_json::json!({
            "consistent": problem.is_none(),
            "older": old,
            "newer": new,
            "problem": problem,
        }))?,
        Format::Text => print_line(&match &problem {
            None => format!(
                "consistent  a record of {} goes on from {old}",
                counted(new, "entry")
            ),
            Some(problem) => format!("refused     {}", visible(problem)),
        })?,
    }
    Ok(match problem {
        None => Exit::Fine,
        Some(_) => Exit::Denied,
    })
}

/// How many entries a checkpoint says that it is over; whether it may say so is checked
/// with its signature.
fn size_of(checkpoint: &str) -> anyhow::Result<u64> {
    let size = checkpoint.lines().nth(1);
    size.and_then(|size| size.parse().ok())
        .ok_or_else(|| anyhow!("a file is no checkpoint"))
        .hint("`gatewright log checkpoint` prints one")
}
