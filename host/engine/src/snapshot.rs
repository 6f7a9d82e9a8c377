//! Everything that one call needs, immutable.

mod build;
mod client;
mod credential;
mod fingerprint;
mod material;
mod settings_held;
mod stored_secret;
mod webhooks;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gatewright_policy::credential::{CredentialError, TrustAnchor};
use gatewright_policy::pattern::Pattern;
use gatewright_policy::{
    ArgumentRoles, Asker, Budgets, Digest, Grant, Hints, Timestamp, Unregistered,
};
use gatewright_sandbox::World;

use crate::approvals::Approvers;
use crate::binding::Binding;
use crate::config::{
    ClientRequest, Definitions, GateConfig, LeastProof, LimitsConfig, LocalConfig, Params,
    ServerConfig, WebhookEvent, WebhookShape, WhenChanged,
};
use crate::keyring::{KeySource, Look};
use crate::packs::Packs;
use crate::trust::Trust;

pub use build::BuildError;
pub(crate) use build::build;
pub use client::{ClientKey, ClientProof, OidcClient};
pub use credential::{OauthClient, SecretCommand, SecretSource, UpstreamCredential};
pub(crate) use fingerprint::fingerprint;
pub use stored_secret::StoredSecret;

/// What the gate decides by at one time. A call takes it once and keeps it to
/// its end; it is never changed, only replaced.
pub struct Snapshot {
    /// Counts activated snapshots. 0 is the one that denies everything.
    pub generation: u64,
    /// Digest of everything that can change a decision.
    pub policies: Digest,
    /// `[gate]`.
    pub gate: GateConfig,
    /// `[limits]`.
    pub limits: LimitsConfig,
    /// The agent of `gatewright wrap`.
    pub local: Option<LocalConfig>,
    /// What becomes of an agent that nobody registered.
    pub unregistered: Unregistered,
    /// The packs that bindings are from.
    pub packs: Packs,
    /// Who may decide on held calls.
    pub approvers: Approvers,
    /// Who is told of held calls.
    pub webhooks: Vec<Webhook>,
    /// In the order of the configuration; a candidate stands after what it may
    /// replace.
    pub bindings: Vec<Arc<Binding>>,
    /// Bindings whose messages the ledger keeps in words.
    in_words: HashSet<Arc<str>>,
    servers: HashMap<Arc<str>, Arc<Server>>,
    trust: Trust,
}

/// One tool server, and the bindings that concern it.
pub struct Server {
    /// Its name.
    pub name: Arc<str>,
    /// How it is reached.
    pub transport: Transport,
    /// How long it may take to answer.
    pub timeout: Duration,
    /// What it may ask of the agent.
    pub client_requests: Vec<ClientRequest>,
    /// Notifications beside those of MCP that pass, in both directions.
    pub notifications: Vec<Pattern>,
    /// Which members of a message go on to it.
    pub params: Params,
    config: ServerConfig,
    has_candidates: bool,
    editors: Vec<Arc<Binding>>,
    judges: Vec<Arc<Binding>>,
    reviewers: Vec<Arc<Binding>>,
}

/// How a tool server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A child process.
    Stdio {
        /// Program and arguments.
        command: Vec<String>,
        /// Its environment, besides what every child gets.
        env: Vec<(String, String)>,
        /// Names of variables handed on from the gate's environment.
        env_pass: Vec<String>,
        /// Where it runs.
        directory: PathBuf,
    },
    /// A Streamable HTTP endpoint.
    Http {
        /// The endpoint.
        url: String,
        /// What the gate shows it.
        credential: Option<UpstreamCredential>,
    },
}

/// Somebody who is told of held calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Names it in logs.
    pub name: String,
    /// Where messages go.
    pub url: WebhookUrl,
    /// What signs them.
    pub secret: Option<StoredSecret>,
    /// Who reads them.
    pub shape: WebhookShape,
    /// What is told.
    pub events: Vec<WebhookEvent>,
    /// The file of what could not be delivered.
    pub dead_letters: PathBuf,
}

/// Where messages of a webhook go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookUrl {
    /// There.
    Known(String),
    /// It is a secret.
    Secret(StoredSecret),
}

// === impl Snapshot ===

impl Snapshot {
    /// The snapshot before the first one: no server, no issuer, no policy.
    pub fn deny_all() -> Self {
        Self {
            generation: 0,
            policies: Digest::of(b""),
            gate: GateConfig::default(),
            limits: LimitsConfig::default(),
            local: None,
            unregistered: Unregistered::Refuse,
            packs: Packs::default(),
            approvers: Approvers::default(),
            webhooks: Vec::new(),
            bindings: Vec::new(),
            in_words: HashSet::new(),
            servers: HashMap::new(),
            trust: Trust::new(Vec::new(), None, Arc::default()),
        }
    }

    /// Whether anything was loaded.
    pub const fn is_ready(&self) -> bool {
        self.generation > 0
    }

