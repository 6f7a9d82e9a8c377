//! `gatewright dev`: builds and tests a policy on each save.

mod sources;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::failure::{Advise as _, Exit};
use crate::policy_file::POLICY_FILE;
use crate::watch::Watch;
use sources::Sources;

/// Build and test a policy whenever one of its files is saved.
///
/// Runs `gatewright build`, then `gatewright test`, and again after each change, until
/// Ctrl-C. What tools make (`target`, `node_modules`, `.venv` and so on, components and
/// lock files) and the copy of the SDK are no sources.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright dev
  gatewright dev our-paths")]
pub(crate) struct Arguments {
    /// The folder of the policy.
    #[arg(value_name = "POLICY", default_value = ".")]
    policy: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let policy = arguments.policy.as_path();
    anyhow::ensure!(
        policy.join(POLICY_FILE).is_file(),
        "`{}` is no policy: it has no `{POLICY_FILE}`\nhint: `gatewright new` makes one",
        policy.display()
    );
    let program = std::env::current_exe().context("this program does not find itself")?;
    loop {
        let before = Sources::of(policy)?;
        let watch = Watch::of_folders(before.folders())
            .hint("the system watches only so many files: end another watcher")?;
        // A change since then is one that the watch may have missed.
        let before = match Sources::of(policy)? {
            now if now == before => before,
            _ => continue,
        };
        if step(&program, "build", policy)? {
            step(&program, "test", policy)?;
        }
        eprintln!("waiting for a change; Ctrl-C ends");
        while Sources::of(policy)? == before {
            watch.wait_for_any()?;
        }
    }
}

/// Runs one of this program's commands, and says whether it went well. Its output is
/// this command's.
fn step(program: &Path, name: &str, policy: &Path) -> Result<bool> {
    let status = Command::new(program)
        .arg(name)
        .arg(policy)
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("`gatewright {name}` cannot be run"))?;
    Ok(status.success())
}
