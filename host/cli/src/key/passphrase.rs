//! Where the passphrase of a key comes from: a file, the environment, or the
//! person at the terminal.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::failure::Advise as _;

/// The environment variable.
const VARIABLE: &str = "GATEWRIGHT_PASSPHRASE";

/// Longest passphrase, in bytes.
const BYTES_MAX: u64 = 4096;

/// Where a passphrase comes from.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Passphrase {
    /// The file with the passphrase of an encrypted key; its first line counts.
    /// Without it, the environment variable GATEWRIGHT_PASSPHRASE, or a question
    /// at the terminal.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

// === impl Passphrase ===

impl Passphrase {
    /// Of a key that is encrypted already.
    pub(super) fn for_key(&self, key: &Path) -> Result<String> {
        match self.given()? {
            Some(passphrase) => Ok(passphrase),
            None => ask(&format!("passphrase of {}: ", key.display())),
        }
    }

    /// Of a key that will be. A person is asked twice.
    pub(super) fn for_new_key(&self) -> Result<String> {
        let passphrase = match self.given()? {
            Some(passphrase) => passphrase,
            None => {
                let first = ask("passphrase of the new key: ")?;
                if ask("the same again: ")? != first {
                    bail!("the two passphrases differ");
                }
                first
            }
        };
        if passphrase.is_empty() {
            return Err(anyhow!("the passphrase is empty"))
                .hint("choose one, or write the key with `--plain`");
        }
        Ok(passphrase)
    }

    fn given(&self) -> Result<Option<String>> {
        if let Some(path) = &self.passphrase_file {
            return first_line(path).map(Some);
        }
        match std::env::var(VARIABLE) {
            Ok(passphrase) => Ok(Some(passphrase)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => bail!("{VARIABLE} is not UTF-8"),
        }
    }
}

fn first_line(path: &Path) -> Result<String> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(BYTES_MAX).read_to_string(&mut text))
        .with_context(|| format!("passphrase file `{}` cannot be read", path.display()))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn ask(question: &str) -> Result<String> {
    if !stdin().is_terminal() {
        return Err(anyhow!(
            "the key needs a passphrase, and there is nobody to ask"
        ))
        .hint(format!("give `--passphrase-file`, or set {VARIABLE}"));
    }
    rpassword::prompt_password(question).context("the passphrase cannot be read")
}
