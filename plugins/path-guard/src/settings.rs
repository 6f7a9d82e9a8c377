//! The settings of the guard, checked once when the policy is loaded.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::glob::Glob;
use crate::place::Place;
use crate::rule::{Rule, filesystem_server};
use crate::spelling;

/// What the operator allows.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Settings {
    pub(crate) roots: BTreeMap<Operation, Vec<Place>>,
    pub(crate) rules: Vec<Rule>,
    /// Asked where no rule of the operator applies.
    pub(crate) known_rules: Vec<Rule>,
    pub(crate) denied: Vec<Glob>,
    pub(crate) base: Option<Place>,
    pub(crate) platform: Platform,
    pub(crate) file_urls: FileUrls,
    pub(crate) parent_steps: ParentSteps,
    pub(crate) path_bytes_max: usize,
    pub(crate) passing: Passing,
}

/// What a tool does to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Reads, lists or searches it.
    Read,
    /// Creates, changes or overwrites it.
    Write,
    /// Removes it, or moves it away.
    Delete,
}

/// Whose rules for paths the tool server follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// One tree below `/`.
    #[default]
    Unix,
    /// Drives, `/` and `\`, device names.
    Windows,
}

/// What happens to `file:` URLs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileUrls {
    /// Refused.
    #[default]
    Refuse,
    /// Read as the path they name.
    Decode,
}

/// What happens to `..`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParentSteps {
    /// One name up, by the text alone.
    #[default]
    Resolve,
    /// Refused.
    Refuse,
}

/// What the guard answers when it has nothing against a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Passing {
    /// The call may go on.
    Allow,
    /// No opinion: another policy must allow the call.
    Abstain,
}

/// The settings as the operator writes them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    roots: BTreeMap<Operation, Vec<String>>,
    #[serde(default)]
    tools: Vec<Rule>,
    #[serde(default = "yes")]
    filesystem_server: bool,
    #[serde(default = "secrets")]
    denied: Vec<String>,
    base: Option<String>,
    #[serde(default)]
    platform: Platform,
    #[serde(default)]
    file_urls: FileUrls,
    #[serde(default)]
    parent_steps: ParentSteps,
    #[serde(default = "path_bytes_max")]
    path_bytes_max: usize,
    #[serde(default = "allow")]
    passing: Passing,
}

fn yes() -> bool {
    true
}

fn allow() -> Passing {
    Passing::Allow
}

/// Longer paths than this are no use to a person, and Windows refuses them.
fn path_bytes_max() -> usize {
    1024
}

/// Files that hold credentials, and folders whose files run as programs.
fn secrets() -> Vec<String> {
    [
        "**/.git",
        "**/.hg",
        "**/.svn",
        "**/.env",
        "**/.env.*",
        "**/.envrc",
        "**/.ssh",
        "**/.gnupg",
        "**/.aws",
        "**/.azure",
        "**/.kube",
        "**/.docker",
        "**/.config/gcloud",
        "**/.netrc",
        "**/.npmrc",
        "**/.pypirc",
        "**/.pgpass",
        "**/.git-credentials",
        "**/id_rsa*",
        "**/id_ed25519*",
        "**/id_ecdsa*",
        "**/*.pem",
        "**/*.key",
        "**/*.p12",
        "**/*.pfx",
        "**/*.kdbx",
    ]
    .map(str::to_owned)
    .to_vec()
}

impl TryFrom<Written> for Settings {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let place = |text: &String| {
            spelling::plain(text, written.platform, FileUrls::Refuse)
                .and_then(|path| Place::read(&path, None, written.platform, ParentSteps::Refuse))
                .map_err(|_| {
                    format!(
                        "`{text}` is not an absolute path without tricks; hint: write `/srv/data`"
                    )
                })
        };
        let mut roots = BTreeMap::new();
        for (operation, paths) in &written.roots {
            roots.insert(
                *operation,
                paths.iter().map(place).collect::<Result<_, _>>()?,
            );
        }
        let rules = written.tools;
        let known_rules = if written.filesystem_server {
            filesystem_server()
        } else {
            Vec::new()
        };
        if rules.is_empty() && known_rules.is_empty() {
            return Err(
                "no tool is judged; hint: add `tools`, or leave `filesystem-server` on".to_owned(),
            );
        }
        for rule in &rules {
            rule.check()?;
        }
        if let Some(empty) = written
            .denied
            .iter()
            .find(|glob| glob.trim_matches(['/', '*']).is_empty())
        {
            return Err(format!(
                "`{empty}` in `denied` covers everything; hint: name a file or folder"
            ));
        }
        Ok(Self {
            roots,
            rules,
            known_rules,
            denied: written.denied.iter().map(|glob| Glob::new(glob)).collect(),
            base: written.base.as_ref().map(place).transpose()?,
            platform: written.platform,
            file_urls: written.file_urls,
            parent_steps: written.parent_steps,
            path_bytes_max: written.path_bytes_max,
            passing: written.passing,
        })
    }
}
