//! The tree beside a ledger, as it is read.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use super::{OwnRecord, own_record_of};
use crate::config_file::ConfigFile;
use crate::failure::Advise as _;

/// Longest file that is read as a checkpoint or a key, in bytes.
const TEXT_BYTES_MAX: u64 = 64 << 10;

/// A ledger and its tree.
pub(super) struct Signed {
    pub(super) ledger: PathBuf,
    pub(super) tree: PathBuf,
}

impl Signed {
    /// The ledger that is meant. A record in a database has no tree.
    pub(super) fn of(file: Option<&PathBuf>, config: &ConfigFile) -> anyhow::Result<Self> {
        let ledger = match own_record_of(file, config)? {
            OwnRecord::File(path) => path,
            OwnRecord::Memory(_) => {
                return Err(anyhow!("the record of this configuration is in a database"))
                    .hint("only a ledger in files has a signed tree; `--file` names one");
            }
        };
        let mut tree = ledger.as_os_str().to_owned();
        tree.push(".tree");
        let tree = PathBuf::from(tree);
        if !tree.is_dir() {
            return Err(anyhow!("ledger `{}` has no signed tree", ledger.display()))
                .hint("a gate begins it at its first start; `--file` names another ledger");
        }
        Ok(Self { ledger, tree })
    }

    /// The latest checkpoint.
    pub(super) fn checkpoint(&self) -> anyhow::Result<String> {
        text_of(&self.tree.join("checkpoint"))
    }

    /// The key that it is verified with.
    pub(super) fn key(&self) -> anyhow::Result<String> {
        Ok(text_of(&self.tree.join("key.pub"))?.trim().to_owned())
    }
}

/// A key as it was given: itself, or a file that it is in.
pub(super) fn key_of(given: &str) -> anyhow::Result<String> {
    match Path::new(given).is_file() {
        true => Ok(text_of(Path::new(given))?.trim().to_owned()),
        false => Ok(given.to_owned()),
    }
}

/// A short file of text.
pub(super) fn text_of(path: &Path) -> anyhow::Result<String> {
    let failed = || format!("`{}` cannot be read", path.display());
    let mut text = String::new();
    let file = File::open(path).with_context(failed)?;
    let read = file.take(TEXT_BYTES_MAX).read_to_string(&mut text);
    read.with_context(failed)?;
    Ok(text)
}
