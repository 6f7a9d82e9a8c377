//! Policies in Python: componentize-py brings an interpreter of its own.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::component::Component;
use super::policy::Policy;
use super::program::{Missing, Program, commands, pip, run};
use gatewright_link::link;

/// The version that the SDK is written for, exactly.
const VERSION: (u32, u32, u32) = (0, 25, 1);

/// The package of the SDK that becomes a component with the policy.
const PACKAGE: &str = "gatewright_component";

/// componentize-py, of the policy's virtual environment or on the path.
pub(crate) fn find(folder: Option<&Path>) -> Result<Program, Missing> {
    let missing = |problem: String| Missing {
        problem,
        install: pip("componentize-py==0.25.1"),
    };
    let program = Program::first(
        commands(folder, "componentize-py"),
        &["--version"],
        None,
        "there is no `componentize-py`",
    )
    .map_err(missing)?;
    match program.numbers() == VERSION {
        true => Ok(program),
        false => Err(missing(format!(
            "`{}` is not the version 0.25.1",
            program.version
        ))),
    }
}

pub(super) fn build(policy: &Policy, scratch: &Path) -> Result<Component> {
    let program = find(Some(&policy.folder)).or_else(Missing::refuse)?;
    let sources = sources(policy)?;
    policy.say(&format!("{}; some ten seconds", program.version));
    let out = scratch.join("component.wasm");
    let world = policy.world_name();
    let mut command = program.command(&policy.folder)?;
    command
        .env("RUST_BACKTRACE", "0")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(["--quiet", "--wit-path"])
        .arg(policy.wit(sources.parent().unwrap_or(&sources), scratch)?)
        .args(["--world", world, "componentize"])
        .arg(format!("{PACKAGE}.{world}_world"))
        .arg("--python-path")
        .arg(policy.folder.join("src"))
        .arg("--python-path")
        .arg(&sources)
        .arg("--stub-wasi")
        .arg("--output")
        .arg(&out);
    run(command, "componentize-py")?;
    let component = link(&std::fs::read(&out)?)?;
    Component::checked(component, Some(policy.world))
}

/// Where the packages of the SDK are: in `src` of a copy, or where pip put them.
fn sources(policy: &Policy) -> Result<PathBuf> {
    let installed = installed(&policy.folder);
    let sdk = policy.sdk("python", installed.clone())?;
    Ok(match installed {
        Some(installed) if installed == sdk => sdk,
        Some(_) | None => sdk.join("src"),
    })
}

/// The packages of the policy's virtual environment, if the SDK is one of them.
fn installed(folder: &Path) -> Option<PathBuf> {
    let versions = folder.join(".venv/lib").read_dir().ok()?;
    versions
        .flatten()
        .map(|version| version.path().join("site-packages"))
        .find(|packages| packages.join(PACKAGE).is_dir())
}
