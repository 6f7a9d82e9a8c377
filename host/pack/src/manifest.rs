//! The pack manifest: what a pack says about itself and its policies. Its
//! canonical text is what is signed, and its BLAKE3 digest is the pack's
//! identity.

use std::collections::BTreeSet;

use gatewright_policy::{Authority, Digest, Timestamp};
use gatewright_sandbox::{Contract, Inspection, World};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::{self, INTEGER_MAX, NotCanonical};
use crate::name::PackName;
use crate::sha256::Sha256;

/// The `format` of the manifests that this version reads and writes.
pub const FORMAT: &str = "gatewright.pack.v1";

/// Longest pack manifest, in bytes. Schemas and cases are in it: those of the
/// shipped policies take a few hundred KiB together.
pub const PACK_MANIFEST_BYTES_MAX: usize = 8 << 20;

/// Most policies in a pack.
pub const POLICIES_MAX: usize = 256;

/// Longest label, description or policy name, in bytes.
const LABEL_BYTES_MAX: usize = 1024;

/// The WIT package, without its version.
const CONTRACT: &str = "gatewright:policy@";

/// What a pack says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackManifest {
    /// Always [`FORMAT`].
    pub format: String,
    /// Whose it is and what it is called: publishers are trusted by it.
    pub name: PackName,
    /// A label for people, such as `1.4.2`. Never identity, never compared.
    pub revision: String,
    /// Grows with every release: an older one is refused.
    pub version: u64,
    /// The newest contract that one of its components was built against:
    /// `gatewright:policy@<version>`. The others' are older.
    pub contract: String,
    /// It is refused from then on (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// A line for who chooses packs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its policies, in the order of the layers.
    pub policies: Vec<PolicyEntry>,
}

/// One policy of a pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyEntry {
    /// What bindings call it; unique in the pack.
    pub name: String,
    /// `policy`, `editor` or `reviewer`.
    pub world: String,
    /// BLAKE3 of the component: what records name.
    pub digest: Digest,
    /// SHA-256 of the component: its blob.
    pub sha256: Sha256,
    /// The component's size.
    pub bytes: u64,
    /// What the component imports, in its order.
    pub imports: Vec<String>,
    /// The powers that its answers need.
    pub authority: Authority,
    /// A line for who chooses policies.
    pub description: String,
    /// JSON Schema of its settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings_schema: Option<Value>,
    /// Settings for a binding that has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Value>,
    /// Questions and the answers that it must give, as in `cases.toml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cases: Option<Value>,
    /// The fuel that a call needs at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fuel_max: Option<u64>,
}

/// Why bytes are not a pack manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Over [`PACK_MANIFEST_BYTES_MAX`].
    #[error(
        "the pack manifest has {0} bytes; at most {PACK_MANIFEST_BYTES_MAX} are read; \
         hint: fewer policies, or shorter cases"
    )]
    TooLarge(usize),
    /// Not the JSON of one.
    #[error("the pack manifest is not one that this version reads: {0}")]
    Shape(String),
    /// Another text for the same value.
    #[error("the pack manifest is not canonical JSON (RFC 8785); hint: build the pack again")]
    NotCanonical,
    /// A later format.
    #[error("the pack has the format `{0}`, and this version reads `{FORMAT}`; hint: update")]
    Format(String),
    /// A value that no pack may have.
    #[error("`{member}` of the pack manifest {problem}")]
    Member {
        /// Path of the member.
        member: String,
        /// What is wrong with it.
        problem: String,
    },
}

// === impl PackManifest ===

