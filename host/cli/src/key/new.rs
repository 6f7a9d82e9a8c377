//! `gatewright key new`.

use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use gatewright_policy::credential::did_key;

use super::file;
use super::passphrase::Passphrase;
use crate::failure::Exit;
use crate::output::print_line;

/// Make a key that signs packs; prints its did:key.
///
/// The key goes to a new file that only you can read, encrypted with a passphrase
/// (PKCS #8, PBES2 with scrypt). Whoever has both can sign packs in your name.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright key new publisher.key
  GATEWRIGHT_PASSPHRASE=... gatewright key new publisher.key
  gatewright key new ci.key --plain     for a machine that keeps secrets itself")]
pub(super) struct Arguments {
    /// Where it goes. An existing file is never overwritten.
    file: PathBuf,
    /// Do not encrypt it.
    #[arg(long, conflicts_with = "passphrase_file")]
    plain: bool,
    #[command(flatten)]
    passphrase: Passphrase,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let passphrase = match arguments.plain {
        true => None,
        false => Some(arguments.passphrase.for_new_key()?),
    };
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let key = SigningKey::from_bytes(&seed);
    file::create(&arguments.file, &key, passphrase.as_deref())?;
    eprintln!("wrote {}: keep it secret", arguments.file.display());
    print_line(&did_key(&key.verifying_key()))?;
    Ok(Exit::Fine)
}
