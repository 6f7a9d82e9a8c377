//! Whether a pack is what it says, and whether the operator trusts whoever says
//! so.

use std::sync::Arc;

use gatewright_policy::credential::did_key;
use gatewright_policy::{Authority, Digest, Timestamp};
use gatewright_sandbox::{Contract, Inspection, LoadError, World};

use crate::dsse::Envelope;
use crate::layout::{Layout, LayoutError};
use crate::manifest::{PackManifest, PolicyEntry};
use crate::refusal::Refusal;
use crate::trust::{Publisher, TrustPolicy};

/// A pack whose every byte its publisher answers for, and whose publisher the
/// operator trusts with it.
#[derive(Clone, Debug)]
pub struct VerifiedPack {
    layout: Layout,
    manifest: PackManifest,
    digest: Digest,
    components: Vec<Verified>,
    publisher: String,
    authority: Authority,
    signers: Vec<String>,
    expires: Option<Timestamp>,
}

/// One policy of a verified pack.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedPolicy<'a> {
    /// What the manifest says about it.
    pub entry: &'a PolicyEntry,
    /// Its component.
    pub component: &'a Arc<[u8]>,
    /// What the component is for.
    pub world: World,
    /// What the component was built against.
    pub contract: Contract,
}

#[derive(Clone, Debug)]
struct Verified {
    component: Arc<[u8]>,
    world: World,
    contract: Contract,
}

/// Whether an older pack than the newest that was seen may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// At least this version; none was seen yet.
    NotBelow(Option<u64>),
    /// Any version: what an operator wanted before, or allows in so many words.
    /// The caller records it.
    Any,
}

/// Verifies a layout against what the operator trusts, at a time. The order is
/// that of the refusals: what anybody could have made up is never looked into
/// before it is known who signed it.
pub fn verify(
    layout: Layout,
    trust: &TrustPolicy,
    age: Age,
    now: Timestamp,
) -> Result<VerifiedPack, Refusal> {
    verify_until(layout, trust, age, Some(now))
}

/// The same; without a time, what has expired is as good as what has not.
pub(crate) fn verify_until(
    layout: Layout,
    trust: &TrustPolicy,
    age: Age,
    now: Option<Timestamp>,
) -> Result<VerifiedPack, Refusal> {
    let bytes = layout.pack_manifest();
    let manifest = PackManifest::parse(bytes)?;
    let digest = Digest::of(bytes);
    if layout.components().len() != manifest.policies.len() {
        return Err(Refusal::Components {
            layers: layout.components().len(),
            policies: manifest.policies.len(),
        });
    }
    let publisher = trust.publisher_of(&manifest)?;
    let signers = signers(&layout, &manifest, publisher)?;
    if let Some(now) = now {
        check_time(&manifest, publisher, now)?;
    }
    check_age(&manifest, age)?;
    let components = components(&layout, &manifest)?;
    check_authority(&manifest, publisher)?;
    Ok(VerifiedPack {
        publisher: publisher.name.clone(),
        authority: publisher.authority,
        expires: manifest
            .expires_at()
            .into_iter()
            .chain(publisher.expires)
            .min(),
        layout,
        manifest,
        digest,
        components,
        signers,
    })
}

impl TrustPolicy {
    /// The one publisher that may sign packs of this name.
    fn publisher_of(&self, manifest: &PackManifest) -> Result<&Publisher, Refusal> {
        let pack = manifest.name.as_str();
        let mut found = self
            .publishers
            .iter()
            .filter(|publisher| publisher.may_sign(pack));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(Refusal::NoPublisher {
                pack: pack.to_owned(),
            }),
            (Some(first), Some(second)) => Err(Refusal::SeveralPublishers {
                pack: pack.to_owned(),
                first: first.name.clone(),
                second: second.name.clone(),
            }),
        }
    }
}

/// The publisher's keys that signed, each once; at least as many as must have.
fn signers(
    layout: &Layout,
    manifest: &PackManifest,
    publisher: &Publisher,
) -> Result<Vec<String>, Refusal> {
    let pack = || manifest.name.to_string();
    let (mut signed, mut named) = (Vec::new(), Vec::new());
    let useless = |cause| Refusal::Envelope {
        pack: manifest.name.to_string(),
        cause,
    };
    for bytes in layout.envelopes() {
        let envelope = Envelope::parse(bytes).map_err(useless)?;
        let message = envelope
            .signed(manifest, layout.pack_manifest())
            .map_err(useless)?;
        for signature in &envelope.signatures {
            named.push(signature.keyid.clone());
            let Some(signature) = signature.signature() else {
                continue;
            };
            let mut keys = publisher.keys.iter();
            // `keyid` is what somebody wrote there: every key is tried.
            let key = keys.find(|key| key.verify_strict(&message, &signature).is_ok());
            if let Some(key) = key.map(did_key)
                && !signed.contains(&key)
            {
                signed.push(key);
            }
        }
    }
    if publisher.threshold > 0 && signed.len() >= publisher.threshold {
        return Ok(signed);
    }
    Err(match (named.is_empty(), signed.len()) {
        (true, _) => Refusal::NotSigned { pack: pack() },
        (false, 0) => Refusal::UntrustedKeys {
            pack: pack(),
            publisher: publisher.name.clone(),
            named,
        },
        (false, have) => Refusal::TooFewSignatures {
            pack: pack(),
            publisher: publisher.name.clone(),
            have,
            need: publisher.threshold,
        },
    })
}

