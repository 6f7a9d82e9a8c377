//! Whether a pack is what it says, and whether the operator trusts whoever says
//! so.

use std::sync::Arc;

use gatewright_policy::credential::did_key;
use gatewright_policy::{Authority, Digest, Power, Timestamp};
use gatewright_sandbox::{Contract, Inspection, LoadError, World};

use crate::dsse::{Envelope, EnvelopeError};
use crate::layout::{Layout, LayoutError};
use crate::manifest::{ManifestError, PackManifest, PolicyEntry};
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

/// Why a pack is refused. Each is a thing that an operator does differently.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Damaged, incomplete, or not a pack.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// Its manifest is not one that this version reads.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Layers and policies do not go together.
    #[error("the pack has {layers} components, and its manifest {policies} policies")]
    Components {
        /// How many layers hold components.
        layers: usize,
        /// How many policies the manifest has.
        policies: usize,
    },
    /// No publisher may sign packs of this name.
    #[error(
        "no publisher may sign `{pack}`; hint: add a [[publisher]] with its keys and \
         `packs`, if you trust one with it"
    )]
    NoPublisher {
        /// The pack's name.
        pack: String,
    },
    /// It is not clear who answers for the pack.
    #[error("`{first}` and `{second}` may both sign `{pack}`; hint: narrow their `packs`")]
    SeveralPublishers {
        /// The pack's name.
        pack: String,
        /// One publisher.
        first: String,
        /// Another.
        second: String,
    },
    /// A signature that is not about this pack, or not one at all.
    #[error("a signature of `{pack}` is of no use: {cause}; hint: fetch the pack again")]
    Envelope {
        /// The pack's name.
        pack: String,
        /// What is wrong with it.
        cause: EnvelopeError,
    },
    /// Nobody signed.
    #[error("`{pack}` is not signed; hint: `gatewright pack sign` is for its publisher")]
    NotSigned {
        /// The pack's name.
        pack: String,
    },
    /// Signed, and by none of the publisher's keys.
    #[error(
        "`{pack}` is signed, and by no key of publisher `{publisher}`; it names {}; \
         hint: if the publisher has a new key, add it to `keys`",
        Keys(.named)
    )]
    UntrustedKeys {
        /// The pack's name.
        pack: String,
        /// Who may sign it.
        publisher: String,
        /// The keys that the signatures name: a hint, not a proof.
        named: Vec<String>,
    },
    /// Signed by some of the publisher's keys, and not by enough.
    #[error(
        "`{pack}` is signed by {have} of the {need} keys of publisher `{publisher}` that \
         must have signed; hint: ask for the other signatures"
    )]
    TooFewSignatures {
        /// The pack's name.
        pack: String,
        /// Who may sign it.
        publisher: String,
        /// Different keys that signed.
        have: usize,
        /// How many must have.
        need: usize,
    },
    /// The operator's trust in the publisher has ended.
    #[error(
        "the trust in publisher `{publisher}` of `{pack}` ended at {at}; hint: if you \
         still trust it, set a later `expires`"
    )]
    PublisherExpired {
        /// The pack's name.
        pack: String,
        /// Who signed it.
        publisher: String,
        /// When it ended.
        at: Timestamp,
    },
    /// The pack's own end: there should be a newer one.
    #[error("`{pack}` {revision} expired at {at}; hint: get a newer version")]
    PackExpired {
        /// The pack's name.
        pack: String,
        /// Its label.
        revision: String,
        /// When it ended.
        at: Timestamp,
    },
    /// A newer one was seen before.
    #[error(
        "`{pack}` {revision} is version {version}, and version {seen} was seen before; \
         hint: `--allow-older` takes it all the same, and that is recorded"
    )]
    Older {
        /// The pack's name.
        pack: String,
        /// Its label.
        revision: String,
        /// Its version.
        version: u64,
        /// The highest that was seen.
        seen: u64,
    },
    /// A later version of the contract.
    #[error(
        "`{pack}` was built against `{contract}`, which this version does not serve; hint: update"
    )]
    Contract {
        /// The pack's name.
        pack: String,
        /// What it was built against.
        contract: String,
    },
    /// A component is not what the manifest says.
    #[error(
        "policy `{policy}` of `{pack}`: the manifest says `{member}` is `{said}`, and the \
         component has `{found}`; hint: tell its publisher"
    )]
    NotAsDescribed {
        /// The pack's name.
        pack: String,
        /// The policy.
        policy: String,
        /// Which member of the manifest.
        member: &'static str,
        /// What the manifest says.
        said: String,
        /// What the component is.
        found: String,
    },
    /// A component is not a policy.
    #[error("policy `{policy}` of `{pack}` does not load: {cause}")]
    Component {
        /// The pack's name.
        pack: String,
        /// The policy.
        policy: String,
        /// Why not.
        cause: String,
    },
    /// A policy asks for more than its publisher is trusted with.
    #[error(
        "policy `{policy}` of `{pack}` asks for `{power}`, and publisher `{publisher}` \
         is not trusted with that; hint: add it to the publisher's `authority`, or refuse the pack"
    )]
    Authority {
        /// The pack's name.
        pack: String,
        /// The policy.
        policy: String,
        /// The first power that is too much.
        power: Power,
        /// Who signed the pack.
        publisher: String,
    },
}

/// Keys in a message, the first few of them.
struct Keys<'a>(&'a [String]);

/// Verifies a layout against what the operator trusts, at a time. The order is
/// that of the refusals: what anybody could have made up is never looked into
/// before it is known who signed it.
pub fn verify(
    layout: Layout,
    trust: &TrustPolicy,
    age: Age,
    now: Timestamp,
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
    check_time(&manifest, publisher, now)?;
    check_age(&manifest, age)?;
    let components = components(&layout, &manifest)?;
    check_authority(&manifest, publisher)?;
    Ok(VerifiedPack {
        publisher: publisher.name.clone(),
        authority: publisher.authority,
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
        if found.contract != contract {
            let found = PackManifest::contract_name(found.contract);
            return Err(differs("contract", manifest.contract.clone(), found));
        }
        components.push(Verified {
            component,
            world: found.world,
            contract: found.contract,
        });
    }
    Ok(components)
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

impl std::fmt::Display for Keys<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        /// Keys that a message lists before it counts the rest.
        const SHOWN_MAX: usize = 4;
        /// A `did:key` has 56 characters; what is no key is cut.
        const KEY_CHARACTERS_MAX: usize = 64;
        for (place, key) in self.0.iter().take(SHOWN_MAX).enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            let key: String = key
                .chars()
                .take(KEY_CHARACTERS_MAX)
                .filter(char::is_ascii_graphic)
                .collect();
            write!(f, "{separator}`{key}`")?;
        }
        match self.0.len().saturating_sub(SHOWN_MAX) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
