//! The registry: who may go on, looked up on every call, and what a change makes of it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::asker::{Asker, Stopped, Unregistered};
use super::change::{Change, ChangeError, Target, What};
use super::key::AgentKey;
use super::row::{Registered, Registration, Revoked, Row, Stop};
use super::state::{AgentState, Turn};
use crate::timestamp::Timestamp;

/// Most agents that are registered: a start reads all of them.
pub const AGENTS_MAX: usize = 1 << 17;

/// Most owners, and most issuers, of which everything was ever stopped.
pub const STOPS_MAX: usize = 4096;

/// Most credentials and keys that are revoked. To make room, stop the agent.
pub const REVOKED_MAX: usize = 1 << 16;

/// Everything that operators said about agents. To copy it and change the copy costs
/// about as much as its largest table has rows.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    issuers: HashMap<Arc<str>, OfIssuer>,
    owners: HashMap<Arc<str>, Arc<Stop>>,
    revoked: Arc<HashMap<Arc<str>, Arc<Revoked>>>,
    agents: usize,
}

#[derive(Clone, Debug, Default)]
struct OfIssuer {
    stop: Option<Arc<Stop>>,
    agents: Arc<HashMap<Arc<str>, Arc<Registered>>>,
}

/// What a change makes of rows that it did not make yet.
struct Draft<'a> {
    registry: &'a Registry,
    change: &'a Change,
    at: Timestamp,
    /// Whether what may not be is refused; a change that was recorded is not any more.
    strict: bool,
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
        // Who handed its rights on stands for those that it handed them to.
        for above in &subject.delegation {
            if let Some(above) = of_issuer.agents.get(above.as_str())
                && self.admits_registered(above).is_err()
            {
                return Err(Stopped::CHAIN_SUSPENDED);
            }
        }
        let first = subject.delegation.first();
        let first = first.and_then(|first| of_issuer.agents.get(first.as_str()));
        let own = of_issuer.agents.get(subject.id.as_str());
        if let Some(own) = own {
            self.admits_registered(own)?;
        }
        // What an agent makes of its own rights reaches no further than it does.
        for known in first.into_iter().chain(own) {
            let servers = known.servers.as_ref();
            if servers.is_some_and(|servers| !servers.iter().any(|name| **name == *asker.server)) {
                return Err(Stopped::SERVER);
            }
        }
        match own.or(first) {
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

    /// How many agents there are.
    pub const fn len(&self) -> usize {
        self.agents
    }

    /// Whether nobody ever said anything.
    pub fn is_empty(&self) -> bool {
        self.issuers.is_empty() && self.owners.is_empty() && self.revoked.is_empty()
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
        agents.chain(owners).chain(issuers).chain(revoked).collect()
    }

    /// The rows that a change makes; none of what is so already. Nothing is changed yet.
    pub fn draft(&self, change: &Change, at: Timestamp) -> Result<Vec<Row>, ChangeError> {
        change.check()?;
        let draft = Draft {
            registry: self,
            change,
            at,
            strict: true,
        };
        draft.rows()
    }

    /// Makes a change that was recorded: it counts, whatever would be said of it today.
    pub fn redo(&mut self, change: &Change, at: Timestamp) {
        let draft = Draft {
            registry: self,
            change,
            at,
            strict: false,
        };
        for row in draft.rows().unwrap_or_default() {
            self.set(row);
        }
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

// === impl Draft ===

impl Draft<'_> {
    fn rows(&self) -> Result<Vec<Row>, ChangeError> {
        match &self.change.what {
            What::Import(registrations) => self.import(registrations),
            What::Turn { turn, target } => match target {
                Target::Agents(agents) => self.turn_agents(*turn, agents),
                Target::Owner(name) => {
                    let known = self.registry.owners.get(name.as_str());
                    let is_known = known.is_some() || self.has_owner(name);
                    let of = ("owners", self.registry.owners.len());
                    let stop = self.turn_all(*turn, name, (known, is_known), of)?;
                    Ok(stop.map(Row::Owner).into_iter().collect())
                }
                Target::Issuer(name) => {
                    let known = self.registry.issuers.get(name.as_str());
                    let stops = self.registry.issuers.values();
                    let stops = stops.filter(|it| it.stop.is_some()).count();
                    let of = ("issuers", stops);
                    let stop = known.and_then(|it| it.stop.as_ref());
                    let stop = self.turn_all(*turn, name, (stop, known.is_some()), of)?;
                    Ok(stop.map(Row::Issuer).into_iter().collect())
                }
            },
            What::Revoke {
                token,
                below,
                until,
            } => {
                let known = self.registry.revoked.get(token.as_str());
                if known.is_none() && self.strict {
                    full("revocations", self.registry.revoked.len(), REVOKED_MAX)?;
                }
                let mut revoked = Revoked {
                    token: token.clone(),
                    below: *below,
                    until: *until,
                    since: self.at,
                    by: self.change.by.clone(),
                    why: self.change.why.clone(),
                };
                if let Some(known) = known {
                    // What is revoked already stays so, for as long.
                    revoked.below &= known.below;
                    revoked.until = match (known.until, revoked.until) {
                        (Some(one), Some(other)) => Some(one.max(other)),
                        (None, _) | (_, None) => None,
                    };
                    if (revoked.below, revoked.until) == (known.below, known.until) {
                        return Ok(Vec::new());
                    }
                }
                Ok(vec![Row::Revoked(revoked)])
            }
        }
    }

    fn import(&self, registrations: &[Registration]) -> Result<Vec<Row>, ChangeError> {
        let mut rows: Vec<Registered> = Vec::new();
        let mut new = HashSet::new();
        for registration in registrations {
            let known = self.registry.agent(&registration.id, &registration.issuer);
            if known.is_none()
                && new.insert((&registration.id, &registration.issuer))
                && self.strict
            {
                full("agents", self.registry.agents + new.len() - 1, AGENTS_MAX)?;
            }
            let row = self.imported(registration, known.map(|known| &**known));
            if known.is_none_or(|known| **known != row) {
                rows.push(row);
            }
        }
        Ok(rows.into_iter().map(Row::Agent).collect())
    }

    fn imported(&self, registration: &Registration, known: Option<&Registered>) -> Registered {
        let from_file = self.change.from_file;
        let before = known.map_or(AgentState::Active, |known| known.state);
        let by_file = known.is_some_and(|known| known.stopped_by_file);
        // What the file stopped it may let go on; nothing else that is stopped.
        let state = match before {
            AgentState::Suspended if from_file && by_file => registration.state,
            before => before.tighter(registration.state),
        };
        let stopped_by_file = match state {
            AgentState::Active => false,
            AgentState::Suspended | AgentState::Decommissioned if state == before => by_file,
            AgentState::Suspended | AgentState::Decommissioned => from_file,
        };
        let turned = known.is_none_or(|known| known.state != state);
        let said = known.filter(|_| !turned);
        Registered {
            agent: AgentKey {
                id: registration.id.clone(),
                issuer: registration.issuer.clone(),
            },
            owner: registration.owner.clone(),
            purpose: registration.purpose.clone(),
            servers: registration.servers.clone(),
            state,
            since: said.map_or(self.at, |known| known.since),
            by: said.map_or(&self.change.by, |known| &known.by).clone(),
            why: said.map_or(&self.change.why, |known| &known.why).clone(),
            in_file: from_file || known.is_some_and(|known| known.in_file),
            stopped_by_file,
        }
    }

    fn turn_agents(&self, turn: Turn, agents: &[AgentKey]) -> Result<Vec<Row>, ChangeError> {
        let mut rows = Vec::new();
        for agent in agents {
            let known = self.registry.agent(&agent.id, &agent.issuer);
            if known.is_none() && self.strict {
                if turn == Turn::Resume {
                    return Err(ChangeError::Unknown(agent.to_string()));
                }
                full("agents", self.registry.agents + rows.len(), AGENTS_MAX)?;
            }
            let before = known.map_or(AgentState::Active, |known| known.state);
            let Some(state) = self.turned(before, turn, &agent.to_string())? else {
                continue;
            };
            // What the file stopped, an operator may stop too, and then it stays so.
            let from_file = self.change.from_file;
            let is_so = |known: &&Arc<Registered>| known.state == state;
            if known
                .filter(is_so)
                .is_some_and(|known| from_file || !known.stopped_by_file)
            {
                continue;
            }
            let blank = Registered {
                agent: agent.clone(),
                owner: None,
                purpose: String::new(),
                servers: None,
                state,
                since: self.at,
                by: String::new(),
                why: String::new(),
                in_file: false,
                stopped_by_file: false,
            };
            let known = known.map(|known| Registered::clone(known));
            rows.push(Row::Agent(Registered {
                state,
                since: self.at,
                by: self.change.by.clone(),
                why: self.change.why.clone(),
                stopped_by_file: from_file && state != AgentState::Active,
                ..known.unwrap_or(blank)
            }));
        }
        Ok(rows)
    }

    fn turn_all(
        &self,
        turn: Turn,
        name: &str,
        (known, is_known): (Option<&Arc<Stop>>, bool),
        (what, count): (&'static str, usize),
    ) -> Result<Option<Stop>, ChangeError> {
        if self.strict {
            if turn == Turn::Resume && !is_known {
                return Err(ChangeError::Unknown(name.to_owned()));
            }
            if known.is_none() {
                full(what, count, STOPS_MAX)?;
            }
        }
        let before = known.map_or(AgentState::Active, |known| known.state);
        let state = self.turned(before, turn, name)?;
        Ok(state.filter(|state| *state != before).map(|state| Stop {
            name: name.to_owned(),
            state,
            since: self.at,
            by: self.change.by.clone(),
            why: self.change.why.clone(),
        }))
    }

    /// The state after the turn; none where it cannot be taken, and was recorded.
    fn turned(
        &self,
        before: AgentState,
        turn: Turn,
        name: &str,
    ) -> Result<Option<AgentState>, ChangeError> {
        match before.after(turn) {
            Ok(state) => Ok(Some(state)),
            Err(_final) if !self.strict => Ok(None),
            Err(source) => Err(ChangeError::Final {
                name: name.to_owned(),
                source,
            }),
        }
    }

    fn has_owner(&self, name: &str) -> bool {
        let mut agents = self.registry.agents();
        agents.any(|agent| agent.owner.as_deref() == Some(name))
    }
}

fn unregistered(asker: &Asker) -> Result<(), Stopped> {
    match asker.unregistered {
        Unregistered::Allow => Ok(()),
        Unregistered::Refuse => Err(Stopped::UNKNOWN),
    }
}

const fn passes(state: AgentState, suspended: Stopped) -> Result<(), Stopped> {
    match state {
        AgentState::Active => Ok(()),
        AgentState::Suspended => Err(suspended),
        AgentState::Decommissioned => Err(Stopped::DECOMMISSIONED),
    }
}

const fn full(what: &'static str, count: usize, max: usize) -> Result<(), ChangeError> {
    match count >= max {
        true => Err(ChangeError::TooMany { what, max }),
        false => Ok(()),
    }
}
