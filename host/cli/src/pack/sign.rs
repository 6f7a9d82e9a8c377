//! `gatewright pack sign`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use gatewright_pack::{sign, signed_by};

use super::build::write;
use super::held::holds_its_cases;
use super::lock::lock;
use super::place::Unverified;
use crate::failure::Exit;
use crate::key::file;
use crate::key::passphrase::Passphrase;
use crate::output::print_line;

/// Sign a pack; prints every key that has signed it now.
///
/// The signature is about the pack and each component of it. It goes into the
/// layout beside those that are there: where several must sign, each signs in
/// turn. The pack must hold its own cases.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright pack sign guards --key publisher.key
  gatewright pack sign guards.tar --key publisher.key --passphrase-file pw")]
pub(super) struct Arguments {
    /// The pack: a folder, or a tar.
    layout: PathBuf,
    /// The key: PKCS #8 or OpenSSH.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
    /// Do not run its cases.
    #[arg(long)]
    untested: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit> {
    let path = &arguments.layout;
    // First, so that nobody waits for a person who types a passphrase.
    let key = file::read(&arguments.key, &arguments.passphrase)?;
    // Two who sign at once would each write the layout without the other's
    // signature.
    let _lock = lock(path)?;
    let pack = Unverified::read(path)?;
    if !arguments.untested {
        holds_its_cases(&pack)?;
    }
    let signed = sign(&pack.layout, &key).with_context(|| format!("`{}`", path.display()))?;
    write(&signed, path)?;
    print_line(&signed_by(&signed)?.join("\n"))?;
    Ok(Exit::Fine)
}
