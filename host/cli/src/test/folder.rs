//! A policy's folder: what it says about itself, its component and its cases.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use gatewright_cases::Cases;
use gatewright_engine::config::Files;
use gatewright_sandbox::Inspection;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Advise as _;
use crate::policy_file::{POLICY_FILE, PolicyFile};
use crate::schema::{self, Schema};

/// How the cases are called.
const CASES_FILE: &str = "cases.toml";

/// How the committed fuel of the cases is called, where it is not named.
const BASELINE_FILE: &str = "baseline.toml";

/// How the schema of the settings is called.
const SCHEMA_FILE: &str = "settings.schema.json";

/// Which policy a command runs.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PolicyPlace {
    /// The policy's folder, with its `cases.toml`.
    #[arg(value_name = "PATH", default_value = ".")]
    folder: PathBuf,
    /// The component; without it, `<name>.wasm` in the folder.
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
}

/// Everything that a run needs, read once.
pub(crate) struct PolicyFolder {
    /// What the policy is called in reports.
    pub(crate) name: String,
    /// None when the folder only holds cases, for components from elsewhere.
    pub(crate) policy: Option<PolicyFile>,
    pub(crate) component: Vec<u8>,
    pub(crate) cases: Cases,
    pub(crate) cases_path: PathBuf,
    /// The schema of the settings, where there is one.
    pub(crate) schema: Option<Schema>,
}

/// Of the cases, the files that their settings stand in.
#[derive(Default, Deserialize)]
struct WithFiles {
    #[serde(default)]
    files: BTreeMap<String, Files>,
}

// === impl PolicyPlace ===

impl PolicyPlace {
    /// Where the component is, as far as the folder says.
    fn component(&self, policy: Option<&PolicyFile>) -> Result<PathBuf> {
        match (&self.component, policy) {
            (Some(component), _) => Ok(component.clone()),
            (None, Some(policy)) => Ok(self.folder.join(format!("{}.wasm", policy.name()))),
            (None, None) => Err(anyhow!(
                "`{}` does not exist",
                self.file(POLICY_FILE).display()
            ))
            .hint("give the folder of a policy, or the component with `--component`"),
        }
    }

    /// The committed fuel of each case.
    pub(crate) fn baseline(&self) -> PathBuf {
        self.file(BASELINE_FILE)
    }

    /// The files that a run reads.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let policy = self.policy_file()?;
        let mut files = vec![
            self.component(policy.as_ref())?,
            self.file(CASES_FILE),
            self.file(POLICY_FILE),
            self.file(SCHEMA_FILE),
        ];
        files.extend(self.files_of_settings());
        Ok(files)
    }

    /// Those of the settings in the cases; none where these cannot be read, which a run says.
    fn files_of_settings(&self) -> Vec<PathBuf> {
        let text = std::fs::read_to_string(self.file(CASES_FILE)).unwrap_or_default();
        let settings: WithFiles = toml::from_str(&text).unwrap_or_default();
        let files = settings.files.values();
        files.flat_map(|files| files.paths(&self.folder)).collect()
    }

    fn policy_file(&self) -> Result<Option<PolicyFile>> {
        let path = self.file(POLICY_FILE);
        match path.is_file() {
            true => PolicyFile::read(&path).map(Some),
            false => Ok(None),
        }
    }

    /// A file of the folder; one in the current folder has no `./` before it.
    fn file(&self, name: &str) -> PathBuf {
        match self.folder == Path::new(".") {
            true => PathBuf::from(name),
            false => self.folder.join(name),
        }
    }
}

// === impl PolicyFolder ===

impl PolicyFolder {
    /// Reads everything; what is wrong comes with file, line and fix.
    pub(crate) fn read(place: &PolicyPlace) -> Result<Self> {
        let policy = place.policy_file()?;
        let component_path = place.component(policy.as_ref())?;
        let cases_path = place.file(CASES_FILE);
        let cases = cases(&cases_path)?;
        let component = std::fs::read(&component_path)
            .with_context(|| format!("`{}` cannot be read", component_path.display()))
            .hint(format!(
                "`gatewright build {}` makes it; `--component` names another",
                place.folder.display()
            ))?;
        Inspection::of(&component)
            .with_context(|| format!("`{}`", component_path.display()))
            .hint("`gatewright build` makes a component of a policy, or of a core module")?;
        let name = match &policy {
            Some(policy) => policy.name().to_owned(),
            None => component_path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
        };
        Ok(Self {
            name,
            policy,
            component,
            cases,
            cases_path,
            schema: schema::settings(&place.file(SCHEMA_FILE))?,
        })
    }
}

fn cases(path: &Path) -> Result<Cases> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("`{name}` cannot be read"))
        .hint("write a case into it; `gatewright schema cases` describes the file")?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let put_files = |settings: &str, files: &Value| {
        let files = BTreeMap::<String, Files>::deserialize(files);
        let files = files.map_err(|error| error.to_string())?;
        for (member, files) in &files {
            let below = files.are_below(folder);
            below.map_err(|error| format!("{member}: {error}"))?;
        }
        Files::put_into(settings, &files, folder)
    };
    Cases::from_toml_with(&text, put_files).or_else(|error| {
        let line = error.line.map(|line| format!(":{line}"));
        let line = line.unwrap_or_default();
        Err(anyhow!("{name}{line}: {}", error.message)).hint(error.hint)
    })
}
