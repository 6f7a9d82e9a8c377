//! The gate's configuration file (TOML): its shape. What it means is checked in
//! `check`, and every problem names file, line and fix.

mod agents;
mod agents_check;
mod anchors;
mod approver;
mod approvers;
mod audit;
mod audit_check;
mod budgets;
mod budgets_set;
mod check;
mod console;
mod console_check;
mod credential;
mod credential_check;
mod defaults;
mod definitions;
mod file_pattern;
mod files;
mod holder;
mod issuer;
mod issuers;
mod limits;
mod limits_check;
mod memory;
mod memory_check;
mod name;
mod oidc;
mod oidc_check;
mod packs;
mod packs_check;
mod pinned;
mod pins;
mod problem;
mod proof;
mod read;
mod settings_files;
mod tokens;
mod units;
mod url;
mod webhook;
mod webhooks_check;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gatewright_policy::approval::{Approver, approver_key};
use gatewright_policy::credential::did_key;
use gatewright_policy::pattern::{Pattern, Scope};
use gatewright_policy::{Mode, Power, Rollout, Share, Unregistered};
use serde::Deserialize;
use toml::Spanned;

pub use agents::AgentsConfig;
pub use approver::ApproverConfig;
pub use audit::{AuditConfig, KeepConfig, PayloadsConfig};
pub use budgets::BudgetConfig;
pub use console::ConsoleConfig;
pub use credential::{ClientAuth, CredentialConfig, OauthConfig, OauthGrant, SubjectToken};
pub use definitions::{Definitions, UnknownArguments, WhenChanged};
pub use files::Files;
pub use holder::HolderDid;
pub use issuer::IssuerConfig;
pub use limits::{HISTORY_CALLS_MAX, LimitsConfig};
pub use memory::MemoryConfig;
pub use name::{is_name, is_server_name};
pub use oidc::{ConsoleRight, GroupConfig, OidcConfig};
pub use packs::{Expiry, PackConfig, PacksConfig, PublisherConfig};
pub use pins::{Hint, Pinned, PinnedTable, Pins};
pub(crate) use problem::Problems;
pub use problem::{ConfigError, Problem, Said};
pub use proof::LeastProof;
pub use tokens::{ClaimPaths, ClaimsConfig, IssuerKind};
pub use units::{Bytes, Period};
pub use url::is_safe;
pub use webhook::{WebhookConfig, WebhookEvent, WebhookShape};

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the gate listens, and for whom.
    #[serde(default)]
    pub gate: GateConfig,
    /// Where decisions are kept.
    #[serde(default)]
    pub audit: AuditConfig,
    /// What is remembered, if not in that file.
    pub memory: Option<MemoryConfig>,
    /// Which agents are known.
    pub agents: Option<AgentsConfig>,
    /// Where people see what happens, and decide.
    pub console: Option<ConsoleConfig>,
    /// Bounds.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// Where packs are kept.
    #[serde(default)]
    pub packs: PacksConfig,
    /// Whose packs are trusted.
    #[serde(default, rename = "publisher")]
    pub publishers: Vec<PublisherConfig>,
    /// Packs that bindings use.
    #[serde(default, rename = "pack")]
    pub packs_used: Vec<PackConfig>,
    /// The agent that `gatewright wrap` serves.
    pub local: Option<LocalConfig>,
    /// Who may issue credentials.
    #[serde(default, rename = "issuer")]
    pub issuers: Vec<IssuerConfig>,
    /// Who may decide on held calls.
    #[serde(default, rename = "approver")]
    pub approvers: Vec<ApproverConfig>,
    /// Who is told of held calls.
    #[serde(default, rename = "webhook")]
    pub webhooks: Vec<WebhookConfig>,
    /// Tool servers.
    #[serde(default, rename = "server")]
    pub servers: Vec<ServerConfig>,
    /// Policies, and what they judge.
    #[serde(default, rename = "binding")]
    pub bindings: Vec<BindingConfig>,
}

