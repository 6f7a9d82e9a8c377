//! `gatewright key show`.

use std::path::PathBuf;

use gatewright_policy::credential::did_key;

use super::file;
use super::passphrase::Passphrase;
use crate::failure::Exit;
use crate::output::print_line;

/// Print the did:key of a key.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The key: PKCS #8 or OpenSSH.
    file: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let key = file::read(&arguments.file, &arguments.passphrase)?;
    print_line(&did_key(&key.verifying_key()))?;
    Ok(Exit::Fine)
}