impl PackManifest {
    /// Reads a manifest and checks all that does not need the components.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > PACK_MANIFEST_BYTES_MAX {
            return Err(ManifestError::TooLarge(bytes.len()));
        }
        let manifest: Self = canonical::from_slice(bytes).map_err(|error| match error {
            NotCanonical::Shape(cause) => match later_format(bytes) {
                Some(format) => ManifestError::Format(format),
                None => ManifestError::Shape(cause),
            },
            NotCanonical::Form => ManifestError::NotCanonical,
        })?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The canonical text. Fails on what [`PackManifest::parse`] would refuse.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ManifestError> {
        self.check()?;
        let bytes =
            canonical::to_vec(self).map_err(|error| ManifestError::Shape(error.to_string()))?;
        if bytes.len() > PACK_MANIFEST_BYTES_MAX {
            return Err(ManifestError::TooLarge(bytes.len()));
        }
        Ok(bytes)
    }

    /// The policy of this name.
    pub fn policy(&self, name: &str) -> Option<&PolicyEntry> {
        self.policies.iter().find(|policy| policy.name == name)
    }

    /// When it ends, if it does.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires.as_deref().and_then(Timestamp::parse)
    }

    /// The newest contract that its components need, if this version serves it.
    pub fn served_contract(&self) -> Option<Contract> {
        Contract::of_version(self.contract.strip_prefix(CONTRACT)?)
    }

    /// The `contract` of a version that is served.
    pub(crate) fn contract_name(contract: Contract) -> String {
        format!("{CONTRACT}{contract}")
    }

    fn check(&self) -> Result<(), ManifestError> {
        if self.format != FORMAT {
            return Err(ManifestError::Format(self.format.clone()));
        }
        check_label("revision", &self.revision)?;
        if self.version == 0 || self.version > INTEGER_MAX {
            return Err(wrong("version", "is not from 1 to 2^53 - 1"));
        }
        if !self.contract.starts_with(CONTRACT) {
            return Err(wrong(
                "contract",
                "does not begin with `gatewright:policy@`",
            ));
        }
        if self.expires.is_some() && self.expires_at().is_none() {
            return Err(wrong(
                "expires",
                "is not a time such as `2027-11-01T00:00:00Z`",
            ));
        }
        if let Some(description) = &self.description {
            check_text("description", description)?;
        }
        if self.policies.is_empty() || self.policies.len() > POLICIES_MAX {
            let problem = format!(
                "has {} policies, and not 1 to {POLICIES_MAX}",
                self.policies.len()
            );
            return Err(wrong("policies", problem));
        }
        let mut names = BTreeSet::new();
        for policy in &self.policies {
            policy.check()?;
            if !names.insert(&policy.name) {
                return Err(wrong("policies", format!("has `{}` twice", policy.name)));
            }
        }
        Ok(())
    }
}

/// The format that a manifest of another one names.
fn later_format(bytes: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let format = value.get("format")?.as_str()?;
    let is_ours = format.starts_with("gatewright.pack.") && format.len() <= LABEL_BYTES_MAX;
    (is_ours && format != FORMAT).then(|| format.to_owned())
}

// === impl PolicyEntry ===

impl PolicyEntry {
    /// What a component is for, if it is one of the three worlds.
    pub fn world(&self) -> Option<World> {
        let mut worlds = World::ALL.iter().copied();
        worlds.find(|world| world.name() == self.world)
    }

    /// What the manifest and its component disagree about: member, what the
    /// manifest says, what the component is.
    pub(crate) fn difference(&self, found: &Inspection) -> Option<(&'static str, String, String)> {
        if self.digest != found.digest {
            let (said, is) = (self.digest.to_string(), found.digest.to_string());
            return Some(("digest", said, is));
        }
        if self.world() != Some(found.world) {
            return Some(("world", self.world.clone(), found.world.to_string()));
        }
        if self.imports != found.imports {
            return Some(("imports", self.imports.join(", "), found.imports.join(", ")));
        }
        None
    }

    fn check(&self) -> Result<(), ManifestError> {
        let member = |member: &str| format!("policies.{}.{member}", self.name);
        if !is_policy_name(&self.name) {
            let problem = format!("has `{}`, which is not the name of a policy", self.name);
            return Err(wrong("policies", problem));
        }
        if self.world().is_none() {
            return Err(wrong(member("world"), format!("is `{}`", self.world)));
        }
        check_text(&member("description"), &self.description)?;
        if self.bytes > INTEGER_MAX || self.fuel_max.is_some_and(|fuel| fuel > INTEGER_MAX) {
            return Err(wrong(member("bytes"), "or `fuel_max` is over 2^53 - 1"));
        }
        for (name, value) in [
            ("settings_schema", &self.settings_schema),
            ("settings", &self.settings),
            ("cases", &self.cases),
        ] {
            if value
                .as_ref()
                .is_some_and(|value| !canonical::is_exact(value))
            {
                return Err(wrong(member(name), "has an integer beyond 2^53 - 1"));
            }
        }
        Ok(())
    }
}

/// A name that is also a file name, everywhere.
fn is_policy_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(plain)
}

fn check_label(member: &str, text: &str) -> Result<(), ManifestError> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.is_empty() || text.len() > LABEL_BYTES_MAX || !is_plain {
        return Err(wrong(
            member,
            "is empty, long, or not plain text without spaces",
        ));
    }
    Ok(())
}

fn check_text(member: &str, text: &str) -> Result<(), ManifestError> {
    if text.len() > LABEL_BYTES_MAX || text.chars().any(char::is_control) {
        let problem = format!("is over {LABEL_BYTES_MAX} bytes, or has control characters");
        return Err(wrong(member, problem));
    }
    Ok(())
}

fn wrong(member: impl Into<String>, problem: impl Into<String>) -> ManifestError {
    ManifestError::Member {
        member: member.into(),
        problem: problem.into(),
    }
}
