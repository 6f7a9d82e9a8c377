//! What judges recorded calls: a configuration, or a pack in the place of the one that is
//! wanted.

use std::path::Path;

use anyhow::{Result, anyhow};
use gatewright_engine::config::Loaded;
use gatewright_pack::{Age, Drift, Layout, Store, VerifiedPack, WantedPack, verify};
use tempfile::TempDir;

use crate::credential::now;
use crate::failure::Advise as _;
use crate::pack::layout;

/// A configuration to judge by.
pub(crate) struct Against {
    pub(crate) loaded: Loaded,
    /// A store of its own, where a pack is wanted that the gate does not have.
    _store: Option<TempDir>,
}

// === impl Against ===

impl Against {
    /// A configuration as it is.
    pub(crate) fn of_config(path: &Path) -> Result<Self> {
        Ok(Self {
            loaded: Loaded::read(path)?,
            _store: None,
        })
    }

    /// A pack, in the configuration of a gate; nothing of the gate's store is changed.
    pub(crate) fn of_pack(gate: &Loaded, pack: &str) -> Result<Self> {
        let store = Store::open(gate.resolve(&gate.config.packs.store))?;
        let layout: Layout = layout(pack, &store)?;
        let verified = verify(layout, &gate.pack_trust(), Age::Any, now()?)?;
        Self::with(gate, &store, &verified)
    }

    /// The same of a pack that is verified.
    pub(crate) fn with(gate: &Loaded, store: &Store, pack: &VerifiedPack) -> Result<Self> {
        let name = &pack.manifest().name;
        let mut packs = gate.config.packs_used.iter();
        if !packs.any(|used| used.name.get_ref() == name.as_str()) {
            return Err(anyhow!("the configuration does not use `{name}`"))
                .hint(format!("add a [[pack]] with `name = \"{name}\"`"));
        }
        let folder = TempDir::with_prefix("gatewright-")?;
        let ours = Store::open(folder.path())?;
        let wanted = store.wanted()?;
        let trust = gate.pack_trust();
        let (mut set, mut good) = (wanted.set.clone(), wanted.clone());
        for (other, digest) in wanted.packs() {
            if other == name {
                set.remove(other);
                good.set.remove(other);
                continue;
            }
            ours.import(&store.load_in_force(digest, &trust)?, now()?)?;
        }
        ours.import(pack, now()?)?;
        let wanted = WantedPack {
            pack: pack.digest(),
            // What it asks for is granted when it is activated, if it is.
            granted: Drift::all(pack.manifest()).0,
            older: true,
            candidate: None,
        };
        set.insert(name.clone(), wanted);
        ours.change(0, set, "replay", now()?)?;
        // What is in force may have expired since.
        ours.set_good(&good)?;
        let mut loaded = gate.clone();
        loaded.config.packs.store = folder.path().to_owned();
        Ok(Self {
            loaded,
            _store: Some(folder),
        })
    }
}
