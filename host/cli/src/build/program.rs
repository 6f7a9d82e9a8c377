//! The programs of toolchains: where they are, which version, and what to do
//! when they are not there.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, anyhow, ensure};

use super::question::{PATIENCE, Silence, ask};
use crate::failure::Advise as _;

/// Where a virtual environment of Python has its programs.
const VENV: &str = ".venv/bin";

/// A program that was found.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The program, and arguments that come before all others.
    command: Vec<OsString>,
    /// Its version, as it says.
    pub(crate) version: String,
}

/// A program that was not found, or in another version.
#[derive(Clone, Debug)]
pub(crate) struct Missing {
    pub(crate) problem: String,
    /// One command.
    pub(crate) install: String,
}

// === impl Program ===

impl Program {
    /// The first of these commands that answers, with its answer; otherwise what
    /// is wrong, which is `problem` where none hangs.
    pub(super) fn first(
        commands: impl IntoIterator<Item = Vec<OsString>>,
        version: &[&str],
        folder: Option<&Path>,
        problem: &str,
    ) -> Result<Self, String> {
        let mut problem = problem.to_owned();
        for command in commands {
            let Some(mut asked) = start(&command) else {
                continue;
            };
            if let Some(folder) = folder {
                asked.current_dir(folder);
            }
            asked.args(version);
            match ask(asked, PATIENCE) {
                Ok(version) => {
                    let version = version.trim().to_owned();
                    return Ok(Self { command, version });
                }
                Err(Silence::Failed) => {}
                Err(Silence::Hung) => {
                    let words = command.iter().map(|word| word.to_string_lossy());
                    let words: Vec<_> = words
                        .chain(version.iter().map(|&word| word.into()))
                        .collect();
                    problem = format!(
                        "`{}` did not answer within {} s, and was ended",
                        words.join(" "),
                        PATIENCE.as_secs()
                    );
                }
            }
        }
        Err(problem)
    }

    /// To be run in a folder. What it says goes to stderr: stdout is ours.
    pub(super) fn command(&self, folder: &Path) -> Result<Command> {
        let mut command = start(&self.command).context("there is no program to run")?;
        command.current_dir(folder).stdin(Stdio::null());
        Ok(command)
    }

    /// The command with one more argument.
    pub(super) fn with(&self, argument: &str) -> Vec<OsString> {
        let mut command = self.command.clone();
        command.push(argument.into());
        command
    }

    /// The first numbers of its version.
    pub(super) fn numbers(&self) -> (u32, u32, u32) {
        let mut numbers = self
            .version
            .split(|character: char| !character.is_ascii_digit())
            .filter_map(|number| number.parse().ok());
        let mut next = || numbers.next().unwrap_or_default();
        (next(), next(), next())
    }
}

/// Runs a command; its own words go to stderr as they come. `tool` is what an
/// author calls it: the program may be an interpreter that runs it.
pub(super) fn run(mut command: Command, tool: &str) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdout(std::io::stderr());
    let status = command
        .status()
        .with_context(|| format!("`{program}` cannot be run"))?;
    ensure!(
        status.success(),
        "`{tool}` did not build it; its errors are above"
    );
    Ok(())
}

fn start(command: &[OsString]) -> Option<Command> {
    let (program, arguments) = command.split_first()?;
    let mut command = Command::new(program);
    command.args(arguments);
    Some(command)
}

/// Where a program may be: in the virtual environment of the policy, in that of all
/// policies, or on the path.
pub(super) fn places(folder: Option<&Path>, program: &str) -> Vec<OsString> {
    let own = folder.map(|folder| folder.join(VENV).join(program));
    let shared = shared().map(|shared| shared.join("bin").join(program));
    let installed = own.into_iter().chain(shared);
    let mut places: Vec<PathBuf> = installed.filter(|place| place.is_file()).collect();
    places.push(PathBuf::from(program));
    places.into_iter().map(PathBuf::into_os_string).collect()
}

/// The same, as commands without arguments.
pub(super) fn commands(folder: Option<&Path>, program: &str) -> Vec<Vec<OsString>> {
    let places = places(folder, program).into_iter();
    places.map(|place| vec![place]).collect()
}

/// Whether a program is on the path.
pub(super) fn is_on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(OsStr::new(program)).is_file())
}

/// A virtual environment for all policies of a user, by the XDG Base Directory
/// Specification.
fn shared() -> Option<PathBuf> {
    let base = env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .or_else(|| Some(env::home_dir()?.join(".local/share")))?;
    Some(base.join("gatewright/tools"))
}

/// One command that installs a package of Python once for all policies.
pub(super) fn pip_for_all(package: &str) -> String {
    match shared() {
        Some(shared) => {
            let shared = shared.display();
            format!("python3 -m venv {shared} && {shared}/bin/pip install {package}")
        }
        None => pip(package),
    }
}

/// One command that installs a package of Python beside the policy.
pub(super) fn pip(package: &str) -> String {
    format!("python3 -m venv .venv && .venv/bin/pip install {package}")
}

// === impl Missing ===

impl Missing {
    /// The same as an error.
    pub(super) fn refuse<T>(self) -> Result<T> {
        Err(anyhow!(self.problem)).hint(format!("run `{}`", self.install))
    }
}
