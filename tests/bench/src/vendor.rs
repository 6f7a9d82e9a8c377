//! A vendor of one pack, and an engine's folder that uses it: versions of the
//! pack, signed, in the store, and what is wanted of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use ed25519_dalek::SigningKey;
use gatewright_engine::config::Loaded;
use gatewright_pack::{Age, PackDraft, PolicyDraft, Store, WantedPack, sign, verify};
use gatewright_policy::credential::did_key;
use gatewright_policy::{Digest, Power, Timestamp};

use crate::bed::Bed;
use crate::rule::{self, TOOL};

/// The pack.
const NAME: &str = "bench/guards";

/// When versions came and were wanted. Nothing here expires.
const AT: Timestamp = Timestamp(1);

/// The vendor, the folder, and the store in it.
pub(crate) struct Vendor {
    bed: Arc<Bed>,
    key: SigningKey,
    store: Store,
    policies: u32,
    versions: u64,
}

// === impl Vendor ===

impl Vendor {
    /// A folder whose configuration binds every policy of the pack, the first one
    /// to the tool of the measured calls and the others to tools that nobody
    /// calls. Compiled code is kept in the folder.
    pub(crate) fn new(policies: u32) -> Result<Self> {
        let bed = Arc::new(Bed::new()?);
        let key = SigningKey::from_bytes(&[7; 32]);
        let did = did_key(&key.verifying_key());
        let mut tables = format!(
            "[gate]\ncache = \"cache\"\n\
             [[publisher]]\nname = \"bench\"\nkeys = [\"{did}\"]\npacks = [\"bench/*\"]\n\
             authority = [\"allow\", \"deny\"]\n[[pack]]\nname = \"{NAME}\"\n"
        );
        for number in 0..policies {
            let tool = match number {
                0 => TOOL.to_owned(),
                _ => format!("unused-{number}"),
            };
            tables += &format!(
                "[[binding]]\nname = \"{name}\"\npack = \"{NAME}\"\npolicy = \"{name}\"\n\
                 tools = [\"{tool}\"]\nsettings = {settings}\n",
                name = policy_name(number),
                settings = rule::settings(1),
            );
        }
        bed.configure(&tables)?;
        let store = Store::open(bed.path().join("state/packs"))?;
        Ok(Self {
            bed,
            key,
            store,
            policies,
            versions: 0,
        })
    }

    pub(crate) const fn bed(&self) -> &Arc<Bed> {
        &self.bed
    }

    /// The configuration as it is on disk.
    pub(crate) fn loaded(&self) -> Result<Loaded> {
        Ok(Loaded::read(&self.bed.config())?)
    }

    /// Builds, signs, verifies and stores a version whose policies are one
    /// component under all their names: there is one to compile.
    pub(crate) fn release_uniform(&mut self) -> Result<Digest> {
        let component = self
            .versions
            .try_into()
            .map(|number| self.component(number, 0));
        let component = component?;
        self.release(|_| component.clone())
    }

    /// The same with a component of its own for each policy.
    pub(crate) fn release_diverse(&mut self) -> Result<Digest> {
        let version = u32::try_from(self.versions)?;
        let components: Vec<_> = (0..self.policies)
            .map(|policy| self.component(version, policy))
            .collect();
        self.release(|policy| {
            let place = usize::try_from(policy).unwrap_or(usize::MAX);
            components.get(place).cloned().unwrap_or_default()
        })
    }

    /// Reads a version from the store and verifies it, as each activation does.
    pub(crate) fn verify(&self, pack: Digest) -> Result<()> {
        self.store.load(pack, &self.loaded()?.pack_trust(), AT)?;
        Ok(())
    }

    /// Wants a version, as `gatewright pack activate` does.
    pub(crate) fn want(&self, pack: Digest) -> Result<()> {
        let wanted = WantedPack {
            pack,
            granted: Vec::new(),
            older: false,
            candidate: None,
        };
        let revision = self.store.wanted()?.revision;
        let set = BTreeMap::from([(NAME.parse()?, wanted)]);
        self.store.change(revision, set, "bench", AT)?;
        Ok(())
    }

    /// A component that no other version or policy has.
    fn component(&self, version: u32, policy: u32) -> Vec<u8> {
        self.bed.variant(version << 16 | policy)
    }

    fn release(&mut self, component: impl Fn(u32) -> Vec<u8>) -> Result<Digest> {
        self.versions += 1;
        let policies = (0..self.policies).map(|number| PolicyDraft {
            name: policy_name(number),
            description: "Covers a tool where its arguments fit a rule".to_owned(),
            component: component(number),
            authority: [Power::Allow, Power::Deny].into_iter().collect(),
            settings_schema: None,
            settings: None,
            cases: None,
            fuel_max: None,
        });
        let draft = PackDraft {
            name: NAME.parse()?,
            revision: format!("1.{}.0", self.versions),
            version: self.versions,
            expires: None,
            description: None,
            policies: policies.collect(),
        };
        let layout = sign(&draft.build()?, &self.key)?;
        let trust = self.loaded()?.pack_trust();
        let pack = verify(layout, &trust, Age::NotBelow(None), AT)
            .context("the vendor's own pack is refused")?;
        Ok(self.store.import(&pack, AT)?.pack)
    }
}

fn policy_name(number: u32) -> String {
    format!("policy-{number}")
}
