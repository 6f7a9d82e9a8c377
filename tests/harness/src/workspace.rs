//! A folder for one test: a configuration, an issuer's key, credentials.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::{Binaries, HarnessError, Process};

/// How long the command may take to make a key or a credential.
const COMMAND_DEADLINE: Duration = Duration::from_secs(30);

/// A temporary folder with the key of an issuer. It goes away with the test.
#[derive(Debug)]
pub struct Workspace {
    directory: TempDir,
    binaries: Binaries,
    issuer: String,
}

/// What a credential shall say.
#[derive(Clone, Debug)]
pub struct Credential<'a> {
    /// The agent.
    pub agent: &'a str,
    /// Whom it acts for.
    pub principal: &'a str,
    /// What it may call, as `server:tool`.
    pub scopes: &'a [&'a str],
    /// How long it is valid, as `1h`.
    pub valid_for: &'a str,
    /// When it begins to be valid; now when there is none.
    pub valid_from: Option<&'a str>,
    /// The did:key of the agent; none for a bearer.
    pub holder: Option<&'a str>,
}

impl Default for Credential<'_> {
    fn default() -> Self {
        Self {
            agent: "did:example:agent",
            principal: "user:alice",
            scopes: &["*:*"],
            valid_for: "1h",
            valid_from: None,
            holder: None,
        }
    }
}

impl Workspace {
    /// A new folder with a new issuer.
    pub fn create() -> Result<Self, HarnessError> {
        let binaries = Binaries::locate();
        let directory = tempfile::Builder::new().prefix("gatewright-").tempdir()?;
        let mut command = Command::new(binaries.gatewright()?);
        command
            .args(["credential", "key"])
            .arg(directory.path().join("issuer.key"));
        let issuer = Process::run(command, COMMAND_DEADLINE)?.trim().to_owned();
        if !issuer.starts_with("did:key:") {
            return Err(HarnessError::Unexpected {
                text: issuer,
                wanted: "a did:key",
            });
        }
        Ok(Self {
            directory,
            binaries,
            issuer,
        })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The issuer's `did:key`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What was built.
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Writes a file, and the folders it is in.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf, HarnessError> {
        let path = self.path().join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, text)?;
        Ok(path)
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> Result<String, HarnessError> {
        Ok(std::fs::read_to_string(self.path().join(name))?)
    }

    /// Copies the component of a shipped policy next to the configuration.
    pub fn add_plugin(&self, name: &str) -> Result<PathBuf, HarnessError> {
        let copy = self.path().join(format!("{name}.wasm"));
        std::fs::copy(self.binaries.plugin(name)?, &copy)?;
        Ok(copy)
    }

    /// A new key of an agent: its file, and its did:key.
    pub fn key(&self, name: &str) -> Result<(PathBuf, String), HarnessError> {
        let file = self.path().join(name);
        let mut command = Command::new(self.binaries.gatewright()?);
        command.args(["credential", "key"]).arg(&file);
        let did = Process::run(command, COMMAND_DEADLINE)?.trim().to_owned();
        Ok((file, did))
    }

    /// A credential signed by the issuer of this folder.
    pub fn issue(&self, credential: &Credential<'_>) -> Result<String, HarnessError> {
        let mut command = Command::new(self.binaries.gatewright()?);
        command
            .args(["credential", "issue", "--key"])
            .arg(self.path().join("issuer.key"));
        command.args([
            "--agent",
            credential.agent,
            "--principal",
            credential.principal,
        ]);
        command.args(["--valid-for", credential.valid_for]);
        if let Some(valid_from) = credential.valid_from {
            command.args(["--valid-from", valid_from]);
        }
        if let Some(holder) = credential.holder {
            command.args(["--holder", holder]);
        }
        for scope in credential.scopes {
            command.args(["--scope", scope]);
        }
        Ok(Process::run(command, COMMAND_DEADLINE)?.trim().to_owned())
    }
}
