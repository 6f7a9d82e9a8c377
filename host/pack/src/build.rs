//! Making a pack out of components and what is known about them.

use gatewright_policy::{Authority, Digest, Timestamp};
use gatewright_sandbox::{Contract, Inspection, LoadError};
use serde::Serialize;
use serde_json::Value;

use crate::canonical;
use crate::layout::{
    CONFIG_MEDIA_TYPE, Descriptor, ImageManifest, Layout, LayoutError, MANIFEST_MEDIA_TYPE,
    WASM_MEDIA_TYPE,
};
use crate::manifest::{FORMAT, ManifestError, PackManifest, PolicyEntry};
use crate::name::PackName;
use crate::sha256::Sha256;

/// What a pack is going to be.
#[derive(Clone, Debug)]
pub struct PackDraft {
    /// Whose it is and what it is called.
    pub name: PackName,
    /// A label for people.
    pub revision: String,
    /// Grows with every release.
    pub version: u64,
    /// When it is refused from.
    pub expires: Option<Timestamp>,
    /// A line for who chooses packs.
    pub description: Option<String>,
    /// Its policies, in order.
    pub policies: Vec<PolicyDraft>,
}

/// One policy of it.
#[derive(Clone, Debug)]
pub struct PolicyDraft {
    /// What bindings call it.
    pub name: String,
    /// A line for who chooses policies.
    pub description: String,
    /// The component, as it was built.
    pub component: Vec<u8>,
    /// The powers that its answers need.
    pub authority: Authority,
    /// JSON Schema of its settings.
    pub settings_schema: Option<Value>,
    /// Settings for a binding that has none.
    pub settings: Option<Value>,
    /// Its `cases.toml`, as JSON.
    pub cases: Option<Value>,
    /// The fuel that a call needs at most.
    pub fuel_max: Option<u64>,
}

/// Why there is no pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A component that no gate would load.
    #[error("the component of `{policy}` is not a policy: {cause}")]
    Component {
        /// The policy.
        policy: String,
        /// Why not.
        cause: String,
    },
    /// The manifest would not be one.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The layout would not be one.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

/// The config of a pack: what tools for Wasm in registries show.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WasmConfig<'a> {
    created: &'a str,
    architecture: &'a str,
    os: &'a str,
    layer_digests: Vec<Sha256>,
}

// === impl PackDraft ===

impl PackDraft {
    /// The pack, not signed yet. The same draft always gives the same bytes.
    pub fn build(self) -> Result<Layout, BuildError> {
        let mut newest = None;
        let mut policies = Vec::new();
        let mut components = Vec::new();
        for draft in self.policies {
            let (entry, found, component) = draft.build()?;
            newest = newest.max(Some(found));
            policies.push(entry);
            components.push(component);
        }
        let manifest = PackManifest {
            format: FORMAT.to_owned(),
            name: self.name,
            revision: self.revision,
            version: self.version,
            contract: newest.map_or_else(
                || "gatewright:policy@".to_owned(),
                PackManifest::contract_name,
            ),
            expires: self.expires.map(|time| time.to_string()),
            description: self.description,
            policies,
        };
        layout(&manifest, components)
    }
}

fn layout(manifest: &PackManifest, components: Vec<Vec<u8>>) -> Result<Layout, BuildError> {
    let bytes = manifest.to_bytes()?;
    let mut layers =
        vec![Descriptor::of(&bytes, MANIFEST_MEDIA_TYPE).titled("pack.json".to_owned())];
    for (entry, component) in manifest.policies.iter().zip(&components) {
        let title = format!("{}.wasm", entry.name);
        layers.push(Descriptor::of(component, WASM_MEDIA_TYPE).titled(title));
    }
    let config = WasmConfig {
        // The same pack has the same digest whenever it is built.
        created: "1970-01-01T00:00:00Z",
        architecture: "wasm",
        os: "wasip2",
        layer_digests: layers.iter().map(|layer| layer.digest).collect(),
    };
    let config =
        canonical::to_vec(&config).map_err(|error| ManifestError::Shape(error.to_string()))?;
    let image = ImageManifest::of_pack(
        Descriptor::of(&config, CONFIG_MEDIA_TYPE),
        layers,
        manifest.name.as_str(),
        &manifest.revision,
    );
    let blobs = [bytes, config].into_iter().chain(components);
    let revision = Some(manifest.revision.as_str());
    Ok(Layout::assemble(
        revision,
        image.to_bytes()?,
        Vec::new(),
        blobs,
    )?)
}

// === impl PolicyDraft ===

impl PolicyDraft {
    /// The entry, the contract, and the component.
    fn build(self) -> Result<(PolicyEntry, Contract, Vec<u8>), BuildError> {
        let found =
            Inspection::of(&self.component).map_err(|error: LoadError| BuildError::Component {
                policy: self.name.clone(),
                cause: error.to_string(),
            })?;
        let entry = PolicyEntry {
            name: self.name,
            world: found.world.name().to_owned(),
            digest: Digest::of(&self.component),
            sha256: Sha256::of(&self.component),
            bytes: u64::try_from(self.component.len()).unwrap_or(u64::MAX),
            imports: found.imports,
            authority: self.authority,
            description: self.description,
            settings_schema: self.settings_schema,
            settings: self.settings,
            cases: self.cases,
            fuel_max: self.fuel_max,
        };
        Ok((entry, found.contract, self.component))
    }
}
