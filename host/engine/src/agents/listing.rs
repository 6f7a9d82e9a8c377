//! Agents as an operator sees them: what was said about each, and what each did.

use gatewright_policy::Timestamp;
use gatewright_policy::agent::{AgentKey, AgentState, Registered, Registry};
use gatewright_policy::pattern::Scope;
use serde::Serialize;

use super::inventory::{Inventory, Seen};

/// Most bytes of the agents on one page, give or take one of them.
const LISTING_BYTES_MAX: usize = 1 << 20;

/// Which agents are meant.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Those of this id.
    pub id: Option<String>,
    /// Those of this owner.
    pub owner: Option<String>,
    /// Those of this issuer.
    pub issuer: Option<String>,
    /// Those after this place in the list.
    pub offset: usize,
    /// No more than so many.
    pub limit: usize,
}

/// Some of the agents.
#[derive(Clone, Debug, Serialize)]
pub struct Listing {
    /// How many there are.
    pub count: usize,
    /// Those that were asked for, by id.
    pub agents: Vec<Listed>,
}

/// One agent.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// Which.
    #[serde(flatten)]
    pub agent: AgentKey,
    /// Whether somebody registered it.
    pub registered: bool,
    /// Whether it may go on, whoever stopped it.
    pub state: AgentState,
    /// What stopped it: `agent`, `owner` or `issuer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<&'static str>,
    /// Who said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// The tool servers that it may reach; none: whatever its credentials cover.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servers: Option<Vec<String>>,
    /// Nobody answers for it.
    pub orphan: bool,
    /// When it was first seen, as far as is remembered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// Calls that went ahead.
    pub allowed: u64,
    /// Calls that were refused or held.
    pub refused: u64,
    /// Scopes of its latest credential.
    pub granted: Vec<String>,
    /// What it used of them.
    pub used: Vec<UsedTool>,
    /// Calls of tools beyond those.
    #[serde(skip_serializing_if = "is_zero")]
    pub used_beyond: u64,
    /// Scopes of which it used nothing.
    pub never_used: Vec<String>,
}

/// A tool that an agent used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UsedTool {
    /// Of which tool server.
    pub server: String,
    /// Its name.
    pub name: String,
    /// How often.
    pub calls: u64,
    /// When last.
    pub last: Timestamp,
}

// === impl Listing ===

impl Listing {
    /// The agents that are registered or were seen, of those that are meant, as long as
    /// there is room for them.
    pub(crate) fn of(registry: &Registry, inventory: &Inventory, selection: &Selection) -> Self {
        let seen = inventory.keys();
        let registered = registry.agents().map(|it| &it.agent);
        let meant = registered.chain(&seen).filter(|agent| {
            let owner = || registry.agent(&agent.id, &agent.issuer)?.owner.as_ref();
            selection.id.as_ref().is_none_or(|id| *id == agent.id)
                && selection
                    .issuer
                    .as_ref()
                    .is_none_or(|it| *it == agent.issuer)
                && selection
                    .owner
                    .as_ref()
                    .is_none_or(|it| owner() == Some(it))
        });
        let mut meant: Vec<&AgentKey> = meant.collect();
        meant.sort_unstable();
        meant.dedup();
        let count = meant.len();
        let mut agents = Vec::new();
        let mut bytes = 0;
        for agent in meant
            .into_iter()
            .skip(selection.offset)
            .take(selection.limit)
        {
            let seen = inventory.agent(&agent.id, &agent.issuer);
            let listed = Listed::of(registry, agent.clone(), seen);
            bytes += serde_json::to_vec(&listed).map_or(0, |json| json.len());
            agents.push(listed);
            if bytes >= LISTING_BYTES_MAX {
                break;
            }
        }
        Self { count, agents }
    }
}

// === impl Listed ===

impl Listed {
    fn of(registry: &Registry, agent: AgentKey, seen: Option<Seen>) -> Self {
        let known = registry.agent(&agent.id, &agent.issuer);
        let known = known.map(|known| Registered::clone(known));
        let owner = known.as_ref().and_then(|known| known.owner.clone());
        let all_of_owner = owner.as_ref().and_then(|owner| registry.owner(owner));
        let all_of_issuer = registry.issuer(&agent.issuer);
        let said = known
            .iter()
            .map(|it| ("agent", it.state, &it.by, &it.why, it.since));
        let of_owner = all_of_owner
            .iter()
            .map(|it| ("owner", it.state, &it.by, &it.why, it.since));
        let of_issuer = all_of_issuer
            .iter()
            .map(|it| ("issuer", it.state, &it.by, &it.why, it.since));
        let said: Vec<_> = said.chain(of_owner).chain(of_issuer).collect();
        let state = said
            .iter()
            .fold(AgentState::Active, |state, said| state.tighter(said.1));
        // What stopped it says why; where nothing did, who registered it.
        let why = said.iter().find(|said| said.1 == state);
        let stopped = why.filter(|said| said.1 != AgentState::Active);
        let stopped = stopped.map(|said| said.0);
        let (by, words, since) = match why {
            Some((_, _, by, why, since)) => {
                (Some((*by).clone()), Some((*why).clone()), Some(*since))
            }
            None => (None, None, None),
        };
        let used = seen.as_ref().map(used).unwrap_or_default();
        let granted = seen
            .as_ref()
            .map_or_else(Vec::new, |seen| seen.granted.clone());
        let never_used = granted.iter().filter(|scope| !is_used(scope, &used));
        Self {
            never_used: never_used.cloned().collect(),
            registered: known.as_ref().is_some_and(|known| !known.only_stopped),
            orphan: owner.is_none(),
            state,
            stopped,
            by,
            why: words,
            since,
            purpose: known
                .as_ref()
                .map_or_else(String::new, |it| it.purpose.clone()),
            servers: known.and_then(|known| known.servers),
            owner,
            first_seen: seen.as_ref().map(|seen| seen.first),
            last_seen: seen.as_ref().map(|seen| seen.last),
            allowed: seen.as_ref().map_or(0, |seen| seen.allowed),
            refused: seen.as_ref().map_or(0, |seen| seen.refused),
            used_beyond: seen.as_ref().map_or(0, |seen| seen.used_beyond),
            agent,
            granted,
            used,
        }
    }
}

fn used(seen: &Seen) -> Vec<UsedTool> {
    let tools = seen.used.iter().flat_map(|(server, names)| {
        names.iter().map(move |(name, used)| UsedTool {
            server: server.to_string(),
            name: name.to_string(),
            calls: used.calls,
            last: used.last,
        })
    });
    let mut tools: Vec<_> = tools.collect();
    tools.sort_by(|one, other| (&one.server, &one.name).cmp(&(&other.server, &other.name)));
    tools
}

fn is_used(scope: &str, used: &[UsedTool]) -> bool {
    // What is no scope is what the record had no room for: nobody knows.
    let Ok(scope) = Scope::parse(scope) else {
        return true;
    };
    used.iter()
        .any(|tool| scope.covers(&tool.server, &tool.name))
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}
