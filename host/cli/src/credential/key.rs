//! `gatewright credential key`: a new issuer key, or the name of an old one.

use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use gatewright_policy::credential::did_key;

use crate::failure::Exit;
use crate::key::file;
use crate::key::passphrase::Passphrase;
use crate::output::print_line;

/// Make an issuer's key; prints its did:key.
///
/// The key goes to a new file that only you can read (PKCS #8, PEM). Whoever has
/// it can issue credentials, so it is never printed. `gatewright key new` makes
/// one that is encrypted, which works here too. Put the did:key into the
/// configuration as `[[issuer]] id`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright credential key issuer.key           make a key
  gatewright credential key --show issuer.key    print the did:key of a key")]
pub(crate) struct Arguments {
    /// Print the did:key of an existing key file instead of making one.
    #[arg(long)]
    show: bool,
    /// Where the key is, or goes. An existing file is never overwritten.
    file: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let key = if arguments.show {
        file::read(&arguments.file, &arguments.passphrase)?
    } else {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        let key = SigningKey::from_bytes(&seed);
        file::create(&arguments.file, &key, None)?;
        eprintln!("wrote {}: keep it secret", arguments.file.display());
        key
    };
    print_line(&did_key(&key.verifying_key()))?;
    Ok(Exit::Fine)
}