/// `[gate]`. Not reloaded: a change needs a restart.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GateConfig {
    /// Where agents connect. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Health, metrics and status. Loopback only.
    pub admin: SocketAddr,
    /// Further values that the `Host` header may have, with port where there is
    /// one. The listening address and its loopback names are always accepted.
    pub hosts: Vec<String>,
    /// Values that the `Origin` header may have besides the gate's own.
    pub origins: Vec<String>,
    /// The gate's public URL, for clients behind a reverse proxy.
    pub public_url: Option<String>,
    /// The URL by which people reach the console, of this gate or of another one on the same
    /// memory. Clients that can show URLs are sent there.
    pub console_url: Option<String>,
    /// The name of this gate: a credential that names audiences must name it.
    pub audience: Option<String>,
    /// Where agents sign in; by default the issuers that are authorization servers.
    pub authorization_servers: Option<Vec<String>>,
    /// The scopes that an agent may ask them for.
    pub scopes_supported: Vec<String>,
    /// Where compiled policies are kept.
    pub cache: CacheConfig,
}

/// `gate.cache`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected `true`, `false`, or a folder")]
pub enum CacheConfig {
    /// In the folder of the user who runs the gate, or nowhere between two starts.
    Kept(bool),
    /// In this folder.
    Folder(PathBuf),
}

/// `[local]`: the agent behind `gatewright wrap`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalConfig {
    /// Its id.
    pub agent: String,
    /// Whom it acts for.
    pub principal: Option<String>,
    /// What it may call.
    #[serde(default = "defaults::everything")]
    pub scopes: Vec<Scope>,
    /// The `did:key` of the agent: each of its messages must be signed with it.
    pub holder: Option<HolderDid>,
}

/// `[[server]]`: one tool server, over stdio (`command`) or HTTP (`url`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Its name: the endpoint is `/mcp/<name>`.
    pub name: Spanned<String>,
    /// Program and arguments.
    pub command: Option<Spanned<Vec<String>>>,
    /// Environment of the program, besides `PATH`, `HOME`, `LANG` and `TMPDIR`.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Names of variables handed on from the gate's own environment.
    #[serde(default)]
    pub env_pass: Vec<String>,
    /// Where the program runs; the folder of the configuration by default.
    pub directory: Option<PathBuf>,
    /// Streamable HTTP endpoint.
    pub url: Option<Spanned<String>>,
    /// What the gate shows to the tool server.
    pub credential: Option<Spanned<CredentialConfig>>,
    /// How long the tool server may take to answer.
    #[serde(default = "defaults::one_minute")]
    pub timeout: Period,
    /// What the tool server may ask of the agent.
    #[serde(default)]
    pub client_requests: Vec<ClientRequest>,
    /// Notifications beside those of MCP that pass, in both directions, by pattern.
    #[serde(default)]
    pub notifications: Vec<Spanned<Pattern>>,
    /// Which members of a message go on to it.
    #[serde(default)]
    pub params: Params,
    /// The least that agents must prove here.
    #[serde(default)]
    pub proof: LeastProof,
    /// Whose word the definitions of its tools need.
    #[serde(default)]
    pub definitions: Definitions,
    /// What becomes of a tool whose definition is another one.
    #[serde(default)]
    pub changed: WhenChanged,
    /// What is pinned about its tools, by pattern.
    #[serde(default)]
    pub tools: Pins,
}

/// Something that a tool server asks of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientRequest {
    /// `sampling/createMessage`
    Sampling,
    /// `elicitation/create`
    Elicitation,
    /// `roots/list`
    Roots,
}

/// Which members of a message go on to a tool server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Params {
    /// Those that MCP defines.
    #[default]
    Known,
    /// Others too, which no policy sees.
    Any,
}

