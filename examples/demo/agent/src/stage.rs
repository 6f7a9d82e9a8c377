//! The stage: a folder with files, settings, a pack of policies, a key and credentials.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use crate::story::{Credential, SECRET_PREFIX};

/// The configuration and the settings, with `@FOLDER@`, `@ISSUER@` and the like to fill in.
const TEMPLATES: [(&str, &str); 4] = [
    ("gatewright.toml", include_str!("../../gatewright.toml")),
    (
        "settings/path-guard.json",
        include_str!("../../settings/path-guard.json"),
    ),
    (
        "settings/sql-guard.json",
        include_str!("../../settings/sql-guard.json"),
    ),
    (
        "settings/tool-gate.json",
        include_str!("../../settings/tool-gate.json"),
    ),
];

/// The key of the person who may decide on held calls.
const APPROVER: &str = "olga.key";

const SCOPES: [&str; 3] = ["office:read_file", "office:write_file", "office:query"];

/// A folder that goes away with this value.
pub(crate) struct Stage {
    folder: TempDir,
    programs: PathBuf,
}

impl Stage {
    pub(crate) fn set() -> anyhow::Result<Self> {
        let programs = std::env::current_exe()?
            .parent()
            .context("this program is in no folder")?
            .to_owned();
        let stage = Self {
            folder: TempDir::with_prefix("gatewright-demo-")?,
            programs,
        };
        for folder in ["settings", "files/notes", "files/reports"] {
            fs::create_dir_all(stage.path(folder))?;
        }
        stage.write("files/notes/welcome.md", "Welcome to the office.\n")?;
        stage.write("files/reports/q3.md", "Revenue is up.\n")?;
        // Assembled here so that nobody takes it for a real one.
        let secret = format!("Deploy with {SECRET_PREFIX}{}.\n", "Zm9vYmFyYmF6".repeat(3));
        stage.write("files/notes/deploy.md", &secret)?;
        let issuer = stage.gatewright(&["credential", "key", &stage.name("issuer.key")])?;
        let approver = stage.gatewright(&["key", "new", &stage.name(APPROVER), "--plain"])?;
        let folder = stage.folder.path().display().to_string();
        let key = stage.built("starter-pack.key")?.display().to_string();
        let publisher = stage
            .gatewright(&["key", "show", &key])
            .context("there is no starter pack; hint: make pack")?;
        let cache = stage.built("demo-cache")?.display().to_string();
        let tools = stage.program("gatewright-demo-tools").display().to_string();
        for (file, template) in TEMPLATES {
            let text = template
                .replace("@FOLDER@", &folder)
                .replace("@TOOLS@", &tools)
                .replace("@ISSUER@", issuer.trim())
                .replace("@APPROVER@", approver.trim())
                .replace("@PUBLISHER@", publisher.trim())
                .replace("@CACHE@", &cache);
            stage.write(file, &text)?;
        }
        stage.activate_the_starter_pack()?;
        Ok(stage)
    }

    /// The configuration file.
    pub(crate) fn config(&self) -> PathBuf {
        self.path("gatewright.toml")
    }

    /// Where the gate writes what it decided.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.path("state/audit.jsonl")
    }

    /// Whether the record is what was signed, and what the verifier says of it.
    pub(crate) fn verify(&self) -> anyhow::Result<(bool, String)> {
        let output = Command::new(self.program("gatewright"))
            .args(["log", "verify"])
            .arg(self.path("state"))
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let first = text.lines().next().unwrap_or_default().to_owned();
        Ok((output.status.success(), first))
    }

    /// Whether the policies say of the past what they said then, bit for bit, and would let
    /// nothing more through; and what the replay says of it.
    pub(crate) fn replay(&self) -> anyhow::Result<(bool, String)> {
        let output = Command::new(self.program("gatewright"))
            .args(["replay", "--fail-on", "loosened"])
            .arg(self.config())
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let summary: Vec<_> = text.lines().take(2).collect();
        Ok((output.status.success(), summary.join("; ")))
    }

    /// A program of this build.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// A credential for the agent.
    pub(crate) fn credential(&self, which: Credential) -> anyhow::Result<String> {
        let key = self.name("issuer.key");
        let mut arguments = vec!["credential", "issue", "--key", &key];
        arguments.extend(["--agent", "did:example:helper", "--principal", "user:alice"]);
        arguments.extend(SCOPES.iter().flat_map(|scope| ["--scope", scope]));
        arguments.extend(["--valid-for", "1h"]);
        match which {
            Credential::Valid => {}
            Credential::Expired => arguments.extend(["--valid-from", "2026-01-01T00:00:00Z"]),
        }
        Ok(self.gatewright(&arguments)?.trim().to_owned())
    }

    /// How many calls the tool server wrote into its own journal.
    pub(crate) fn calls_that_reached_the_tools(&self) -> anyhow::Result<usize> {
        match fs::read_to_string(self.path("reached.jsonl")) {
            Ok(journal) => Ok(journal.lines().count()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Approves the one held call, as the person would at a terminal.
    pub(crate) fn approve(&self, admin: &str) -> anyhow::Result<()> {
        let key = self.name(APPROVER);
        let with = ["--key", &key, "--admin", admin];
        let list = ["approvals", "list", "--format", "json"];
        let waiting = self.gatewright(&[list.as_slice(), with.as_slice()].concat())?;
        let waiting: serde_json::Value = serde_json::from_str(&waiting)?;
        let id = waiting.pointer("/0/id").and_then(serde_json::Value::as_str);
        let id = id.context("nothing waits for the person")?;
        let approve = ["approvals", "approve", id, "--yes"];
        self.gatewright(&[approve.as_slice(), with.as_slice()].concat())?;
        Ok(())
    }

    /// Takes `reports` from the folders that may be read.
    pub(crate) fn close_reports(&self) -> anyhow::Result<()> {
        let file = "settings/path-guard.json";
        let text = fs::read_to_string(self.path(file))?;
        let reports = format!(", \"{}\"", self.path("files/reports").display());
        if !text.contains(&reports) {
            bail!("`{file}` does not list {reports}");
        }
        let next = self.path("settings/.next");
        fs::write(&next, text.replace(&reports, ""))?;
        fs::rename(next, self.path(file)).context("the settings cannot be replaced")
    }

    fn activate_the_starter_pack(&self) -> anyhow::Result<()> {
        let pack = self.built("starter-pack")?.display().to_string();
        let config = self.config().display().to_string();
        let arguments = ["--config", &config, "--by", "demo"];
        self.gatewright(&[&["pack", "activate", &pack], arguments.as_slice()].concat())
            .context("the starter pack is not activated; hint: make pack")?;
        Ok(())
    }

    /// What `make` built beside the programs.
    fn built(&self, name: &str) -> anyhow::Result<PathBuf> {
        let target = self.programs.parent();
        Ok(target
            .context("this program is in no target folder")?
            .join(name))
    }

    fn gatewright(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let program = self.program("gatewright");
        let output = Command::new(&program)
            .args(arguments)
            .output()
            .with_context(|| format!("`{}` does not start", program.display()))?;
        if !output.status.success() {
            bail!(
                "gatewright {}: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    fn write(&self, file: &str, text: &str) -> anyhow::Result<()> {
        fs::write(self.path(file), text).with_context(|| format!("`{file}` cannot be written"))
    }

    fn path(&self, file: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(file)
    }

    fn name(&self, file: &str) -> String {
        self.path(file).display().to_string()
    }
}