    /// Whoever has a grant, about to reach a tool server.
    pub fn asker(&self, grant: &Grant, server: &Arc<str>) -> Asker {
        Asker {
            subject: Arc::clone(&grant.subject),
            tokens: Arc::clone(&grant.tokens),
            server: Arc::clone(server),
            unregistered: self.unregistered,
        }
    }

    /// A tool server.
    pub fn server(&self, name: &str) -> Option<&Arc<Server>> {
        self.servers.get(name)
    }

    /// All tool servers, in no order.
    pub fn servers(&self) -> impl Iterator<Item = &Arc<Server>> {
        self.servers.values()
    }

    /// Whether the ledger keeps what this binding says in words.
    pub(crate) fn records_messages(&self, binding: &str) -> bool {
        self.in_words.contains(binding)
    }

    /// The budgets of a binding: those of the configuration, whichever of its
    /// components charges.
    pub(crate) fn budgets(&self, binding: &str) -> Arc<Budgets> {
        let mut bindings = self.bindings.iter();
        let found = bindings.find(|known| *known.name == *binding);
        found.map_or_else(Arc::default, |binding| Arc::clone(&binding.budgets))
    }

    /// The rules that a component described, bound by this name.
    pub(crate) fn rules(&self, binding: &str, component: Digest) -> Arc<BTreeSet<String>> {
        let mut bindings = self.bindings.iter();
        let found =
            bindings.find(|known| *known.name == *binding && known.guest.digest() == component);
        found.map_or_else(Arc::default, |binding| Arc::clone(&binding.rules))
    }

    /// Verifies a bearer credential at a time. `resources`: the URLs of the endpoint that
    /// it is shown at, and of the whole gate.
    pub fn identify(
        &self,
        token: &str,
        resources: &[String],
        now: Timestamp,
    ) -> Result<Grant, CredentialError> {
        self.trust.identify(token, resources, now)
    }

    /// Where the keys of an issuer may not be the newest, and that may be why a
    /// credential does not verify: a look at them, to wait for. Nothing where a look
    /// would change nothing, or was had just now.
    pub fn look_for_keys(&self, error: &CredentialError, now: Timestamp) -> Option<Look> {
        self.trust.look(error, now)
    }

    /// How far an issuer is trusted, with the keys that are known of it.
    pub(crate) fn anchor(&self, issuer: &str) -> Option<TrustAnchor> {
        self.trust.anchor(issuer)
    }

    /// Where keys of issuers are fetched from.
    pub fn key_sources(&self) -> impl Iterator<Item = &KeySource> {
        self.trust.sources()
    }

    /// Where agents sign in: as the operator says, or the issuers that are authorization
    /// servers.
    pub fn authorization_servers(&self) -> Vec<&str> {
        match &self.gate.authorization_servers {
            None => self.trust.authorization_servers().collect(),
            Some(named) => named.iter().map(String::as_str).collect(),
        }
    }
}

impl Server {
    /// Whether each caller has a token of its own there, which the gate gets for the
    /// credential of the call.
    pub fn is_asked_per_caller(&self) -> bool {
        match &self.transport {
            Transport::Http {
                credential: Some(credential),
                ..
            } => credential.is_per_caller(),
            Transport::Http {
                credential: None, ..
            }
            | Transport::Stdio { .. } => false,
        }
    }

    /// What the operator pinned about a tool.
    pub fn hints(&self, tool: &str) -> Hints {
        self.config.hints(tool)
    }

    /// Which arguments of a tool are what, as the operator pinned it.
    pub(crate) fn argument_roles(&self, tool: &str) -> Arc<ArgumentRoles> {
        self.config.argument_roles(tool)
    }

    /// Whose word the definitions of its tools need.
    pub const fn definitions(&self) -> Definitions {
        self.config.definitions
    }

    /// What becomes of a tool whose definition is another one.
    pub const fn when_changed(&self) -> WhenChanged {
        self.config.changed
    }

    /// The definitions that the configuration pins for a tool: it must have one of them.
    pub(crate) fn definitions_of(&self, tool: &str) -> Vec<Digest> {
        self.config.definitions_of(tool)
    }

    /// The least that an agent must prove to call a tool.
    pub(crate) fn least_proof(&self, tool: &str) -> LeastProof {
        self.config.least_proof(tool)
    }

    /// Whether any judge is a candidate, or has one.
    pub(crate) const fn has_candidates(&self) -> bool {
        self.has_candidates
    }

    /// Those that see what comes back, in order.
    pub(crate) fn reviewers(&self) -> &[Arc<Binding>] {
        &self.reviewers
    }

    /// The bindings of one world that are bound to a tool, in order.
    pub(crate) fn bound<'a>(
        &'a self,
        world: World,
        tool: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Binding>> {
        let bindings = match world {
            World::Policy => &self.judges,
            World::Editor => &self.editors,
            World::Reviewer => &self.reviewers,
        };
        bindings
            .iter()
            .filter(move |binding| binding.is_on_tool(tool))
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("generation", &self.generation)
            .field("policies", &self.policies)
            .field("bindings", &self.bindings)
            .finish_non_exhaustive()
    }
}
