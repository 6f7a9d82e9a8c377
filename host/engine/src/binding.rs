//! A policy at work: a loaded guest, what it is bound to and what it may do.

use std::collections::BTreeSet;
use std::sync::Arc;

use gatewright_policy::pattern::Pattern;
use gatewright_policy::{Authority, Budgets, Digest, Mode, Power, Rollout};
use gatewright_sandbox::{Guest, World};

use crate::config::UnknownArguments;

/// One binding of a snapshot.
#[derive(Clone)]
pub struct Binding {
    /// Names it in records and messages.
    pub name: Arc<str>,
    /// Servers it is bound to.
    pub servers: Vec<Pattern>,
    /// Tools, prompts and resource URIs it is bound to.
    pub tools: Vec<Pattern>,
    /// What it may do.
    pub authority: Authority,
    /// Whose calls it counts for.
    pub rollout: Rollout,
    /// What the operator set aside for what it charges, by name.
    pub budgets: Arc<Budgets>,
    /// The ids of its rules.
    pub rules: Arc<BTreeSet<String>>,
    /// JSON Pointers into arguments that approvers are not shown.
    pub masks: Vec<String>,
    /// What becomes of arguments that no pinned schema names.
    pub unknown_arguments: UnknownArguments,
    /// Digest of its settings.
    pub settings: Digest,
    /// The policy.
    pub guest: Guest,
}

impl Binding {
    /// Whether it counts for the calls of an agent.
    pub fn mode(&self, agent: &str) -> Mode {
        self.rollout.mode(agent)
    }

    /// Whether it is bound to anything of a server.
    pub fn is_on_server(&self, server: &str) -> bool {
        self.servers.iter().any(|pattern| pattern.matches(server))
    }

    /// Whether it is bound to a tool, prompt or resource.
    pub fn is_on_tool(&self, name: &str) -> bool {
        self.tools.iter().any(|pattern| pattern.matches(name))
    }
}

/// What a binding may do where its configuration does not say.
pub fn default_authority(world: World) -> Authority {
    match world {
        World::Policy => [Power::Allow, Power::Deny, Power::Ask]
            .into_iter()
            .collect(),
        World::Editor => [Power::Edit].into_iter().collect(),
        World::Reviewer => [Power::Edit, Power::Label, Power::Block]
            .into_iter()
            .collect(),
    }
}

impl std::fmt::Debug for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Binding")
            .field("name", &self.name)
            .field("component", &self.guest.digest())
            .field("rollout", &self.rollout)
            .finish_non_exhaustive()
    }
}
