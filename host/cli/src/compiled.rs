//! Who compiles for the commands: this program once more, in a process for each component
//! that is not in the cache yet.

use std::path::PathBuf;

use anyhow::Result;
use gatewright_sandbox::{Compiler, CompilerProcess, Sandbox, SandboxConfig, private_folder};

/// One case runs at a time; the rest is for what a load starts.
const INSTANCES: u32 = 4;

/// A sandbox for one author.
pub(crate) fn sandbox() -> Result<Sandbox> {
    Ok(Sandbox::new(&SandboxConfig {
        instances_max: INSTANCES,
        compiler: compiler(),
        ..SandboxConfig::default()
    })?)
}

/// Compiles in a process of its own, and keeps the result in the user's own folder. Where
/// that cannot be used, nothing is kept, which costs time.
pub(crate) fn compiler() -> Compiler {
    let cache = folder().filter(|folder| match private_folder(folder) {
        Ok(()) => true,
        Err(error) => {
            let folder = folder.display();
            eprintln!("warning: compiled policies are not kept in `{folder}`: {error}");
            false
        }
    });
    let arguments = vec![crate::compile::NAME.into()];
    Compiler::Process(CompilerProcess::this_program(arguments, cache))
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
