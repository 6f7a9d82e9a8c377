//! `gatewright doctor`: which toolchains are ready.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use super::program::{Missing, Program};
use super::{c, go, node, python, toolchain};
use crate::failure::Exit;
use crate::output::{Format, Paint, Tone, print_json, print_line};
use crate::policy_file::Language;

/// Say which toolchains are ready, and what to install.
///
/// Looks in the virtual environment (`.venv`) and the `node_modules` of the
/// current folder, and on the path. Exit code 0 when every language that was
/// asked for is ready, 1 when one is not.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright doctor
  gatewright doctor --lang go --lang python --format json")]
pub(crate) struct Arguments {
    /// Only this language; may be repeated.
    #[arg(long, value_enum)]
    lang: Vec<Language>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Whether one language can be built here.
#[derive(Debug, Serialize)]
struct Readiness {
    language: Language,
    ready: bool,
    /// What was found, or what is wrong.
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    install: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let languages = match arguments.lang.as_slice() {
        [] => &Language::ALL,
        some => some,
    };
    let found: Vec<_> = languages.iter().copied().map(Readiness::of).collect();
    match arguments.format {
        Format::Json => print_json(&found)?,
        Format::Text => {
            let paint = Paint::stdout();
            for readiness in &found {
                print_line(&readiness.text(paint))?;
            }
        }
    }
    Ok(match found.iter().all(|readiness| readiness.ready) {
        true => Exit::Fine,
        false => Exit::Failed,
    })
}

// === impl Readiness ===

impl Readiness {
    fn of(language: Language) -> Self {
        let here = Path::new(".");
        let program = |found: Result<Program, Missing>, name: &str| {
            found.map(|program| format!("{name} {}", program.version))
        };
        let found = match language {
            Language::Rust => toolchain::look(),
            Language::Go => program(go::find(Some(here)), ""),
            Language::Python => program(python::find(Some(here)), ""),
            Language::C => program(c::find(Some(here)), "zig"),
            // The compilers are packages of each policy.
            Language::AssemblyScript | Language::JavaScript | Language::TypeScript => {
                program(node::find_node(Some(here)), "node")
                    .map(|node| format!("{node}; `npm install` in a policy brings the rest"))
            }
        };
        match found {
            Ok(found) => Self {
                language,
                ready: true,
                found: found.trim().to_owned(),
                install: None,
            },
            Err(missing) => Self {
                language,
                ready: false,
                found: missing.problem,
                install: Some(missing.install),
            },
        }
    }

    fn text(&self, paint: Paint) -> String {
        let (word, tone) = match self.ready {
            true => ("ready  ", Tone::Good),
            false => ("missing", Tone::Bad),
        };
        let line = format!(
            "{} {:<15} {}",
            paint.tone(tone, word),
            self.language.name(),
            self.found
        );
        match &self.install {
            Some(install) => format!("{line}\n        install with: {install}"),
            None => line,
        }
    }
}