fn check_time(
    manifest: &PackManifest,
    publisher: &Publisher,
    now: Timestamp,
) -> Result<(), Refusal> {
    if let Some(at) = publisher.expires.filter(|at| now >= *at) {
        return Err(Refusal::PublisherExpired {
            pack: manifest.name.to_string(),
            publisher: publisher.name.clone(),
            at,
        });
    }
    if let Some(at) = manifest.expires_at().filter(|at| now >= *at) {
        return Err(Refusal::PackExpired {
            pack: manifest.name.to_string(),
            revision: manifest.revision.clone(),
            at,
        });
    }
    Ok(())
}

fn check_age(manifest: &PackManifest, age: Age) -> Result<(), Refusal> {
    match age {
        Age::NotBelow(Some(seen)) if manifest.version < seen => Err(Refusal::Older {
            pack: manifest.name.to_string(),
            revision: manifest.revision.clone(),
            version: manifest.version,
            seen,
        }),
        Age::NotBelow(_) | Age::Any => Ok(()),
    }
}

/// Every component, which is what the manifest says.
fn components(layout: &Layout, manifest: &PackManifest) -> Result<Vec<Verified>, Refusal> {
    let pack = || manifest.name.to_string();
    let contract = manifest
        .served_contract()
        .ok_or_else(|| Refusal::Contract {
            pack: pack(),
            contract: manifest.contract.clone(),
        })?;
    let mut components = Vec::new();
    for (entry, layer) in manifest.policies.iter().zip(layout.components()) {
        let differs = |member, said: String, found: String| Refusal::NotAsDescribed {
            pack: pack(),
            policy: entry.name.clone(),
            member,
            said,
            found,
        };
        if entry.sha256 != layer.digest {
            let (said, found) = (entry.sha256.to_string(), layer.digest.to_string());
            return Err(differs("sha256", said, found));
        }
        if entry.bytes != layer.size {
            let (said, found) = (entry.bytes.to_string(), layer.size.to_string());
            return Err(differs("bytes", said, found));
        }
        let component = layout
            .shared_blob(&layer.digest)
            .ok_or(LayoutError::Missing {
                what: "a component",
                digest: layer.digest,
            })?;
        let found = Inspection::of(&component).map_err(|error: LoadError| Refusal::Component {
            pack: pack(),
            policy: entry.name.clone(),
            cause: error.to_string(),
        })?;
        if let Some((member, said, found)) = entry.difference(&found) {
            return Err(differs(member, said, found));
        }
        if found.contract > contract {
            let found = PackManifest::contract_name(found.contract);
            return Err(differs("contract", manifest.contract.clone(), found));
        }
        components.push(Verified {
            component,
            world: found.world,
            contract: found.contract,
        });
    }
    let newest = components.iter().map(|it| it.contract).max();
    match (newest, manifest.policies.first()) {
        (Some(newest), Some(entry)) if newest != contract => Err(Refusal::NotAsDescribed {
            pack: pack(),
            policy: entry.name.clone(),
            member: "contract",
            said: manifest.contract.clone(),
            found: PackManifest::contract_name(newest),
        }),
        _ => Ok(components),
    }
}

fn check_authority(manifest: &PackManifest, publisher: &Publisher) -> Result<(), Refusal> {
    for entry in &manifest.policies {
        let mut powers = Vec::from(entry.authority).into_iter();
        if let Some(power) = powers.find(|power| !publisher.authority.grants(*power)) {
            return Err(Refusal::Authority {
                pack: manifest.name.to_string(),
                policy: entry.name.clone(),
                power,
                publisher: publisher.name.clone(),
            });
        }
    }
    Ok(())
}

// === impl VerifiedPack ===

impl VerifiedPack {
    /// BLAKE3 of the pack manifest: the pack's identity.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// What the pack says about itself.
    pub const fn manifest(&self) -> &PackManifest {
        &self.manifest
    }

    /// Who answers for it.
    pub fn publisher(&self) -> &str {
        &self.publisher
    }

    /// The most that the publisher's policies may do: a binding's authority is
    /// within it.
    pub const fn authority_max(&self) -> Authority {
        self.authority
    }

    /// The publisher's keys that signed, as `did:key`.
    pub fn signers(&self) -> &[String] {
        &self.signers
    }

    /// When it expires, or the trust in its publisher: the earlier of both.
    pub const fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// The layout that it was verified in.
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Its policies, in the manifest's order.
    pub fn policies(&self) -> impl Iterator<Item = VerifiedPolicy<'_>> {
        let both = self.manifest.policies.iter().zip(&self.components);
        both.map(|(entry, verified)| VerifiedPolicy {
            entry,
            component: &verified.component,
            world: verified.world,
            contract: verified.contract,
        })
    }

    /// The policy of this name.
    pub fn policy(&self, name: &str) -> Option<VerifiedPolicy<'_>> {
        self.policies().find(|policy| policy.entry.name == name)
    }
}
