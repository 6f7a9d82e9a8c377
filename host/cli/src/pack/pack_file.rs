//! `pack.toml`: what goes into a pack.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use gatewright_cases::Cases;
use gatewright_engine::config::Expiry;
use gatewright_pack::{PackDraft, PackName, PolicyDraft};
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Advise as _;
use crate::policy_file::{POLICY_FILE, PolicyFile};
use crate::schema::{self, Schema};
use crate::toml_file;

/// What to do about a key that is wrong.
const REMEDY: &str = "`gatewright docs vendors` describes the file";

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackFile {
    name: PackName,
    revision: String,
    version: u64,
    expires: Option<Expiry>,
    description: Option<String>,
    #[serde(rename = "policy")]
    policies: Vec<PolicyTable>,
}

/// One policy: its folder, and what a pack says beyond it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyTable {
    folder: PathBuf,
    component: Option<PathBuf>,
    settings: Option<Value>,
    fuel_max: Option<u64>,
}

// === impl PackFile ===

impl PackFile {
    /// Reads the file, and everything that it names; paths start at its folder.
    pub(super) fn draft(path: &Path) -> Result<PackDraft> {
        let file: Self = toml_file::read(path, REMEDY)?;
        let base = path.parent().unwrap_or(Path::new(""));
        let policies = file.policies.iter().map(|policy| policy.draft(base));
        Ok(PackDraft {
            policies: policies.collect::<Result<_>>()?,
            name: file.name,
            revision: file.revision,
            version: file.version,
            expires: file.expires.map(|expiry| expiry.0),
            description: file.description,
        })
    }
}

// === impl PolicyTable ===

impl PolicyTable {
    fn draft(&self, base: &Path) -> Result<PolicyDraft> {
        let folder = base.join(&self.folder);
        let policy_path = folder.join(POLICY_FILE);
        let policy = PolicyFile::read(&policy_path)?;
        let Some(authority) = policy.authority else {
            return Err(anyhow!(
                "`{}` does not say what its answers need",
                policy_path.display()
            ))
            .hint("write `authority`, such as `authority = [\"allow\", \"deny\"]`");
        };
        let component_path = match &self.component {
            Some(component) => base.join(component),
            None => folder.join(format!("{}.wasm", policy.name())),
        };
        let component = std::fs::read(&component_path)
            .with_context(|| format!("`{}` cannot be read", component_path.display()))
            .hint(format!(
                "`gatewright build {}` makes it; `component` names another place",
                folder.display()
            ))?;
        let world = gatewright_sandbox::Inspection::of(&component)
            .with_context(|| format!("`{}`", component_path.display()))?
            .world;
        let expected = gatewright_sandbox::World::from(policy.world);
        if world != expected {
            return Err(anyhow!(
                "`{}` says `world = \"{expected}\"`, and the component is of the world `{world}`",
                policy_path.display()
            ))
            .hint("mend `policy.toml`, or build the component again");
        }
        Ok(PolicyDraft {
            name: policy.name().to_owned(),
            description: policy.description,
            component,
            authority,
            settings_schema: schema::settings(&folder.join("settings.schema.json"))?
                .map(Schema::into_value),
            settings: self.settings.clone(),
            cases: cases(&folder.join("cases.toml"))?,
            fuel_max: self.fuel_max,
        })
    }
}

fn optional(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("`{}` cannot be read", path.display())),
    }
}

/// The cases as JSON, which ask the same: the gate reads them again.
fn cases(path: &Path) -> Result<Option<Value>> {
    let Some(text) = optional(path)? else {
        return Ok(None);
    };
    let name = path.display();
    Cases::from_toml(&text).or_else(|error| {
        let line = error
            .line
            .map(|line| format!(":{line}"))
            .unwrap_or_default();
        Err(anyhow!("{name}{line}: {}", error.message)).hint(error.hint)
    })?;
    let cases: Value = toml::from_str(&text).with_context(|| format!("`{name}`"))?;
    Cases::from_json(&cases)
        .map_err(|error| anyhow!("`{name}` cannot be carried as JSON: {}", error.message))
        .hint("write what TOML and JSON both can say; `arguments-json` takes any text")?;
    Ok(Some(cases))
}
