//! `gatewright issuer new`: an issuer in a folder.

use std::path::PathBuf;

use super::folder::Folder;
use super::show::show;
use crate::failure::Exit;
use crate::moment::now;
use crate::output::Format;

/// Make an issuer in a folder: a key that signs, and the next one.
///
/// `keys` holds the private keys and is for its owner alone; `public` is for everybody:
/// `jwks.json`, and of a `did:web` the document `did.json`.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  gatewright issuer new staff --id did:web:id.example.org")]
pub(super) struct Arguments {
    /// The folder.
    folder: PathBuf,
    /// How credentials name the issuer: a `did:web`, or another id that stands in the
    /// configuration of gates.
    #[arg(long, value_parser = id)]
    id: String,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let folder = Folder::create(&arguments.folder, &arguments.id, now()?)?;
    show(folder.state(), arguments.format)?;
    Ok(Exit::Fine)
}

fn id(text: &str) -> Result<String, &'static str> {
    if text.starts_with("did:key:") || text.starts_with("did:jwk:") {
        return Err("such an issuer is its key, and has no other one: use a `did:web`");
    }
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'#');
    match is_plain && text.contains(':') {
        true => Ok(text.to_owned()),
        false => Err("write a DID such as `did:web:id.example.org`, or a URL"),
    }
}
