//! Who signs: a key that is an issuer by itself, or the current key of an issuer's folder.

use std::path::PathBuf;

use gatewright_policy::Timestamp;
use gatewright_policy::credential::{Signer, TrustAnchor};

use super::folder::Folder;
use crate::key::file;
use crate::key::passphrase::Passphrase;

/// `--key` or `--issuer`.
#[derive(clap::Args)]
pub(crate) struct SignedBy {
    /// The issuer's key file: the issuer is the `did:key` of it.
    #[arg(long, value_name = "FILE", required_unless_present = "issuer")]
    key: Option<PathBuf>,
    /// The folder of the issuer, as `gatewright issuer new` makes it.
    #[arg(long, value_name = "FOLDER", conflicts_with = "key")]
    issuer: Option<PathBuf>,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// An issuer that signs.
pub(crate) enum Issuing {
    Key(Box<Signer>),
    Folder(Box<Folder>),
}

impl SignedBy {
    /// Opens the key, or the folder, which nobody else changes then.
    pub(crate) fn open(&self, now: Timestamp) -> anyhow::Result<Issuing> {
        match (&self.issuer, &self.key) {
            (Some(folder), _) => Ok(Issuing::Folder(Box::new(Folder::open(folder, now)?))),
            (None, key) => {
                let path = key.clone().unwrap_or_default();
                let key = file::read(&path, &self.passphrase)?;
                Ok(Issuing::Key(Box::new(Signer::of_key(&key))))
            }
        }
    }
}

impl Issuing {
    /// For something that ends at a time.
    pub(crate) fn signer(&mut self, ends: Timestamp) -> anyhow::Result<Signer> {
        match self {
            Self::Key(signer) => Ok(Signer::clone(signer)),
            Self::Folder(folder) => folder.signer(ends),
        }
    }

    /// How what it signed is verified.
    pub(crate) fn anchor(&self) -> anyhow::Result<TrustAnchor> {
        match self {
            Self::Key(signer) => Ok(TrustAnchor::of_did(signer.issuer())?),
            Self::Folder(folder) => folder.anchor(),
        }
    }
}
