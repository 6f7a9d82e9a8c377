//! A policy's folder, as far as building needs it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};

use crate::embedded;
use crate::failure::Advise as _;
use crate::policy_file::{Language, POLICY_FILE, PolicyFile, World};

/// A policy in any language.
pub(super) struct Policy {
    /// Absolute, without links.
    pub(super) folder: PathBuf,
    pub(super) name: String,
    pub(super) world: World,
    pub(super) language: Language,
}

/// Where the contract is that the SDKs are written for.
const CONTRACT: &str = "wit/0.2";

/// Its only file.
pub(super) const CONTRACT_FILE: &str = "policy.wit";

/// Which files say which language, the surer ones first.
const SIGNS: [(&str, Language); 8] = [
    ("Cargo.toml", Language::Rust),
    ("go.mod", Language::Go),
    ("assembly/policy.ts", Language::AssemblyScript),
    ("src/policy.ts", Language::TypeScript),
    ("src/policy.js", Language::JavaScript),
    ("src/policy.py", Language::Python),
    ("pyproject.toml", Language::Python),
    ("src/policy.c", Language::C),
];

// === impl Policy ===

impl Policy {
    /// Reads `policy.toml` of a folder, if it has one.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(POLICY_FILE);
        if !path.is_file() {
            return Ok(None);
        }
        let file = PolicyFile::read(&path)?;
        let language = file.language.map_or_else(|| language(folder), Ok)?;
        Ok(Some(Self {
            folder: folder.to_owned(),
            name: file.name().to_owned(),
            world: file.world,
            language,
        }))
    }

    /// The name of its world, as toolchains want it.
    pub(super) fn world_name(&self) -> &'static str {
        gatewright_sandbox::World::from(self.world).name()
    }

    /// Says on stderr what is about to happen.
    pub(super) fn say(&self, toolchain: &str) {
        eprintln!(
            "building {} ({}) with {toolchain}",
            self.name, self.language
        );
    }

    /// The SDK: the project's copy, what its package manager installed, or that of
    /// the repository it is in. `installed` is where that would be.
    pub(super) fn sdk(&self, language: &str, installed: Option<PathBuf>) -> Result<PathBuf> {
        let own = self.folder.join("gatewright/sdk").join(language);
        let of_ancestors = self
            .folder
            .ancestors()
            .map(|ancestor| ancestor.join("sdk").join(language));
        let mut places = std::iter::once(own.clone())
            .chain(installed)
            .chain(of_ancestors);
        let found = places.find(|place| place.is_dir());
        found
            .with_context(|| format!("`{}` does not exist", own.display()))
            .hint(format!(
                "`gatewright new` puts the SDK there: make another policy with `--lang {}` and copy its `gatewright/`",
                self.language
            ))
    }

    /// The folder with the contract that an SDK is written for: beside a copy, or else
    /// what this program carries, written to `scratch`.
    pub(super) fn wit(&self, sdk: &Path, scratch: &Path) -> Result<PathBuf> {
        let beside = sdk.join("../..").join(CONTRACT);
        if beside.is_dir() {
            return Ok(beside);
        }
        let folder = scratch.join(CONTRACT);
        std::fs::create_dir_all(&folder)?;
        let file = format!("{CONTRACT}/{CONTRACT_FILE}");
        std::fs::write(folder.join(CONTRACT_FILE), embedded::text(&file)?)?;
        Ok(folder)
    }
}

/// What a folder without `language` is written in.
fn language(folder: &Path) -> Result<Language> {
    let found = SIGNS.iter().find(|(file, _)| folder.join(file).is_file());
    found
        .map(|(_, language)| *language)
        .ok_or_else(|| anyhow!("nothing says what `{}` is written in", folder.display()))
        .hint("write `language = \"..\"` into `policy.toml`")
}
