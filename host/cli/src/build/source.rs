//! What is to be built, and where the component goes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use super::policy::Policy;
use crate::policy_file::Language;

/// One thing to build.
pub(super) struct Source {
    /// Absolute, without links.
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    pub(super) out: PathBuf,
}

/// What it is.
pub(super) enum Kind {
    /// A folder with `policy.toml`.
    Policy(Policy),
    /// A folder that only has a `Cargo.toml`.
    Crate,
    /// A core module.
    Module,
}

// === impl Source ===

impl Source {
    /// Looks at a path; `count` things are built together.
    pub(super) fn at(given: &Path, out: Option<&Path>, count: usize) -> Result<Self> {
        let path = fs::canonicalize(given)
            .with_context(|| format!("there is nothing at `{}`", given.display()))?;
        let kind = Kind::of(&path)?;
        let name = match &kind {
            Kind::Policy(policy) => policy.name.clone().into(),
            Kind::Crate => path.file_name().unwrap_or_default().to_owned(),
            Kind::Module => path.file_stem().unwrap_or_default().to_owned(),
        };
        let mut file = PathBuf::from(name);
        file.as_mut_os_string().push(".wasm");
        let out = match (out, &kind) {
            (None, Kind::Policy(_)) if given != Path::new(".") => given.join(file),
            (None, _) => file,
            (Some(out), _) if out.extension().is_some_and(|extension| extension == "wasm") => {
                ensure!(
                    count == 1,
                    "several components do not fit into one file `{}`\nhint: give a folder",
                    out.display()
                );
                out.to_owned()
            }
            (Some(folder), _) => folder.join(file),
        };
        if fs::canonicalize(&out).is_ok_and(|out| out == path) {
            bail!(
                "`{}` would overwrite what it is made of\nhint: say where with `-o`",
                out.display()
            );
        }
        Ok(Self { path, kind, out })
    }

    /// Whether cargo builds it.
    pub(super) fn is_crate(&self) -> bool {
        match &self.kind {
            Kind::Policy(policy) => policy.language == Language::Rust,
            Kind::Crate => true,
            Kind::Module => false,
        }
    }

    /// Whether it is a folder that says what it is.
    pub(super) fn is_policy(&self) -> bool {
        matches!(self.kind, Kind::Policy(_))
    }
}

// === impl Kind ===

impl Kind {
    fn of(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            return Ok(Self::Module);
        }
        if let Some(policy) = Policy::read(path)? {
            return Ok(Self::Policy(policy));
        }
        ensure!(
            path.join("Cargo.toml").is_file(),
            "`{}` is a folder without `policy.toml`\nhint: `gatewright new` makes a policy; `gatewright schema policy` describes the file",
            path.display()
        );
        Ok(Self::Crate)
    }
}
