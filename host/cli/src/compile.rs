//! `gatewright compile-policy`: what the other commands start to compile one policy.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::failure::Exit;

/// The name of the command.
pub(crate) const NAME: &str = "compile-policy";

/// Compile what a folder asks for, within limits, for another process of this program.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder.
    folder: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    gatewright_sandbox::compile(&arguments.folder).context("nothing was compiled")?;
    Ok(Exit::Fine)
}
