//! `gatewright pack pull`.

use std::path::PathBuf;

use gatewright_registry::{Reference, Version};

use super::carry::{Carried, Reach};
use crate::failure::Exit;

/// Pull a pack and its signatures from a registry into a folder.
///
/// By digest, by tag, or by the highest version that fits a range: `1.4` is any
/// 1.4.x. The folder appears whole or not at all.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright pack pull registry.example.com/acme/guards:1.4.2 guards
  gatewright pack pull 'registry.example.com/acme/guards:>=1.2, <2' guards")]
pub(super) struct Arguments {
    /// Registry, repository, and digest, tag or version range.
    #[arg(value_name = "REFERENCE")]
    reference: Reference,
    /// A folder that does not exist yet.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    reach: Reach,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let (reference, folder) = (&arguments.reference, &arguments.folder);
    let pulled = arguments
        .reach
        .with(async |registry| registry.pull(reference, folder).await)?;
    let reference = match pulled.tag {
        Some(tag) => reference.at(Version::Tag(tag)),
        None => reference.clone(),
    };
    let carried = Carried {
        reference: reference.to_string(),
        digest: pulled.digest.to_string(),
        bytes: pulled.bytes,
        signatures: pulled.signatures,
    };
    carried.print(arguments.reach.format)?;
    Ok(Exit::Fine)
}
