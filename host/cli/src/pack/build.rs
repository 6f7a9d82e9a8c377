//! `gatewright pack build`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use gatewright_disk::{Access, Target, replace_with};
use gatewright_pack::Layout;

use super::held::holds_its_cases;
use super::lock::lock;
use super::pack_file::PackFile;
use super::place::Unverified;
use crate::failure::{Advise as _, Exit};
use crate::output::print_line;

/// Put policies together into a pack; prints its digest.
///
/// Reads `pack.toml`, and of each policy's folder `policy.toml`, `cases.toml`,
/// `settings.schema.json` and the component that `gatewright build` made, and runs the
/// cases: a gate would refuse a pack that fails one. The same input always gives the same
/// pack.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright pack build pack.toml --out guards        a folder
  gatewright pack build pack.toml --out guards.tar    one file")]
pub(super) struct Arguments {
    /// What goes into it.
    #[arg(value_name = "PACK.TOML")]
    file: PathBuf,
    /// Where it goes: a folder, or a file that ends in `.tar`.
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// Do not run its cases.
    #[arg(long)]
    untested: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit> {
    let out = &arguments.out;
    if out.exists() && Layout::read(out).is_err() {
        return Err(anyhow!("`{}` exists, and is not a pack", out.display()))
            .hint("choose another place, or remove it");
    }
    let layout = PackFile::draft(&arguments.file)?
        .build()
        .with_context(|| format!("`{}`", arguments.file.display()))?;
    let pack = Unverified::of(layout)?;
    if !arguments.untested {
        holds_its_cases(&pack)?;
    }
    // Not between what a signer reads and writes.
    let held = out.exists().then(|| lock(out)).transpose()?;
    write(&pack.layout, out)?;
    drop(held);
    eprintln!(
        "wrote {}: {} {}, version {}, not signed",
        out.display(),
        pack.manifest.name,
        pack.manifest.revision,
        pack.manifest.version
    );
    print_line(&pack.digest.to_string())?;
    Ok(Exit::Fine)
}

/// Writes a layout to a folder, or to a file that ends in `.tar`, in one step.
pub(super) fn write(layout: &Layout, path: &Path) -> Result<()> {
    let is_tar = path.extension().is_some_and(|extension| extension == "tar");
    let written = match is_tar {
        true => replace_with(Target::new(path, Access::Usual), |tar| {
            layout.write_tar(tar)
        }),
        false => layout.write_folder(path),
    };
    written.with_context(|| format!("`{}` cannot be written", path.display()))
}
