//! Policies in Python: componentize-py brings an interpreter of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::component::Component;
use super::policy::Policy;
use super::program::{Missing, Program, commands, pip, run};
use crate::output::visible_lines;
use gatewright_link::link;

/// The version that the SDK is written for, exactly.
const VERSION: (u32, u32, u32) = (0, 25, 1);

/// The package of the SDK that becomes a component with the policy.
const PACKAGE: &str = "gatewright_component";

/// Reads every source of a policy, and says where one is no Python.
const SYNTAX: &str = "\
import pathlib, sys, traceback
for path in sorted(pathlib.Path('src').rglob('*.py')):
    try:
        compile(path.read_bytes(), str(path), 'exec')
    except (SyntaxError, ValueError) as error:
        print(''.join(traceback.format_exception_only(error)), file=sys.stderr)
        sys.exit(65)
";

/// How it ends then: EX_DATAERR.
const UNREADABLE: i32 = 65;

/// What makes components of policies in Python.
const TOOL: &str = "componentize-py";

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
    match wrong_syntax(policy)? {
        None => run(command, TOOL)?,
        Some(wrong) => run_quietly(command, &wrong)?,
    }
    let component = link(&std::fs::read(&out)?)?;
    Component::checked(component, Some(policy.world))
}

/// What Python itself says of a source that it cannot read, if it finds one. What makes
/// the component wraps the same into the errors of two interpreters.
fn wrong_syntax(policy: &Policy) -> Result<Option<String>> {
    let python = commands(Some(&policy.folder), "python3");
    let Ok(python) = Program::first(python, &["--version"], None, "") else {
        return Ok(None);
    };
    let output = python
        .command(&policy.folder)?
        .args(["-c", SYNTAX])
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok((output.status.code() == Some(UNREADABLE)).then_some(said))
}

/// Makes the component all the same: this machine's Python may be older than the one
/// that the component gets.
fn run_quietly(mut command: Command, wrong: &str) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("`{TOOL}` cannot be run"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = match said.contains("SyntaxError") {
            true => wrong,
            false => &said,
        };
        eprintln!("{}", visible_lines(said.trim_end()));
        bail!("`{TOOL}` did not build it; its errors are above");
    }
    Ok(())
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
