//! `gatewright pack push`.

use std::path::PathBuf;

use gatewright_registry::Reference;

use super::carry::{Carried, Reach};
use crate::failure::Exit;

/// Push a pack and its signatures to a registry.
///
/// The tag is set last: who follows it finds everything there.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright pack push guards registry.example.com/acme/guards:1.4.2
  gatewright pack push guards 127.0.0.1:5000/acme/guards:1.4.2 --plain-http")]
pub(super) struct Arguments {
    /// The pack: a folder that is an OCI image layout.
    #[arg(value_name = "LAYOUT")]
    layout: PathBuf,
    /// Registry, repository and tag.
    #[arg(value_name = "REFERENCE")]
    reference: Reference,
    #[command(flatten)]
    reach: Reach,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let (reference, layout) = (&arguments.reference, &arguments.layout);
    let pushed = arguments
        .reach
        .with(async |registry| registry.push(reference, layout).await)?;
    let carried = Carried {
        reference: reference.to_string(),
        digest: pushed.digest.to_string(),
        bytes: pushed.bytes,
        signatures: pushed.signatures,
    };
    carried.print(arguments.reach.format)?;
    Ok(Exit::Fine)
}
