//! `gatewright sdk update`: the copy becomes that of this program.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use gatewright_policy::Digest;

use super::copied::{FOLDER, copied, list_path};
use super::list::List;
use crate::failure::{Advise as _, Exit};
use crate::output::{print_line, visible};
use crate::whole_file;

/// Bring the copy of the SDK in a policy to the version of this program.
///
/// Files of the copy that were changed by hand are named, and then nothing is
/// written. Prints each file that changed.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright sdk update
  gatewright sdk update our-paths --check    fails where there is a newer one")]
pub(crate) struct Arguments {
    /// The folder of the policy.
    #[arg(value_name = "POLICY", default_value = ".")]
    policy: PathBuf,
    /// Write nothing; say what would change, with exit code 1 if anything would.
    #[arg(long)]
    check: bool,
    /// Also replace files that were changed by hand.
    #[arg(long)]
    force: bool,
}

/// What would be done.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    write: BTreeSet<String>,
    remove: BTreeSet<String>,
    /// Of both, those that are not as they were copied.
    changed: BTreeSet<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let policy = arguments.policy.as_path();
    let new = carried(policy)?;
    let old = old(policy)?;
    let plan = Plan::of(policy, old.as_ref(), &new)?;
    if plan.is_empty() {
        eprintln!("the SDK is that of {} already", env!("CARGO_PKG_VERSION"));
        return Ok(Exit::Fine);
    }
    for path in plan.write.union(&plan.remove) {
        print_line(&visible(path))?;
    }
    if !plan.changed.is_empty() && !arguments.force {
        let changed: Vec<_> = plan
            .changed
            .iter()
            .map(|path| format!("`{path}`"))
            .collect();
        return Err(anyhow!("changed by hand: {}", changed.join(", ")))
            .hint("keep what you changed elsewhere; `--force` replaces it");
    }
    if arguments.check {
        return Ok(Exit::Failed);
    }
    plan.carry_out(policy, &new)?;
    match old {
        Some(old) => {
            let before = visible(&old.version);
            eprintln!("{before} -> {}", env!("CARGO_PKG_VERSION"));
        }
        None => eprintln!("now of {}", env!("CARGO_PKG_VERSION")),
    }
    Ok(Exit::Fine)
}

/// What this program has of the SDKs that the policy has.
fn carried(policy: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let place = policy.join(FOLDER).join("sdk");
    let entries = place
        .read_dir()
        .with_context(|| format!("there is no copy of an SDK at `{}`", place.display()))
        .hint("name the folder of a policy that `gatewright new` made")?;
    let mut new = BTreeMap::new();
    for entry in entries {
        if let Ok(sdk) = entry?.file_name().into_string() {
            let files = copied(&sdk);
            let prefix = format!("{FOLDER}/sdk/{sdk}/");
            if files.keys().any(|path| path.starts_with(&prefix)) {
                new.extend(files);
            }
        }
    }
    new.remove(&list_path());
    if new.is_empty() {
        return Err(anyhow!("`{}` holds no SDK of Gatewright", place.display()))
            .hint("name the folder of a policy that `gatewright new` made");
    }
    let list = List::of(&new).to_string();
    new.insert(list_path(), list.into_bytes());
    Ok(new)
}

/// The list of what was copied, if there is one.
fn old(policy: &Path) -> Result<Option<List>> {
    let path = policy.join(list_path());
    match std::fs::read_to_string(&path) {
        Ok(text) => List::read(&text, FOLDER)
            .with_context(|| format!("`{}` cannot be read", path.display()))
            .hint("remove it, and update with `--force`")
            .map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("`{}` cannot be read", path.display())),
    }
}

// === impl Plan ===

impl Plan {
    /// A file that is as it was copied, or as it will be, is nobody's work.
    fn of(policy: &Path, old: Option<&List>, new: &BTreeMap<String, Vec<u8>>) -> Result<Self> {
        let none = BTreeMap::new();
        let listed = old.map_or(&none, |list| &list.files);
        let mut plan = Self::default();
        for path in new.keys().chain(listed.keys()).collect::<BTreeSet<_>>() {
            let found = found(policy, path)?;
            let wanted = new.get(path).map(|bytes| Digest::of(bytes));
            if found == wanted {
                continue;
            }
            let was = listed.get(path);
            if *path != list_path() && found.is_some() && found.as_ref() != was {
                plan.changed.insert(path.clone());
            }
            match wanted {
                Some(_) => plan.write.insert(path.clone()),
                None => plan.remove.insert(path.clone()),
            };
        }
        Ok(plan)
    }

    fn is_empty(&self) -> bool {
        self.write.is_empty() && self.remove.is_empty()
    }

    /// The list comes last: until then a second try knows what the first one found.
    fn carry_out(&self, policy: &Path, new: &BTreeMap<String, Vec<u8>>) -> Result<()> {
        let list = list_path();
        for path in self.write.iter().filter(|path| **path != list) {
            write(policy, path, new)?;
        }
        for path in &self.remove {
            let file = policy.join(path);
            std::fs::remove_file(&file)
                .with_context(|| format!("`{}` cannot be removed", file.display()))?;
        }
        write(policy, &list, new)
    }
}

fn write(policy: &Path, path: &str, new: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let file = policy.join(path);
    let bytes = new.get(path).map(Vec::as_slice).unwrap_or_default();
    whole_file::write(&file, bytes)
        .with_context(|| format!("`{}` cannot be written", file.display()))
}

/// The digest of a file, none where there is none. Links are not followed: what they
/// lead to is not the copy.
fn found(policy: &Path, path: &str) -> Result<Option<Digest>> {
    let mut file = policy.to_owned();
    for part in Path::new(path) {
        file.push(part);
        if file.is_symlink() {
            return Err(anyhow!("`{}` is a link", file.display()))
                .hint("an SDK that is shared is not updated from here");
        }
    }
    match std::fs::read(&file) {
        Ok(bytes) => Ok(Some(Digest::of(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("`{}` cannot be read", file.display())),
    }
}
