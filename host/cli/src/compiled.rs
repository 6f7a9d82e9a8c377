//! A sandbox for the commands of policy authors, which keeps compiled code
//! between runs: a policy with a language runtime takes seconds to compile.

use std::path::PathBuf;

use anyhow::Result;
use gatewright_sandbox::{Sandbox, SandboxConfig};

/// One case runs at a time; the rest is for what a load starts.
const INSTANCES: u32 = 4;

/// A sandbox for one author.
pub(crate) fn sandbox() -> Result<Sandbox> {
    let config = |cache_dir| SandboxConfig {
        instances_max: INSTANCES,
        cache_dir,
        ..SandboxConfig::default()
    };
    let cache = folder().filter(|folder| make_private(folder).is_ok());
    // A cache that cannot be used costs time and nothing else.
    match Sandbox::new(&config(cache)) {
        Ok(sandbox) => Ok(sandbox),
        Err(_) => Ok(Sandbox::new(&config(None))?),
    }
}

/// `$XDG_CACHE_HOME/gatewright`, by the XDG Base Directory Specification.
fn folder() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .or_else(|| Some(std::env::home_dir()?.join(".cache")))?;
    base.is_absolute()
        .then(|| base.join("gatewright").join("compiled"))
}

/// Whoever can write there can run code as this user.
fn make_private(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
