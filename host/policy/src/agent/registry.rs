//! The registry: who may go on, looked up on every call.

use std::collections::HashMap;
use std::sync::Arc;

use super::asker::{Asker, Stopped, Unregistered};
use super::row::{PinnedTool, Registered, Revoked, Row, Stop};
use super::state::AgentState;
use crate::definition::Definition;
use crate::timestamp::Timestamp;

/// Everything that operators said about agents, and which tools are as somebody knows them. To copy it and change the copy costs
/// about as much as its largest table has rows.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    issuers: HashMap<Arc<str>, OfIssuer>,
    owners: HashMap<Arc<str>, Arc<Stop>>,
    revoked: Arc<HashMap<Arc<str>, Arc<Revoked>>>,
    tools: HashMap<Arc<str>, Arc<OfServer>>,
    agents: usize,
}

/// The pinned tools of a server, by name.
type OfServer = HashMap<Arc<str>, Arc<Tool>>;

/// A tool whose definition is pinned.
#[derive(Clone, Debug)]
pub struct Tool {
    /// What is said about it.
    pub row: PinnedTool,
    /// The definition, read.
    pub definition: Arc<Definition>,
}

#[derive(Clone, Debug, Default)]
struct OfIssuer {
    stop: Option<Arc<Stop>>,
    agents: Arc<HashMap<Arc<str>, Arc<Registered>>>,
}

// === impl Registry ===

impl Registry {
    /// Whether somebody may do what it is about to do. Looks a few names up, and takes no
    /// lock.
    pub fn admits(&self, asker: &Asker) -> Result<(), Stopped> {
        self.admits_tokens(asker)?;
        let subject = &asker.subject;
        let Some(of_issuer) = self.issuers.get(subject.issuer.as_str()) else {
            return unregistered(asker);
        };
        if let Some(stop) = &of_issuer.stop {
            passes(stop.state, Stopped::ISSUER_SUSPENDED)?;
        }
        // Who handed its rights on stands for those that it handed them to, and they reach
        // no further than it does.
        for above in &subject.delegation {
            let Some(above) = of_issuer.agents.get(above.as_str()) else {
                continue;
            };
            if self.admits_registered(above).is_err() {
                return Err(Stopped::CHAIN_SUSPENDED);
            }
            reaches(above, &asker.server)?;
        }
        let first = subject.delegation.first();
        let first = first.and_then(|first| of_issuer.agents.get(first.as_str()));
        let own = of_issuer.agents.get(subject.id.as_str());
        if let Some(own) = own {
            self.admits_registered(own)?;
            reaches(own, &asker.server)?;
        }
        let own = own.filter(|own| !own.only_stopped);
        let first = first.filter(|first| !first.only_stopped);
        // A name that a stranger gives to its delegate makes nobody known.
        let known = match subject.delegation.is_empty() {
            true => own,
            false => first,
        };
        match known {
            Some(_) => Ok(()),
            None => unregistered(asker),
        }
    }

    fn admits_tokens(&self, asker: &Asker) -> Result<(), Stopped> {
        if self.revoked.is_empty() {
            return Ok(());
        }
        let revoked = |token: &String| self.revoked.get(token.as_str());
        let own = asker.tokens.own.iter().filter_map(revoked);
        let parents = asker.tokens.parents.iter().filter_map(revoked);
        match own.filter(|own| !own.below).chain(parents).next() {
            Some(_) => Err(Stopped::REVOKED),
            None => Ok(()),
        }
    }

    fn admits_registered(&self, registered: &Registered) -> Result<(), Stopped> {
        passes(registered.state, Stopped::SUSPENDED)?;
        let owner = registered.owner.as_deref();
        match owner.and_then(|owner| self.owners.get(owner)) {
            Some(stop) => passes(stop.state, Stopped::OWNER_SUSPENDED),
            None => Ok(()),
        }
    }

    /// An agent, if it is registered.
    pub fn agent(&self, id: &str, issuer: &str) -> Option<&Arc<Registered>> {
        self.issuers.get(issuer)?.agents.get(id)
    }

    /// What was said about all agents of an owner.
    pub fn owner(&self, name: &str) -> Option<&Arc<Stop>> {
        self.owners.get(name)
    }

    /// What was said about all agents of an issuer.
    pub fn issuer(&self, name: &str) -> Option<&Arc<Stop>> {
        self.issuers.get(name)?.stop.as_ref()
    }

    /// Every agent that is registered, in no order.
    pub fn agents(&self) -> impl Iterator<Item = &Arc<Registered>> {
        self.issuers.values().flat_map(|it| it.agents.values())
    }

    /// Everything that is revoked, in no order.
    pub fn revoked(&self) -> impl Iterator<Item = &Arc<Revoked>> {
        self.revoked.values()
    }

    /// The pin of a tool.
    pub fn tool(&self, server: &str, name: &str) -> Option<&Arc<Tool>> {
        self.tools.get(server)?.get(name)
    }

