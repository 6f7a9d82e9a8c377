//! `gatewright build`: makes components of policies in any language.

mod c;
mod component;
mod crates;
pub(crate) mod doctor;
mod go;
mod node;
mod policy;
mod program;
mod python;
mod question;
mod source;
mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use gatewright_policy::Digest;
use serde::Serialize;
use tempfile::TempDir;
use wit_component::StringEncoding;

use crate::output::{Format, print_json, print_line};
use crate::policy_file::Language;
use crate::whole_file;

use component::Component;
use source::{Kind, Source};

/// Make a component of a policy, or of a core module
///
/// A policy is a folder with `policy.toml`: its `language`, or else its files,
/// say which toolchain builds it; `gatewright doctor` says which are ready. Crates
/// of one workspace are built together. A core module is what another toolchain
/// made; where no component type is embedded, that of its world is.
///
/// For each component prints its file, size, digest, world and imports. What
/// imports more than the contract is refused, and nothing is written then.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gatewright build
  gatewright build plugins/path-guard plugins/sql-guard --out target/plugins
  gatewright build core.wasm --out policy.wasm")]
pub(crate) struct BuildArgs {
    /// Folders of policies, or core modules (`.wasm`)
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Where to write: a file that ends in `.wasm`, or a folder. A component is
    /// called like its policy [default: beside `policy.toml`, or else the current
    /// folder]
    #[arg(short, long, value_name = "OUT")]
    out: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Built {
    file: String,
    bytes: usize,
    digest: Digest,
    world: String,
    imports: Vec<String>,
}

/// The component of a core module that is in this program.
pub(crate) fn component_of(module: &[u8]) -> Result<Vec<u8>> {
    Ok(Component::of_module(module, None, StringEncoding::UTF8)?.bytes)
}

/// Builds everything, then writes everything: a policy that does not compile
/// leaves all files as they were.
pub(crate) fn run(args: &BuildArgs) -> Result<()> {
    let sources = args
        .paths
        .iter()
        .map(|path| Source::at(path, args.out.as_deref(), args.paths.len()))
        .collect::<Result<Vec<_>>>()?;
    let crates: Vec<&Path> = sources
        .iter()
        .filter(|source| source.is_crate())
        .map(|source| source.path.as_path())
        .collect();
    let modules = crates::build(&crates)?;
    let mut components = Vec::new();
    for source in &sources {
        let begin = Instant::now();
        let module = modules.get(&source.path).map(PathBuf::as_path);
        let component = componentise(source, module)
            .with_context(|| format!("`{}` makes no component", source.path.display()))?;
        if !source.is_crate() && source.is_policy() {
            eprintln!("built in {:.1} s", begin.elapsed().as_secs_f64());
        }
        components.push((source, component));
    }
    let mut built = Vec::new();
    for (source, component) in components {
        whole_file::write(&source.out, &component.bytes)
            .with_context(|| format!("cannot write `{}`", source.out.display()))?;
        built.push(Built {
            file: source.out.display().to_string(),
            bytes: component.bytes.len(),
            digest: Digest::of(&component.bytes),
            world: component.world,
            imports: component.imports,
        });
    }
    match args.format {
        Format::Json => print_json(&built)?,
        Format::Text => {
            for built in &built {
                print_line(&built.text())?;
            }
        }
    }
    Ok(())
}

fn componentise(source: &Source, module: Option<&Path>) -> Result<Component> {
    let of_module = |module: &Path, world| {
        let bytes =
            fs::read(module).with_context(|| format!("cannot read `{}`", module.display()))?;
        Component::of_module(&bytes, world, StringEncoding::UTF8)
    };
    match (&source.kind, module) {
        (Kind::Module, _) => of_module(&source.path, None),
        (Kind::Crate, Some(module)) => of_module(module, None),
        (Kind::Policy(policy), Some(module)) => of_module(module, Some(policy.world)),
        (Kind::Crate, None) => anyhow::bail!("cargo made no module of it"),
        (Kind::Policy(policy), None) => {
            let scratch = TempDir::with_prefix("gatewright-build-")?;
            match policy.language {
                Language::Rust => anyhow::bail!("cargo made no module of it"),
                Language::Go => go::build(policy, scratch.path()),
                Language::AssemblyScript => node::build_assemblyscript(policy, scratch.path()),
                Language::JavaScript | Language::TypeScript => {
                    node::build_javascript(policy, scratch.path())
                }
                Language::Python => python::build(policy, scratch.path()),
                Language::C => c::build(policy, scratch.path()),
            }
        }
    }
}

// === impl Built ===

impl Built {
    fn text(&self) -> String {
        let imports = match self.imports.is_empty() {
            true => "none".to_owned(),
            false => self.imports.join(" "),
        };
        format!(
            "{}\n  size     {} bytes\n  digest   {}\n  world    {}\n  imports  {imports}",
            self.file, self.bytes, self.digest, self.world
        )
    }
}
