//! `gatewright new`: a folder with a policy that builds and passes its cases.

mod plugin;
mod project;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use tempfile::TempDir;

use crate::failure::{Advise as _, Exit};
use crate::output::print_line;
use crate::policy_file::{Language, PolicyName, World};
use project::Project;

/// Make a folder with a policy that builds and passes its cases.
///
/// The folder holds the source, its tests, `policy.toml`, `cases.toml`, a schema of
/// the settings, a README, and below `gatewright/` the SDK and the contract: nothing
/// of Gatewright is downloaded. `--from` starts from a policy that ships with
/// Gatewright.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright new only-notes --lang rust
  gatewright new only-notes --lang typescript
  gatewright new at-most-ten --lang python --world editor
  gatewright new our-paths --from path-guard")]
pub(crate) struct Arguments {
    /// The folder; its name becomes the policy's.
    #[arg(value_name = "NAME")]
    folder: PathBuf,
    /// What the policy is written in.
    #[arg(
        long,
        value_enum,
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    lang: Option<Language>,
    /// What it does: judge calls, rewrite arguments, or look at results.
    #[arg(long, value_enum, default_value_t, conflicts_with = "from")]
    world: World,
    /// A policy that ships with Gatewright (Rust).
    #[arg(long, value_name = "PLUGIN")]
    from: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let folder = arguments.folder.as_path();
    let name = name(folder)?;
    if folder.symlink_metadata().is_ok() {
        return Err(anyhow!("`{}` exists already", folder.display()))
            .hint("choose another name, or remove it");
    }
    let (project, language) = match (&arguments.from, arguments.lang) {
        (Some(plugin), _) => (plugin::project(plugin, &name)?, Language::Rust),
        (None, language) => {
            let language = language.unwrap_or(Language::Rust);
            let project = Project::of_template(language, arguments.world, &name)?;
            (project, language)
        }
    };
    write(&project, folder)?;
    print_line(&folder.display().to_string())?;
    eprintln!("next:\n  cd {}", folder.display());
    for step in steps(language) {
        eprintln!("  {step}");
    }
    Ok(Exit::Fine)
}

/// The policy's name, from the last part of the path.
fn name(folder: &Path) -> Result<String> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let name = PolicyName::try_from(name.into_owned()).map_err(|error| anyhow!(error));
    Ok(name.hint("for example `only-notes`")?.to_string())
}

/// Writes the folder whole or not at all.
fn write(project: &Project, folder: &Path) -> Result<()> {
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    let part = TempDir::with_prefix_in(".gatewright-new-", parent)
        .with_context(|| format!("nothing can be written to `{}`", parent.display()))?;
    let whole = part.path().join("policy");
    for (name, bytes) in &project.files {
        let file = whole.join(name);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&file, bytes)
            .with_context(|| format!("`{}` cannot be written", file.display()))?;
    }
    std::fs::rename(&whole, folder)
        .with_context(|| format!("`{}` cannot be made", folder.display()))
}

/// What an author does next.
const fn steps(language: Language) -> &'static [&'static str] {
    match language {
        Language::Rust => &["cargo test", "gatewright build", "gatewright test"],
        Language::Go => &["go test ./...", "gatewright build", "gatewright test"],
        Language::AssemblyScript | Language::JavaScript | Language::TypeScript => &[
            "npm install",
            "npm test",
            "gatewright build",
            "gatewright test",
        ],
        Language::Python => &[
            "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt",
            ".venv/bin/python -m unittest",
            "gatewright build",
            "gatewright test",
        ],
        Language::C => &[
            "gatewright doctor --lang c",
            "make test",
            "gatewright build",
            "gatewright test",
        ],
    }
}
