//! What a component becomes when it is configured.

use gatewright_artifact::Artifact;
use gatewright_policy::Digest;
use serde::{Deserialize, Serialize};

use crate::answer::LogLine;
use crate::contract::Description;

/// The most bytes of what was built that are kept on disk. Past that the oldest go.
pub(crate) const KEPT_BYTES_MAX: u64 = 4 << 30;

/// A configured component, to compile.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// The component. It starts as it was configured, with the modules that it imports.
    pub(crate) component: Vec<u8>,
    /// What stands apart from it; nothing where all of it is in the component.
    pub(crate) images: Vec<ImageModule>,
}

/// A module that holds what another one remembers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ImageModule {
    /// What the component calls it.
    pub(crate) name: String,
    pub(crate) module: Vec<u8>,
}

/// What was built, by the digests of its artefacts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// Code of the component.
    pub(crate) code: Digest,
    /// What stands apart from it: what the component calls each, and its code.
    pub(crate) images: Vec<(String, Digest)>,
    /// Whether it starts as it was configured. Every call configures it where not.
    pub(crate) is_snapshotted: bool,
    /// What it says about itself.
    pub(crate) description: Option<Description>,
    /// What the guest logged in `configure`.
    pub(crate) log: Vec<LogLine>,
}

/// What was built, and is there.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) code: Artifact,
    pub(crate) images: Vec<(String, Artifact)>,
    pub(crate) is_snapshotted: bool,
    pub(crate) description: Option<Description>,
    pub(crate) log: Vec<LogLine>,
}

/// Code that a component has with all settings, where it stands apart from its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CodeOfAll {
    /// The component that stands apart.
    pub(crate) component: Digest,
    /// Its code.
    pub(crate) code: Digest,
}

// === impl Snapshot ===

impl Snapshot {
    /// One that is in one piece.
    pub(crate) const fn whole(component: Vec<u8>) -> Self {
        Self {
            component,
            images: Vec::new(),
        }
    }
}

// === impl Listed ===

impl Listed {
    /// What was built, once each of its artefacts was found in some way.
    pub(crate) fn found<E>(self, find: impl Fn(Digest) -> Result<Artifact, E>) -> Result<Built, E> {
        let images = self.images.into_iter();
        let images = images.map(|(name, code)| Ok((name, find(code)?)));
        Ok(Built {
            code: find(self.code)?,
            images: images.collect::<Result<_, E>>()?,
            is_snapshotted: self.is_snapshotted,
            description: self.description,
            log: self.log,
        })
    }
}
