//! `gatewright build`: makes components of Rust crates and core modules.

mod component;
mod crates;
mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use gatewright_policy::Digest;

use component::Component;

use crate::whole_file;

/// Make a component of a Rust crate, or of a core module
///
/// A crate is built for `wasm32-unknown-unknown` by the cargo on this machine;
/// crates of one workspace are built together. A core module is what another
/// language's toolchain made, with its component type embedded.
///
/// For each component prints its file, size, digest, world and imports.
#[derive(Debug, clap::Args)]
pub(crate) struct BuildArgs {
    /// Crate folders, or core modules (`.wasm`)
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Where to write: a file that ends in `.wasm`, or a folder. In a folder a
    /// component is called like its crate's folder [default: the current folder]
    #[arg(short, long, value_name = "OUT")]
    out: Option<PathBuf>,
}

/// Builds everything, then writes everything: a crate that does not compile
/// leaves all files as they were.
pub(crate) fn run(args: &BuildArgs) -> Result<()> {
    let sources = args
        .paths
        .iter()
        .map(|path| Source::at(path, args))
        .collect::<Result<Vec<_>>>()?;
    let folders: Vec<&Path> = sources
        .iter()
        .filter(|source| source.is_crate)
        .map(|source| source.path.as_path())
        .collect();
    let mut modules = crates::build(&folders)?;
    let mut components = Vec::new();
    for source in &sources {
        let module = match modules.remove(&source.path) {
            Some(module) => module,
            None => source.path.clone(),
        };
        let module =
            fs::read(&module).with_context(|| format!("cannot read `{}`", module.display()))?;
        let component = Component::of_module(&module)
            .with_context(|| format!("`{}` makes no component", source.path.display()))?;
        components.push((source, component));
    }
    for (source, component) in components {
        whole_file::write(&source.out, &component.bytes)
            .with_context(|| format!("cannot write `{}`", source.out.display()))?;
        print(&source.out, &component);
    }
    Ok(())
}

/// One thing to build.
struct Source {
    /// Absolute, without links.
    path: PathBuf,
    is_crate: bool,
    out: PathBuf,
}

// === impl Source ===

impl Source {
    fn at(path: &Path, args: &BuildArgs) -> Result<Self> {
        let path = fs::canonicalize(path)
            .with_context(|| format!("there is nothing at `{}`", path.display()))?;
        let is_crate = path.is_dir();
        if is_crate {
            ensure!(
                path.join("Cargo.toml").is_file(),
                "`{}` is a folder without `Cargo.toml`\nhint: give the folder of a Rust crate, or a core module",
                path.display()
            );
        }
        let name = path.file_stem().unwrap_or_default().to_owned();
        let mut file = PathBuf::from(name);
        file.as_mut_os_string().push(".wasm");
        let out = match &args.out {
            None => file,
            Some(out) if out.extension().is_some_and(|extension| extension == "wasm") => {
                ensure!(
                    args.paths.len() == 1,
                    "several components do not fit into one file `{}`\nhint: give a folder",
                    out.display()
                );
                out.clone()
            }
            Some(folder) => folder.join(file),
        };
        if fs::canonicalize(&out).is_ok_and(|out| out == path) {
            bail!(
                "`{}` would overwrite what it is made of\nhint: say where with `-o`",
                out.display()
            );
        }
        Ok(Self {
            path,
            is_crate,
            out,
        })
    }
}

fn print(out: &Path, component: &Component) {
    let imports = if component.imports.is_empty() {
        "none".to_owned()
    } else {
        component.imports.join(" ")
    };
    println!("{}", out.display());
    println!("  size     {} bytes", component.bytes.len());
    println!("  digest   {}", Digest::of(&component.bytes));
    println!("  world    {}", component.world);
    println!("  imports  {imports}");
}
