//! Why a pack is refused.

use std::fmt;

use gatewright_policy::{Power, Timestamp};

use crate::dsse::EnvelopeError;
use crate::layout::LayoutError;
use crate::manifest::ManifestError;

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

impl fmt::Display for Keys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