    /// Every tool of a server that is pinned, in no order.
    pub fn tools_of(&self, server: &str) -> impl Iterator<Item = &Arc<Tool>> {
        self.tools
            .get(server)
            .into_iter()
            .flat_map(|it| it.values())
    }

    /// Every tool that is pinned, in no order.
    pub fn tools(&self) -> impl Iterator<Item = &Arc<Tool>> {
        self.tools.values().flat_map(|it| it.values())
    }

    /// How many agents there are.
    pub const fn len(&self) -> usize {
        self.agents
    }

    /// Whether nobody ever said anything.
    pub fn is_empty(&self) -> bool {
        self.issuers.is_empty()
            && self.owners.is_empty()
            && self.revoked.is_empty()
            && self.tools.is_empty()
    }

    /// Whether anything was ever said of an issuer or of one of its agents.
    pub(super) fn knows_issuer(&self, name: &str) -> bool {
        self.issuers.contains_key(name)
    }

    /// How many owners, and how many issuers, somebody stopped.
    pub(super) fn stops(&self) -> (usize, usize) {
        let issuers = self.issuers.values().filter(|it| it.stop.is_some());
        (self.owners.len(), issuers.count())
    }

    /// What was said of a credential or a key.
    pub(super) fn revocation(&self, token: &str) -> Option<&Arc<Revoked>> {
        self.revoked.get(token)
    }

    /// How many credentials and keys are revoked.
    pub(super) fn revocations(&self) -> usize {
        self.revoked.len()
    }

    /// Every row that still counts, in no order.
    pub fn rows(&self, now: Timestamp) -> Vec<Row> {
        let agents = self.agents().map(|it| Row::Agent(Registered::clone(it)));
        let owners = self.owners.values().map(|it| Row::Owner(Stop::clone(it)));
        let issuers = self.issuers.values().filter_map(|it| it.stop.as_ref());
        let issuers = issuers.map(|it| Row::Issuer(Stop::clone(it)));
        let lasts = |it: &&Arc<Revoked>| it.until.is_none_or(|until| now < until);
        let revoked = self.revoked.values().filter(lasts);
        let revoked = revoked.map(|it| Row::Revoked(Revoked::clone(it)));
        let tools = self.tools().map(|it| Row::Tool(it.row.clone()));
        let rows = agents.chain(owners).chain(issuers);
        rows.chain(revoked).chain(tools).collect()
    }

    /// Puts a row in its place.
    pub fn set(&mut self, row: Row) {
        match row {
            Row::Agent(registered) => {
                let issuer = Arc::from(registered.agent.issuer.as_str());
                let id = Arc::from(registered.agent.id.as_str());
                let agents = &mut self.issuers.entry(issuer).or_default().agents;
                let before = Arc::make_mut(agents).insert(id, Arc::new(registered));
                self.agents += usize::from(before.is_none());
            }
            Row::Owner(stop) => {
                let name = Arc::from(stop.name.as_str());
                self.owners.insert(name, Arc::new(stop));
            }
            Row::Issuer(stop) => {
                let name = Arc::from(stop.name.as_str());
                self.issuers.entry(name).or_default().stop = Some(Arc::new(stop));
            }
            Row::Revoked(revoked) => {
                let token = Arc::from(revoked.token.as_str());
                Arc::make_mut(&mut self.revoked).insert(token, Arc::new(revoked));
            }
            Row::Tool(row) => {
                let server = Arc::from(row.server.as_str());
                let name = Arc::from(row.name.as_str());
                let definition = Definition::known(row.digest, &row.definition);
                let tool = Tool {
                    row,
                    definition: Arc::new(definition),
                };
                let tools = self.tools.entry(server).or_default();
                Arc::make_mut(tools).insert(name, Arc::new(tool));
            }
        }
    }

    /// Lets go of revocations of what has ended anyway.
    pub fn forget_ended(&mut self, now: Timestamp) {
        let ended = |it: &Arc<Revoked>| it.until.is_some_and(|until| until <= now);
        if self.revoked.values().any(ended) {
            Arc::make_mut(&mut self.revoked).retain(|_, it| !ended(it));
        }
    }
}

fn unregistered(asker: &Asker) -> Result<(), Stopped> {
    match asker.unregistered {
        Unregistered::Allow => Ok(()),
        Unregistered::Refuse => Err(Stopped::UNKNOWN),
    }
}

/// Whether an agent is registered for a tool server.
fn reaches(registered: &Registered, server: &str) -> Result<(), Stopped> {
    let servers = registered.servers.as_ref();
    match servers.is_none_or(|servers| servers.iter().any(|name| name == server)) {
        true => Ok(()),
        false => Err(Stopped::SERVER),
    }
}

const fn passes(state: AgentState, suspended: Stopped) -> Result<(), Stopped> {
    match state {
        AgentState::Active => Ok(()),
        AgentState::Suspended => Err(suspended),
        AgentState::Decommissioned => Err(Stopped::DECOMMISSIONED),
    }
}
