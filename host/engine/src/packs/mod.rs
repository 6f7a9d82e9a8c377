//! The packs that bindings use: what is wanted of them, whether that may be, and
//! what is in force.

mod drift;
mod error;
mod resolve;

use std::collections::BTreeMap;
use std::sync::Arc;

use gatewright_pack::{PackManifest, PackName, VerifiedPack, Wanted};
use gatewright_policy::record::ActivatedPack;
use gatewright_policy::{Digest, Share, Timestamp};

pub(crate) use error::PackError;
pub(crate) use resolve::resolve;

/// The packs of a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Packs {
    /// The set that was wanted when this was made.
    pub(crate) wanted: Option<Arc<Wanted>>,
    pub(crate) set: BTreeMap<PackName, PackInForce>,
}

/// A pack in force, and the version that is tried beside it.
#[derive(Clone, Debug)]
pub(crate) struct PackInForce {
    pub(crate) pack: PackFacts,
    pub(crate) candidate: Option<(PackFacts, Share)>,
}

/// What stays known of a pack once its policies are loaded: not its bytes.
#[derive(Clone, Debug)]
pub(crate) struct PackFacts {
    pub(crate) digest: Digest,
    pub(crate) publisher: String,
    pub(crate) signers: Vec<String>,
    /// Without cases, schemas and settings.
    pub(crate) manifest: Arc<PackManifest>,
    pub(crate) granted: Vec<String>,
    pub(crate) allowed_older: bool,
    /// When it expires, or the trust in its publisher.
    pub(crate) expires: Option<Timestamp>,
}

/// What a set says of one pack, verified, with its bytes: what bindings are
/// loaded from.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) pack: VerifiedPack,
    pub(crate) candidate: Option<(VerifiedPack, Share)>,
}

// === impl Packs ===

impl Packs {
    /// For the ledger: each pack in force, candidates after what they stand beside.
    pub(crate) fn recorded(&self) -> Vec<ActivatedPack> {
        let mut packs = Vec::new();
        for in_force in self.set.values() {
            packs.push(in_force.pack.recorded(None));
            if let Some((candidate, share)) = &in_force.candidate {
                packs.push(candidate.recorded(Some(*share)));
            }
        }
        packs
    }
}

// === impl PackFacts ===

impl PackFacts {
    fn of(pack: &VerifiedPack, granted: Vec<String>, allowed_older: bool) -> Self {
        let mut manifest = pack.manifest().clone();
        for policy in &mut manifest.policies {
            policy.cases = None;
            policy.settings_schema = None;
            policy.settings = None;
        }
        Self {
            digest: pack.digest(),
            publisher: pack.publisher().to_owned(),
            signers: pack.signers().to_vec(),
            manifest: Arc::new(manifest),
            granted,
            allowed_older,
            expires: pack.expires(),
        }
    }

    pub(crate) fn recorded(&self, candidate: Option<Share>) -> ActivatedPack {
        ActivatedPack {
            name: self.manifest.name.to_string(),
            pack: self.digest,
            revision: self.manifest.revision.clone(),
            version: self.manifest.version,
            publisher: self.publisher.clone(),
            signers: self.signers.clone(),
            candidate,
            granted: self.granted.clone(),
            allowed_older: self.allowed_older,
        }
    }
}