/// `[[binding]]`: a policy on servers and tools.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BindingConfig {
    /// Names it in records and messages.
    pub name: Spanned<String>,
    /// The component; with `pack`, the name of a policy in it.
    pub policy: Spanned<PathBuf>,
    /// The pack that the policy is from.
    pub pack: Option<Spanned<String>>,
    /// The component must be this one.
    pub digest: Option<Spanned<String>>,
    /// Which servers.
    #[serde(default = "defaults::any_spanned")]
    pub servers: Vec<Spanned<Pattern>>,
    /// Which tools, prompts and resource URIs.
    #[serde(default = "defaults::any")]
    pub tools: Vec<Pattern>,
    /// What it may do. The default lets a judge allow, deny and ask, an editor
    /// edit, a reviewer edit, label and block.
    pub authority: Option<Vec<Power>>,
    /// Whether it counts.
    #[serde(default)]
    pub mode: Mode,
    /// It counts for this share of the agents, and is observed for the others.
    pub canary: Option<Spanned<Share>>,
    /// The ledger keeps what the policy says in words, and not only as keyed
    /// digests.
    #[serde(default)]
    pub record_messages: bool,
    /// JSON Pointers into the arguments: what stands there is not shown to approvers.
    #[serde(default)]
    pub mask: Vec<Spanned<String>>,
    /// What becomes of arguments that the pinned schema of a tool does not name.
    #[serde(default)]
    pub unknown_arguments: UnknownArguments,
    /// Handed to the policy as JSON.
    pub settings: Option<toml::Table>,
    /// The same from a JSON file.
    pub settings_file: Option<Spanned<PathBuf>>,
    /// Members of the settings that stand in files of their own.
    #[serde(default)]
    pub files: BTreeMap<String, Spanned<Files>>,
    /// Its bounds.
    #[serde(default)]
    pub limits: BindingLimits,
    /// What it may charge, by a name that the policy knows.
    #[serde(default)]
    pub budgets: BTreeMap<String, BudgetConfig>,
}

/// `[binding.limits]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BindingLimits {
    /// Instructions, roughly; deterministic.
    pub fuel: Option<u64>,
    /// Linear memory.
    pub memory: Option<Bytes>,
    /// What it may answer.
    pub output: Option<Bytes>,
    /// The time that it runs, a safety net behind `fuel`.
    pub deadline: Option<Period>,
}

/// A configuration that was read and checked, and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Its file.
    pub path: PathBuf,
    /// Its text, for line numbers.
    pub(crate) text: String,
}

// === impl Loaded ===

impl Loaded {
    /// For problems with it.
    pub(crate) fn problems(&self) -> Problems<'_> {
        Problems::new(&self.path, &self.text)
    }

    /// A path in the configuration, seen from the folder of its file.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        folder.join(path)
    }

    /// The configured approvers, each with the did:key of one of its keys.
    pub fn approvers(&self) -> Vec<(String, Approver)> {
        let keys = self.config.approvers.iter().flat_map(|approver| {
            let person = Approver {
                name: approver.name.get_ref().clone(),
                roles: approver.roles.clone(),
            };
            let keys = approver.keys.iter();
            // What is no key was refused before.
            let keys = keys.filter_map(|key| approver_key(key.get_ref()).ok());
            keys.map(move |key| (did_key(&key), person.clone()))
        });
        keys.collect()
    }
}

impl Config {
    /// What becomes of an agent that nobody registered. Without `[agents]` its credential
    /// is enough.
    pub fn unregistered(&self) -> Unregistered {
        let agents = self.agents.as_ref();
        agents.map_or(Unregistered::Allow, |agents| agents.unregistered)
    }

    /// The names of the tool servers, for a hint.
    fn server_names(&self) -> String {
        let names: Vec<_> = self
            .servers
            .iter()
            .map(|server| server.name.get_ref().as_str())
            .collect();
        if names.is_empty() {
            "none; add a [[server]]".to_owned()
        } else {
            names.join(", ")
        }
    }
}

impl BindingConfig {
    /// The name of its policy in its pack, if it is from one.
    pub fn policy_in_pack(&self) -> Option<&str> {
        self.pack.as_ref()?;
        self.policy.get_ref().to_str()
    }

    /// Whose calls it counts for.
    pub fn rollout(&self) -> Rollout {
        match (self.mode, &self.canary) {
            (Mode::Observe, _) => Rollout::OBSERVED,
            (Mode::Enforce, Some(share)) => Rollout::Candidate(*share.get_ref()),
            (Mode::Enforce, None) => Rollout::Settled,
        }
    }
}
