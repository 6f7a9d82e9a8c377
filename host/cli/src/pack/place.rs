//! Where a command finds a pack: a layout, or a store.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use gatewright_engine::config::Loaded;
use gatewright_pack::{Layout, PackManifest, Store};
use gatewright_policy::Digest;

use crate::failure::{Advise as _, Exit};
use crate::output::visible;

/// The gate whose store and trust a command is about.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Gate {
    /// The gate's configuration.
    #[arg(short, long, value_name = "FILE", default_value = "gatewright.toml")]
    config: PathBuf,
}

/// A pack whose digests hold, and whose manifest is one. Not verified.
pub(super) struct Unverified {
    pub(super) layout: Layout,
    pub(super) manifest: PackManifest,
    pub(super) digest: Digest,
}

// === impl Gate ===

impl Gate {
    pub(super) fn read(&self) -> Result<Loaded> {
        Ok(Loaded::read(&self.config)?)
    }

    /// The store, which is made where there is none.
    pub(super) fn store(loaded: &Loaded) -> Result<Store> {
        Ok(Store::open(loaded.resolve(&loaded.config.packs.store))?)
    }
}

/// A layout, or `name@blake3:...` in the store.
pub(crate) fn layout(argument: &str, store: &Store) -> Result<Layout> {
    let Some((name, digest)) = in_store(argument) else {
        return of_path(Path::new(argument));
    };
    let stored = store
        .find(digest)?
        .filter(|stored| stored.name.as_str() == name)
        .ok_or_else(|| anyhow!("`{argument}` is not in the store"))
        .hint("`gatewright pack list` shows what is")?;
    Ok(store.layout(&stored)?)
}

pub(super) fn of_path(path: &Path) -> Result<Layout> {
    Layout::read(path).with_context(|| format!("`{}`", path.display()))
}

fn in_store(argument: &str) -> Option<(&str, Digest)> {
    let (name, digest) = argument.split_once('@')?;
    Some((name, digest.parse().ok()?))
}

/// Says that a pack is refused, and why. That is an answer, not a failure.
pub(super) fn refused(why: &dyn std::fmt::Display) -> Exit {
    eprintln!("refused: {}", visible(&why.to_string()));
    Exit::Denied
}

// === impl Unverified ===

impl Unverified {
    pub(super) fn of(layout: Layout) -> Result<Self> {
        let bytes = layout.pack_manifest();
        let manifest = PackManifest::parse(bytes)?;
        let digest = Digest::of(bytes);
        Ok(Self {
            layout,
            manifest,
            digest,
        })
    }

    pub(super) fn read(path: &Path) -> Result<Self> {
        Self::of(of_path(path)?)
    }
}
