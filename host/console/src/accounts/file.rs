//! The file of the accounts: for the user who runs the gate alone, and whole after a
//! crash.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use gatewright_disk::{Access, Disk as _, Files, Lock, Target, folder_of, replace};
use serde::{Deserialize, Serialize};

use super::account::Account;

/// The version of the file that is written, and the only one that is read.
const VERSION: u32 = 1;

/// Longest file that is read, in bytes.
const BYTES_MAX: u64 = 1 << 20;

/// Why there are no accounts to be had.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// It cannot be read or written.
    #[error("accounts `{path}`: {cause}")]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// It does not say what it should.
    #[error(
        "accounts `{path}`: {problem}; hint: put back a copy, or remove the file and make the first account again"
    )]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Others could read it, or change it.
    #[error("accounts `{path}` can be read or changed by others; hint: chmod 600")]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// Another console uses it.
    #[error(
        "accounts `{path}` belong to another gate that is running; hint: give each gate its own `console.accounts`"
    )]
    Locked {
        /// The file.
        path: PathBuf,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    accounts: Vec<Account>,
}

pub(super) struct AccountsFile(PathBuf);

impl AccountsFile {
    pub(super) fn at(path: &Path) -> Result<Self, AccountsError> {
        let file = Self(path.to_owned());
        let made = Files.create_folder(folder_of(path));
        made.map_err(|cause| file.failed(cause))?;
        Ok(file)
    }

    /// Held while it lives, so that no other console writes the file.
    pub(super) fn lock(&self) -> Result<Lock, AccountsError> {
        let mut name = self.0.as_os_str().to_owned();
        name.push(".lock");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true).mode(0o600);
        let file = options.open(&name).map_err(|cause| self.failed(cause))?;
        Lock::within(file, Duration::ZERO).map_err(|_busy| AccountsError::Locked {
            path: self.0.clone(),
        })
    }

    pub(super) fn read(&self) -> Result<Vec<Account>, AccountsError> {
        let file = match File::open(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            file => file.map_err(|cause| self.failed(cause))?,
        };
        let about = file.metadata().map_err(|cause| self.failed(cause))?;
        if about.permissions().mode() & 0o077 != 0 {
            return Err(AccountsError::Open {
                path: self.0.clone(),
            });
        }
        if about.len() > BYTES_MAX {
            return Err(self.wrong(format!("longer than {BYTES_MAX} bytes")));
        }
        let text = fs::read(&self.0).map_err(|cause| self.failed(cause))?;
        let content: Content =
            serde_json::from_slice(&text).map_err(|error| self.wrong(error.to_string()))?;
        match content.version {
            VERSION => Ok(content.accounts),
            other => Err(self.wrong(format!("version {other} is not one that this gate knows"))),
        }
    }

    pub(super) fn write(&self, accounts: &[Account]) -> Result<(), AccountsError> {
        let content = Content {
            version: VERSION,
            accounts: accounts.to_vec(),
        };
        let text = serde_json::to_vec_pretty(&content);
        let text = text.map_err(|error| self.wrong(error.to_string()))?;
        let target = Target::new(&self.0, Access::Owner);
        replace(&Files, target, &text).map_err(|cause| self.failed(cause))
    }

    fn failed(&self, cause: io::Error) -> AccountsError {
        AccountsError::Disk {
            path: self.0.clone(),
            cause,
        }
    }

    fn wrong(&self, problem: String) -> AccountsError {
        AccountsError::Content {
            path: self.0.clone(),
            problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_as_it_was_written_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("console.json");
        let file = AccountsFile::at(&path).unwrap();
        file.write(&[]).unwrap();
        assert_eq!(file.read().unwrap(), []);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(file.read(), Err(AccountsError::Open { .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for text in ["", "{", "{\"version\":2,\"accounts\":[]}", "[]"] {
            fs::write(&path, text).unwrap();
            let read = file.read();
            assert!(matches!(read, Err(AccountsError::Content { .. })), "{text}");
        }
    }
}
